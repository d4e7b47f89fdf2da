"""Taking what waits at Telegram because the webhook failed, against the sandbox."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from core.clock import HandClock, SystemClock
from messaging import inbox, looking, polling
from messaging.inbox import InboundRow
from messaging.looking import Looker
from messaging.telegram import TelegramChat, Webhook
from models.inbound import Inbound
from tests.messaging.conftest import Lines, Stage
from tests.messaging.failing import second_receive_fails

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MINUTE = timedelta(minutes=1)
CHAT = 4711


@pytest.fixture
def clock() -> HandClock:
    """The sandbox dates its errors by the machine's clock; ours begins there and is moved by hand."""
    return HandClock(SystemClock().now())


def chat_of(stage: Stage) -> TelegramChat:
    assert stage.messaging.telegram is not None
    return stage.messaging.telegram


@pytest.fixture
async def looker(stage: Stage) -> Looker:
    """The webhook is set, and nothing reaches it from now on."""
    await stage.sandbox.chat(CHAT)
    assert await chat_of(stage).use_webhook(f"{stage.url}/hooks/telegram")
    await stage.sandbox.fault("lose_webhook", "telegram")
    looker = looking.looker_for(stage.messaging.lanes["telegram"], chat_of(stage))
    assert looker is not None
    return looker


async def say(stage: Stage, text: str) -> None:
    await stage.sandbox.call("POST", f"chats/{CHAT}/send", bot=stage.sandbox.bot, text=text)


async def mend(stage: Stage) -> None:
    """Let webhooks arrive again."""
    await stage.sandbox.call("DELETE", f"faults?bot={stage.sandbox.bot}")


async def bot(stage: Stage) -> Any:
    return await stage.sandbox.call("GET", f"telegram/bots/{stage.sandbox.bot}")


async def until_failed(stage: Stage) -> None:
    """Wait until the provider has tried the webhook in vain."""
    async with asyncio.timeout(10):
        while (await chat_of(stage).webhook()).last_error_at is None:
            await asyncio.sleep(0.01)


async def until_stored(many: int) -> None:
    async with asyncio.timeout(10):
        while await Inbound.all().count() < many:
            await asyncio.sleep(0.01)


async def look(stage: Stage, looker: Looker, clock: HandClock, after: timedelta = MINUTE) -> int:
    """Let time pass, keep the lane, and look."""
    clock.advance(after)
    assert await looker.lane.is_ready(stage.office)
    return await looking.step(stage.office, looker)


async def handled(stage: Stage) -> list[str | None]:
    """Handle everything that came in; return the texts in order."""
    seen: list[str | None] = []

    async def handle(row: InboundRow) -> None:
        seen.append(row.text)

    while await inbox.step(stage.office, handle):
        pass
    return seen


async def test_what_a_failing_webhook_did_not_bring_is_taken_once(
    stage: Stage, looker: Looker, clock: HandClock, lines: Lines
) -> None:
    said = ["投訴", "一號窗口", "昨天"]
    for each in said:
        await say(stage, each)
    await until_failed(stage)
    assert await look(stage, looker, clock) == 3
    shown = await bot(stage)
    assert (shown["pending"], shown["webhook"]) == (0, f"{stage.url}/hooks/telegram")
    assert await handled(stage) == said
    await mend(stage)
    await say(stage, "SKIP")
    await until_stored(4)
    assert await look(stage, looker, clock, 5 * MINUTE) == 0
    assert await handled(stage) == ["SKIP"]
    lines.assert_without("窗口", str(CHAT), stage.sandbox.bot, stage.url)


async def test_it_is_taken_again_and_again_while_the_webhook_fails(
    stage: Stage, looker: Looker, clock: HandClock
) -> None:
    for round_ in range(3):
        await say(stage, str(round_))
        await until_failed(stage)
        await looker.lane.release()
        assert await looking.step(stage.office, looker) == 0
        assert await look(stage, looker, clock) == 1
    assert await handled(stage) == ["0", "1", "2"]


async def test_what_waits_at_two_looks_is_taken_whatever_failed_when(
    stage: Stage, looker: Looker, clock: HandClock
) -> None:
    await say(stage, "一")
    assert await look(stage, looker, clock, 20 * MINUTE) == 0, "it may be on its way"
    assert await look(stage, looker, clock, 6 * MINUTE) == 1


@ON_SQLITE
async def test_a_webhook_that_works_is_left_alone(stage: Stage, looker: Looker, clock: HandClock) -> None:
    await say(stage, "一")
    await until_failed(stage)
    await mend(stage)
    await until_stored(1)
    deleted = await stage.sandbox.fault("status_5xx", "telegram", {"method": "deleteWebhook"})
    for _ in range(3):
        assert await look(stage, looker, clock, 6 * MINUTE) == 0
    assert (await stage.sandbox.call("GET", f"faults/{deleted['id']}"))["seen"] == 0


async def test_many_wait(stage: Stage, looker: Looker, clock: HandClock) -> None:
    for number in range(230):
        await say(stage, str(number))
    await until_failed(stage)
    assert await look(stage, looker, clock) == 230
    assert await handled(stage) == [str(number) for number in range(230)]


@ON_SQLITE
async def test_a_death_in_between_leaves_no_webhook_and_the_next_look_sets_it(
    stage: Stage, looker: Looker, clock: HandClock
) -> None:
    await mend(stage)
    assert await chat_of(stage).use_polling()
    await say(stage, "一")
    assert await look(stage, looker, clock) == 0
    await until_stored(1)
    assert (await bot(stage))["webhook"] == f"{stage.url}/hooks/telegram"


@ON_SQLITE
async def test_a_webhook_that_somebody_set_elsewhere_is_left_alone(
    stage: Stage, looker: Looker, clock: HandClock, lines: Lines
) -> None:
    elsewhere = "http://127.0.0.1:9/another"
    assert await chat_of(stage).use_webhook(elsewhere)
    await say(stage, "一")
    await until_failed(stage)
    for _ in range(3):
        assert await look(stage, looker, clock, 6 * MINUTE) == 0
    assert (await bot(stage))["webhook"] == elsewhere
    assert "pending.other_webhook" in str(lines)
    lines.assert_without(elsewhere)


TROUBLE = ["getWebhookInfo", "deleteWebhook", "getUpdates", "setWebhook"]
EFFECTS: list[dict[str, Any]] = [
    {"effect": "status_5xx"},
    {"effect": "status_429", "retry_after": 20},
    {"effect": "reset_before"},
    {"effect": "accept_then_500"},
    {"effect": "bad_body", "body": "wrong_json"},
]


@ON_SQLITE
@pytest.mark.parametrize("method", TROUBLE)
@pytest.mark.parametrize("effect", EFFECTS, ids=str)
async def test_trouble_at_any_step_heals_at_the_next_look(
    stage: Stage, looker: Looker, clock: HandClock, lines: Lines, method: str, effect: dict[str, Any]
) -> None:
    await say(stage, "一")
    await until_failed(stage)
    fault = await stage.sandbox.fault(**effect, provider="telegram", match={"method": method}, count=1)
    await look(stage, looker, clock)
    assert await looking.step(stage.office, looker) == 0, "held or at rest"
    assert (await stage.sandbox.call("GET", f"faults/{fault['id']}"))["fired"] == 1
    await look(stage, looker, clock)
    await look(stage, looker, clock, 6 * MINUTE)
    shown = await bot(stage)
    assert (shown["pending"], shown["webhook"]) == (0, f"{stage.url}/hooks/telegram")
    assert await handled(stage) == ["一"]
    lines.assert_without(stage.sandbox.bot, str(CHAT))


async def test_without_a_database_nothing_is_confirmed_and_the_webhook_is_set_again(
    stage: Stage, looker: Looker, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in "一二三":
        await say(stage, each)
    await until_failed(stage)
    with second_receive_fails(monkeypatch), pytest.raises(OSError, match="no database"):
        await look(stage, looker, clock)
    shown = await bot(stage)
    assert (shown["pending"], shown["webhook"]) == (3, f"{stage.url}/hooks/telegram")
    await until_failed(stage)
    assert await look(stage, looker, clock) == 3
    assert await handled(stage) == ["一", "二", "三"]


@ON_SQLITE
async def test_the_lane_is_lost_in_the_middle(
    stage: Stage, looker: Looker, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await say(stage, "一")
    await until_failed(stage)
    take = polling.take

    async def slow(*given: Any, **more: Any) -> int:
        clock.advance(MINUTE)
        return await take(*given, **more)

    monkeypatch.setattr(polling, "take", slow)
    assert await look(stage, looker, clock) == 0
    assert (await bot(stage))["webhook"] == f"{stage.url}/hooks/telegram"
    assert await handled(stage) == ["一"]


@ON_SQLITE
async def test_only_the_owner_of_the_lane_looks(stage: Stage, looker: Looker) -> None:
    await say(stage, "一")
    await until_failed(stage)
    assert await looking.step(stage.office, looker) == 0
    assert (await bot(stage))["pending"] == 1


@ON_SQLITE
async def test_by_polling_there_is_nothing_to_look_for(stage: Stage) -> None:
    object.__setattr__(chat_of(stage).settings, "mode", "polling")
    assert looking.looker_for(stage.messaging.lanes["telegram"], chat_of(stage)) is None


@ON_SQLITE
async def test_what_the_provider_says_of_the_webhook(stage: Stage, looker: Looker) -> None:
    said = await chat_of(stage).webhook()
    assert (said.url, said.pending) == (f"{stage.url}/hooks/telegram", 0)
    assert isinstance(said, Webhook)
