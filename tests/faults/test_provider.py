"""F7 to F11: the provider hangs, resets, throttles, answers 500 after accepting, answers nonsense."""

from datetime import timedelta
from typing import Any

import pytest

from core.clock import HandClock
from models.lane import Lane
from models.outgoing import Attempt, Message
from tests.faults.oracle import PROVIDERS, check, drain, until_settled
from tests.messaging.conftest import Lines, Stage

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CHANNELS = pytest.mark.parametrize("channel", ["sms", "telegram"])
MANY = 8


async def receipts_come_late(stage: Stage, ms: int = 400) -> None:
    """What is sent again would be before they settle it."""
    await stage.sandbox.fault("late_receipt", ms=ms)


async def told(stage: Stage, channel: str, many: int = MANY) -> None:
    """Enqueue one message to each of so many people."""
    for number in range(many):
        chat = 470000 + number
        if channel == "telegram":
            await stage.sandbox.chat(chat)
        to = str(chat) if channel == "telegram" else f"+86138000010{number:02}"
        await stage.say(to, f"第 {number} 条", channel=channel)


async def fault(stage: Stage, channel: str, effect: str, **more: Any) -> str:
    made = await stage.sandbox.fault(effect, PROVIDERS[channel], **more)
    return str(made["id"])


async def ends(stage: Stage, clock: HandClock, channel: str) -> int:
    """Send all; return how many are `unknown` after the receipts, which the chat has none of."""
    await drain(stage, clock, channel)
    if channel == "sms":
        await until_settled(stage)
    return (await check(stage))["unknown"]


@CHANNELS
async def test_f7_accepts_then_hangs(stage: Stage, clock: HandClock, channel: str) -> None:
    await receipts_come_late(stage, 1300)
    await fault(stage, channel, "hang_after_accept", match={"every": 4})
    await told(stage, channel)
    unknown = await ends(stage, clock, channel)
    assert len(await stage.sandbox.ledger(PROVIDERS[channel])) == MANY, "the others did not wait for it"
    assert unknown == (2 if channel == "telegram" else 0)


@CHANNELS
async def test_f7_hangs_and_never_accepts(stage: Stage, clock: HandClock, channel: str) -> None:
    await fault(stage, channel, "hang_before", match={"every": 4})
    await told(stage, channel)
    assert await ends(stage, clock, channel) == 2
    assert len(await stage.sandbox.ledger(PROVIDERS[channel])) == MANY - 2


@CHANNELS
@pytest.mark.parametrize("effect", ["reset_before", "reset_after_accept"])
async def test_f8_reset(stage: Stage, clock: HandClock, channel: str, effect: str) -> None:
    await receipts_come_late(stage)
    made = await fault(stage, channel, effect, match={"every": 3})
    await told(stage, channel)
    unknown = await ends(stage, clock, channel)
    struck = (await stage.sandbox.call("GET", f"faults/{made}"))["fired"]
    assert struck == MANY // 3
    settled = struck if effect == "reset_after_accept" and channel == "sms" else 0
    assert unknown == struck - settled


@CHANNELS
async def test_f10_500_after_accepting(stage: Stage, clock: HandClock, channel: str) -> None:
    await receipts_come_late(stage)
    await fault(stage, channel, "accept_then_500")
    await told(stage, channel)
    unknown = await ends(stage, clock, channel)
    assert len(await stage.sandbox.ledger(PROVIDERS[channel])) == MANY
    assert unknown == (MANY if channel == "telegram" else 0)


BODIES = ("empty", "html", "wrong_json", "no_id", "huge", "cut")


@CHANNELS
async def test_f11_answers_that_say_nothing(stage: Stage, clock: HandClock, lines: Lines, channel: str) -> None:
    await receipts_come_late(stage)
    for number, body in enumerate(BODIES, 1):
        await fault(stage, channel, "bad_body", match={"nth": number}, body=body)
    await told(stage, channel)
    unknown = await ends(stage, clock, channel)
    assert len(await stage.sandbox.ledger(PROVIDERS[channel])) == MANY
    assert unknown == (len(BODIES) if channel == "telegram" else 0)
    lines.assert_without("Welcome to the proxy", "unexpected", "padding")


TOLD = [None, "", "-5", "0", "nan", "soon", "Wed, 21 Oct 2026 07:28:00 GMT", "1e9", "inf", "9" * 400]


@CHANNELS
@pytest.mark.parametrize("retry_after", TOLD, ids=lambda each: str(each)[:12])
@ON_SQLITE
async def test_f9_429_with_an_absurd_time(
    stage: Stage, clock: HandClock, channel: str, retry_after: str | None
) -> None:
    """The lane waits a second at least and a quarter of an hour at most, and no try is lost."""
    await fault(stage, channel, "status_429", count=1, retry_after=retry_after)
    await told(stage, channel, 1)
    await stage.send(channel)
    assert (await Message.get()).state == "queued"
    assert await stage.send(channel) == 0
    clock.advance(timedelta(seconds=901))
    assert await stage.send(channel) == 1
    message = await Message.get()
    assert (message.state == "accepted" or channel == "sms", message.tries) == (True, 1)
    await check(stage)


@CHANNELS
async def test_f9_a_storm_of_429(stage: Stage, clock: HandClock, channel: str) -> None:
    """Most are refused, with all sorts of times: everybody gets it once, and no try is lost."""
    for seed, retry_after in enumerate(("2", None, "-1", "soon")):
        more = {"seed": seed, "retry_after": retry_after, "count": 12}
        await fault(stage, channel, "status_429", probability=0.6, **more)
    await told(stage, channel)
    began = clock.now()
    unknown = await ends(stage, clock, channel)
    assert unknown == 0
    assert len(await stage.sandbox.ledger(PROVIDERS[channel])) == MANY
    assert {m.tries for m in await Message.all()} == {1}, "a 429 costs no try"
    assert await Attempt.filter(outcome="throttled").count() > MANY
    assert clock.now() > began
    assert (await Lane.get(channel=channel)).last_error == "http_429"
