"""F14: Telegram's update ids come again, with gaps, at random; by webhook and by polling."""

import asyncio
import random

import pytest

from messaging import polling
from messaging.polling import Poller
from models.inbound import Inbound
from tests.messaging.conftest import Stage

CHAT = 4711
LAST = 2**31 - 1


async def say(stage: Stage, text: str, update_id: int) -> None:
    path = f"chats/{CHAT}/send"
    await stage.sandbox.call("POST", path, bot=stage.sandbox.bot, text=text, update_id=update_id)


async def kept(stage: Stage) -> list[str]:
    """Return the texts that were stored, in the order of arrival."""
    rows = await Inbound.all().order_by("id")
    return [stage.office.key.decrypt(row.body) for row in rows if row.body]


@pytest.fixture
async def poller(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Poller:
    assert stage.messaging.telegram is not None
    monkeypatch.setattr(polling, "POLL_SECONDS", 0)
    await stage.messaging.telegram.use_polling()
    await stage.sandbox.chat(CHAT)
    return Poller(stage.messaging.telegram, stage.messaging.lanes["telegram"])


async def polled(stage: Stage, poller: Poller) -> None:
    while await polling.step(stage.office, poller):
        pass


async def hooked(stage: Stage) -> None:
    """Wait until the webhook has been told all."""
    async with asyncio.timeout(10):
        while (await stage.sandbox.call("GET", f"telegram/bots/{stage.sandbox.bot}"))["pending"]:
            await asyncio.sleep(0.01)


ORDERS = {
    "again": [5, 5, 6, 5, 6, 7, 7],
    "gaps": [1, 2, 900, 901, 70_000, LAST],
    "random": random.Random(14).sample(range(LAST), 12),
}


@pytest.mark.parametrize("ids", ORDERS.values(), ids=ORDERS)
async def test_f14_by_webhook_each_id_is_stored_once(stage: Stage, ids: list[int]) -> None:
    await stage.sandbox.chat(CHAT)
    assert stage.messaging.telegram is not None
    for each in ids:
        await say(stage, f"第 {each} 号", each)
    assert await stage.messaging.telegram.use_webhook(f"{stage.url}/hooks/telegram")
    await hooked(stage)
    assert await kept(stage) == [f"第 {each} 号" for each in dict.fromkeys(ids)]


@pytest.mark.parametrize("ids", [ORDERS["again"][:3], ORDERS["gaps"]], ids=["again", "gaps"])
async def test_f14_by_polling_each_id_is_stored_once(stage: Stage, poller: Poller, ids: list[int]) -> None:
    for each in ids:
        await say(stage, f"第 {each} 号", each)
    await polled(stage, poller)
    assert await kept(stage) == [f"第 {each} 号" for each in dict.fromkeys(ids)]


async def test_f14_by_polling_lower_ids_after_a_silence_are_not_thrown_away(stage: Stage, poller: Poller) -> None:
    """After a week without updates the ids go on at random, so perhaps below what was confirmed."""
    for silence, first in enumerate((1_000_000, 500, 2_000_000, 3)):
        await say(stage, f"{silence} 一", first)
        await say(stage, f"{silence} 二", first + 1)
        await polled(stage, poller)
    assert await kept(stage) == [f"{silence} {each}" for silence in range(4) for each in "一二"]


async def test_f14_by_polling_a_restart_asks_again_and_stores_once(stage: Stage, poller: Poller) -> None:
    for each in (10, 11, 40):
        await say(stage, f"第 {each} 号", each)
    assert await polling.step(stage.office, poller) == 3
    again = Poller(poller.chat, poller.lane)  # what was confirmed last was lost with the process
    await polled(stage, again)
    assert await Inbound.all().count() == 3
