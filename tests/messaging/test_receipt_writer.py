"""Receipts in batches: one commit for many, and one that cannot be kept spoils no other."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from core.office import Office
from messaging import receipts
from messaging.channel import Report
from messaging.receipt_writer import ReceiptWriter
from models import sql
from models.outgoing import Attempt, Message, Receipt
from models.states import MessageState
from tests.messaging.conftest import Stage
from tests.messaging.counting import count_statements

M = MessageState
MANY = 30


@pytest.fixture
async def tokens(stage: Stage) -> list[str]:
    """The tokens of messages that were accepted, and of which nothing is reported yet."""
    await stage.sandbox.fault("lose_receipt")
    for number in range(MANY):
        await stage.say(f"+86138000001{number:02}", "x")
    await stage.send()
    return [attempt.token for attempt in await Attempt.all().order_by("id")]


def report(status: str, provider_id: str | None = None, code: str | None = None, **more: bool) -> Report:
    return Report(status, M(status), code, provider_id, **more)


async def test_many_at_once_are_two_commits(stage: Stage, tokens: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    writer, counted = ReceiptWriter(stage.office), count_statements(monkeypatch)
    taken = await asyncio.gather(*(writer.record(token, report("delivered")) for token in tokens))
    assert taken == [True] * MANY
    assert len(counted) == 3, counted
    assert await Message.filter(state="delivered").count() == MANY
    assert await Receipt.all().count() == MANY


async def test_one_that_cannot_be_kept_spoils_no_other(
    stage: Stage, tokens: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    record_all = receipts.record_all

    async def fail_for_one(office: Office, given: Sequence[tuple[str, Report]]) -> Any:
        if any(token == tokens[7] for token, _ in given):
            raise OSError("gone")
        return await record_all(office, given)

    monkeypatch.setattr(receipts, "record_all", fail_for_one)
    writer = ReceiptWriter(stage.office)
    wanted = [*tokens, "guessed"]
    taken = await asyncio.gather(*(writer.record(token, report("sent")) for token in wanted), return_exceptions=True)
    assert isinstance(taken[7], OSError)
    assert [each for at, each in enumerate(taken) if at != 7] == [True] * (MANY - 1) + [False]
    assert await Message.filter(state="sent").count() == MANY - 1
    monkeypatch.undo()
    assert await writer.record(tokens[7], report("sent"))


async def test_receipts_of_one_message_in_one_batch_go_by_rank(stage: Stage, tokens: list[str]) -> None:
    first, second, third, fourth = tokens[:4]
    given = [
        *((first, report(status)) for status in ("read", "sent", "delivered", "sent")),
        *((second, report(status)) for status in ("delivered", "undelivered")),
        *((third, report(status)) for status in ("delivered", "failed")),
        (fourth, Report("partying", None)),
        ("guessed", report("sent")),
    ]
    taken = await receipts.record_all(stage.office, given)
    assert taken == [True] * 9 + [False]
    states = dict(await sql_states())
    assert [states[token] for token in (first, second, third, fourth)] == ["read", "delivered", "failed", "accepted"]
    assert await Receipt.all().count() == 7


async def sql_states() -> list[tuple[str, str]]:
    rows = await sql.rows("SELECT t.token, m.state FROM attempt t JOIN message m ON m.id = t.message_id")
    return [(row["token"], row["state"]) for row in rows]


async def test_the_first_id_in_a_batch_names_the_attempt(stage: Stage, tokens: list[str]) -> None:
    await sql.execute("UPDATE attempt SET provider_id = NULL, outcome = 'unknown'")
    await sql.execute("UPDATE message SET provider_id = NULL, accepted_at = NULL, state = 'unknown'")
    given = [(tokens[0], report("sent", "SM1")), (tokens[0], report("delivered", "SM2")), (tokens[1], report("sent"))]
    assert await receipts.record_all(stage.office, given) == [True, False, True]
    attempt = await Attempt.get(token=tokens[0])
    message = await Message.get(id=attempt.message_id)
    assert (attempt.provider_id, message.provider_id, message.state) == ("SM1", "SM1", "sent")
    assert message.accepted_at is not None
    assert not await receipts.record(stage.office, tokens[0], report("read", "SM2")), "another message's"


async def test_who_no_longer_waits_does_not_stop_the_others(stage: Stage, tokens: list[str]) -> None:
    writer = ReceiptWriter(stage.office)
    tasks = [asyncio.create_task(writer.record(token, report("sent"))) for token in tokens]
    await asyncio.sleep(0)
    tasks[3].cancel()
    taken = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(taken[3], asyncio.CancelledError)
    assert [each for at, each in enumerate(taken) if at != 3] == [True] * (MANY - 1)
