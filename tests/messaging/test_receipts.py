"""Receipts move a message forward, whatever their order."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging import claiming, consent, outbox, receipts, recording
from messaging.channel import Report, Result
from models import sql
from models.outgoing import Attempt, Message, Receipt
from models.receipt_queries import states_before
from models.states import MESSAGE_RANK, MessageState, Outcome
from tests.messaging.conftest import Stage
from tests.messaging.counting import count_statements

M = MessageState
REPORTED = [M.ACCEPTED, M.SENT, M.DELIVERED, M.READ, M.UNDELIVERED, M.FAILED]
DRIVER = "+8613800000001"


@given(st.sampled_from(list(MESSAGE_RANK)), st.lists(st.sampled_from(REPORTED), max_size=12))
def test_no_order_moves_a_message_back(state: MessageState, reported: list[MessageState]) -> None:
    for new in reported:
        if state in states_before(new):
            assert MESSAGE_RANK[new] > MESSAGE_RANK[state]
            state = new


@given(st.permutations([M.ACCEPTED, M.SENT, M.DELIVERED, M.READ]))
def test_every_order_ends_at_the_furthest(reported: list[MessageState]) -> None:
    state = M.SENDING
    for new in reported:
        state = new if state in states_before(new) else state
    assert state is M.READ


@pytest.fixture
async def sent(stage: Stage) -> str:
    """The token of a message that was accepted, and of which nothing is reported yet."""
    await stage.sandbox.fault("lose_receipt")
    await stage.say(DRIVER, "x", category="education")
    await stage.send()
    return (await Attempt.get()).token


def report(status: str, code: str | None = None, **more: bool) -> Report:
    return Report(status, M(status), code, None, **more)


async def test_each_permutation_ends_delivered(stage: Stage, sent: str) -> None:
    for order in permutations(("accepted", "sent", "delivered")):
        await sql.execute("UPDATE message SET state = 'accepted'")
        await Receipt.all().delete()
        for status in (*order, *order):
            assert await receipts.record(stage.office, sent, report(status))
        assert (await Message.get()).state == "delivered"
        assert await Receipt.all().count() == 3


async def test_a_receipt_may_come_before_our_own_commit(stage: Stage) -> None:
    await stage.sandbox.fault("lose_receipt")
    await stage.say(DRIVER, "x")
    sender = stage.sender("sms")
    assert await sender.lane.is_ready(stage.office)
    (claimed,) = (await claiming.claim(stage.office, sender, 1)).claimed
    token = claimed.outgoing.token
    assert await receipts.record(stage.office, token, Report("delivered", M.DELIVERED, None, "SM1"))
    await recording.settle(stage.office, sender.lane, [(claimed, Result(Outcome.UNKNOWN, code="late"))])
    message = await Message.get()
    assert (message.state, message.provider_id) == ("delivered", "SM1")
    assert message.accepted_at is not None
    assert (await outbox.books()).balance


async def test_an_unknown_token_is_not_there(stage: Stage, sent: str) -> None:
    assert not await receipts.record(stage.office, "guessed", report("sent"))
    assert not await receipts.record(stage.office, sent[:-1], report("sent"))
    assert await Receipt.all().count() == 0


async def test_an_opt_out_and_a_bad_number_are_recorded(stage: Stage, sent: str) -> None:
    address_id = (await Message.get()).address_id
    assert address_id is not None
    await receipts.record(stage.office, sent, report("undelivered", "21610", opted_out=True))
    assert await consent.is_withdrawn(address_id, "education")
    await receipts.record(stage.office, sent, report("failed", "30005", bad_address=True))
    assert await sql.value("SELECT bad_code FROM address") == "30005"


async def test_a_late_success_after_undelivered_counts(stage: Stage, sent: str) -> None:
    for status in ("undelivered", "sent", "delivered"):
        await receipts.record(stage.office, sent, report(status))
    assert (await Message.get()).state == "delivered"


async def test_a_receipt_costs_three_statements(stage: Stage, sent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = count_statements(monkeypatch)
    await receipts.record(stage.office, sent, report("delivered"))
    assert len(counted) == 3, counted


@pytest.mark.parametrize("status", ["accepted", "sent", "delivered", "read", "undelivered", "failed"])
async def test_a_receipt_stops_what_was_wrongly_thought_not_sent(stage: Stage, sent: str, status: str) -> None:
    await sql.execute("UPDATE message SET state = 'queued', provider_id = NULL, accepted_at = NULL")
    await sql.execute("UPDATE attempt SET outcome = 'not_sent', provider_id = NULL")
    assert await receipts.record(stage.office, sent, report(status))
    assert await stage.send() == 0
    message = await Message.get()
    assert message.state == status
    assert message.accepted_at is not None
    assert len(await stage.sandbox.ledger()) == 1
    assert (await outbox.books()).balance
