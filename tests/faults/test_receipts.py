"""F12: receipts come twice, shuffled, before our own commit, for what we never sent, two days late."""

import asyncio
import itertools
from datetime import timedelta
from typing import Any

import pytest

from core.clock import HandClock
from messaging import asking, receipts
from messaging.asking import Asker
from messaging.channel import Report
from models.outgoing import Attempt, Message, Receipt
from models.states import MessageState
from tests.faults.oracle import check, drain, until_settled
from tests.faults.test_bad_input import signed
from tests.faults.test_provider import MANY, told
from tests.messaging.conftest import Stage


async def reported(stage: Stage, attempt: Attempt, status: str, **more: str) -> int:
    """Post a receipt as the provider does; return our answer's status."""
    own = {"AccountSid": stage.sandbox.account, "MessageSid": str(attempt.provider_id), "MessageStatus": status}
    path = f"/hooks/twilio/status/{attempt.token}"
    form = own | more
    async with stage.sandbox.session.post(stage.url + path, data=form, headers=signed(stage, path, form)) as answer:
        return answer.status


async def test_f12_twice_and_shuffled_every_message_ends_delivered(stage: Stage, clock: HandClock) -> None:
    await stage.sandbox.fault("duplicate_receipt")
    await stage.sandbox.fault("shuffle_receipts", match={"every": 2})
    await told(stage, "sms")
    await drain(stage, clock)
    await until_settled(stage)
    assert await check(stage) == {"delivered": MANY}
    assert await Receipt.all().count() == 3 * MANY, "queued, sent, delivered of each, kept once"


async def test_f12_early_the_receipts_are_in_before_the_answer(stage: Stage, clock: HandClock) -> None:
    """The answer of each send comes after its receipts; settling must not move the message back."""
    await stage.sandbox.fault("hang_after_accept", ms=300)
    await told(stage, "sms")
    sending = asyncio.create_task(stage.send())
    async with asyncio.timeout(10):
        while not await Message.filter(state="delivered").exists():
            assert not sending.done()
            await asyncio.sleep(0.01)
    assert await Attempt.filter(outcome=None).exists(), "no answer yet"
    await sending
    await until_settled(stage)
    assert await check(stage) == {"delivered": MANY}
    assert {a.outcome for a in await Attempt.all()} == {"accepted"}


@pytest.mark.parametrize("first", ["delivered", "undelivered"])
async def test_f12_forty_eight_hours_late(stage: Stage, clock: HandClock, first: str) -> None:
    """Also after we have given up asking about it, a day later: the receipt still settles what was unknown."""
    await stage.sandbox.fault("lose_receipt")
    await stage.sandbox.fault("accept_then_500")
    await stage.sandbox.fault("status_5xx", match={"method": "list"})
    await told(stage, "sms", 2)
    await drain(stage, clock)
    assert stage.messaging.twilio is not None
    asker = Asker(stage.sender("sms").lane, stage.messaging.twilio)
    for _ in range(48):
        clock.advance(timedelta(hours=1))
        await stage.send()
        await asking.step(stage.office, asker)
    assert await check(stage) == {"unknown": 2}
    ids = [row["id"] for row in await stage.sandbox.ledger()]
    for attempt, sid in zip(await Attempt.all().order_by("id"), ids, strict=True):
        attempt.provider_id = sid
        for status in (first, "queued", "sent"):
            assert await reported(stage, attempt, status) == 204
    assert await check(stage) == {first: 2}
    assert {m.accepted_at for m in await Message.all()} == {clock.now()}


async def test_f12_unknown_ids_are_not_there_and_change_nothing(stage: Stage, clock: HandClock) -> None:
    await stage.sandbox.fault("lose_receipt")
    await told(stage, "sms", 1)
    await drain(stage, clock)
    never = Attempt(token="never-issued-by-us-123", provider_id="SM" + "0" * 32)
    assert await reported(stage, never, "delivered") == 404
    attempt = await Attempt.get()
    attempt.provider_id = "SM" + "f" * 32
    assert await reported(stage, attempt, "delivered") == 404, "our token under another message's id"
    assert await check(stage) == {"accepted": 1}
    assert await Receipt.all().count() == 0


async def test_f12_hundreds_at_once_for_one_message(stage: Stage, clock: HandClock) -> None:
    """All orders of all statuses at the same time: each is answered, none moves it back, each is kept once."""
    await stage.sandbox.fault("lose_receipt")
    await told(stage, "sms", 1)
    await drain(stage, clock)
    attempt = await Attempt.get()
    statuses = ("queued", "sending", "sent", "delivered")
    flood = [status for order in itertools.permutations(statuses) for status in order]
    answers = await asyncio.gather(*(reported(stage, attempt, status) for status in flood))
    assert set(answers) == {204}
    assert await check(stage) == {"delivered": 1}
    assert sorted([r.status for r in await Receipt.all()]) == sorted(statuses)


async def test_f12_a_failure_late_does_not_undo_a_delivery(stage: Stage, clock: HandClock) -> None:
    await stage.sandbox.fault("lose_receipt")
    await told(stage, "sms", 1)
    await drain(stage, clock)
    token = (await Attempt.get()).token
    for state in (MessageState.DELIVERED, MessageState.FAILED, MessageState.UNDELIVERED, MessageState.SENT):
        more: dict[str, Any] = {"code": "30003"} if state in (MessageState.FAILED, MessageState.UNDELIVERED) else {}
        assert await receipts.record(stage.office, token, Report(str(state), state, **more))
    assert await check(stage) == {"delivered": 1}
