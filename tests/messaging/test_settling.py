"""What follows from each outcome: the table of FAULTS in code."""

from datetime import UTC, datetime, timedelta

import pytest

from messaging.channel import Result
from messaging.settling import Next, after, pause_after
from models.states import MESSAGE_MOVES, MessageState, Outcome, Reason

NOW = datetime(2026, 9, 14, tzinfo=UTC)
M = MessageState

ROWS = [
    (Result(Outcome.ACCEPTED, "SM1"), 1, Next(M.ACCEPTED)),
    (Result(Outcome.UNKNOWN), 1, Next(M.UNKNOWN)),
    (Result(Outcome.THROTTLED), 3, Next(M.QUEUED, tries_back=1)),
    (Result(Outcome.NOT_SENT), 1, Next(M.QUEUED, not_before=NOW + timedelta(seconds=5))),
    (Result(Outcome.NOT_SENT), 3, Next(M.QUEUED, not_before=NOW + timedelta(seconds=20))),
    (Result(Outcome.NOT_SENT), 30, Next(M.FAILED, Reason.UNREACHABLE)),
    (Result(Outcome.REJECTED, code="21617"), 1, Next(M.FAILED, Reason.REJECTED)),
    (Result(Outcome.REJECTED, code="21610", opted_out=True), 1, Next(M.SUPPRESSED, Reason.OPTED_OUT)),
    (Result(Outcome.REJECTED, code="21211", bad_address=True), 1, Next(M.FAILED, Reason.BAD_ADDRESS)),
]


@pytest.mark.parametrize(("result", "tries", "expected"), ROWS, ids=str)
def test_what_follows(result: Result, tries: int, expected: Next) -> None:
    assert after(result, tries, None, NOW) == expected
    assert expected.state in MESSAGE_MOVES[M.SENDING]


def test_a_retry_is_never_planned_beyond_the_expiry() -> None:
    soon = NOW + timedelta(seconds=3)
    assert after(Result(Outcome.NOT_SENT), 1, soon, NOW).not_before == soon


def test_pauses_grow_and_are_bounded() -> None:
    pauses = [pause_after(tries).total_seconds() for tries in range(1, 40)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (5, 600)
