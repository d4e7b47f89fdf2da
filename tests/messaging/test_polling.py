"""Telegram by long polling: stored before it is confirmed."""

import asyncio

import pytest

from messaging import inbox, polling
from messaging.polling import Poller
from models.inbound import Inbound
from tests.messaging.conftest import Stage
from tests.messaging.failing import second_receive_fails

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def poller(stage: Stage) -> Poller:
    assert stage.messaging.telegram is not None
    assert await stage.messaging.telegram.use_polling()
    await stage.sandbox.chat(4711)
    return Poller(stage.messaging.telegram, stage.messaging.lanes["telegram"])


async def say(stage: Stage, text: str, **more: int) -> None:
    await stage.sandbox.call("POST", "chats/4711/send", bot=stage.sandbox.bot, text=text, **more)


async def test_updates_are_stored_and_then_confirmed(stage: Stage, poller: Poller) -> None:
    await say(stage, "一")
    await say(stage, "二")
    assert await polling.step(stage.office, poller) == 2
    assert await Inbound.all().count() == 2
    await say(stage, "三")
    assert await polling.step(stage.office, poller) == 1
    texts = [row.text for row in await inbox.next_rows(stage.office)]
    assert texts == ["一"]


async def test_what_was_not_stored_is_not_confirmed(
    stage: Stage, poller: Poller, monkeypatch: pytest.MonkeyPatch
) -> None:
    await say(stage, "一")
    await say(stage, "二")
    with second_receive_fails(monkeypatch), pytest.raises(OSError, match="no database"):
        await polling.step(stage.office, poller)
    assert await Inbound.all().count() == 1
    assert await polling.step(stage.office, poller) == 1
    assert await Inbound.all().count() == 2


async def test_repeated_and_jumping_ids_are_stored_once(stage: Stage, poller: Poller) -> None:
    for update_id in (10, 10, 500, 501):
        await say(stage, "x", update_id=update_id)
    again = Poller(poller.chat, poller.lane)
    await polling.step(stage.office, poller)
    assert poller.offset == 502
    await say(stage, "y", update_id=501)
    await polling.step(stage.office, again)
    assert sorted([row.provider_id for row in await Inbound.all()]) == ["10", "500", "501"]


async def test_a_bad_day_of_the_provider_loses_nothing(stage: Stage, poller: Poller) -> None:
    await say(stage, "一")
    for effect in ("status_5xx", "status_429", "reset_before", "accept_then_500"):
        await stage.sandbox.fault(effect, "telegram", {"method": "getUpdates"}, count=1)
        assert await polling.step(stage.office, poller) == 0
    for body in ("empty", "html", "wrong_json", "no_id", "cut"):
        await stage.sandbox.fault("bad_body", "telegram", {"method": "getUpdates"}, count=1, body=body)
        assert await polling.step(stage.office, poller) == 0
    assert await polling.step(stage.office, poller) == 1
    assert await Inbound.all().count() == 1


async def test_the_webhook_is_told_and_works(stage: Stage) -> None:
    await stage.sandbox.chat(4711)
    assert stage.messaging.telegram is not None
    assert await stage.messaging.telegram.use_webhook(f"{stage.url}/hooks/telegram")
    await say(stage, "一")
    async with asyncio.timeout(10):
        while not (bot := await stage.sandbox.call("GET", f"telegram/bots/{stage.sandbox.bot}"))["webhooks"]:
            await asyncio.sleep(0.01)
    assert bot["webhooks"][0]["outcome"] == 200
    assert await Inbound.all().count() == 1
