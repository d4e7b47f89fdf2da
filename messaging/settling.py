"""What follows for a message from the outcome of one attempt: the one place that decides. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from messaging.channel import Result
from models.states import MessageState, Outcome, Reason

MOST_TRIES: Final = 30  # about four hours
FIRST_PAUSE_SECONDS: Final = 5.0
LONGEST_PAUSE_SECONDS: Final = 600.0

NOT_TRIED: Final = Result(Outcome.THROTTLED, code="not_tried")
TROUBLE: Final = frozenset({Outcome.NOT_SENT, Outcome.THROTTLED, Outcome.REJECTED, Outcome.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Next:
    """Where the message goes, why, when it may be tried again, and how many tries are given back."""

    state: MessageState
    reason: Reason | None = None
    not_before: datetime | None = None
    tries_back: int = 0


def pause_after(tries: int) -> timedelta:
    """Return the pause after so many tries that certainly did not go out: doubled each time, 10 minutes at most."""
    return timedelta(seconds=min(FIRST_PAUSE_SECONDS * 2 ** min(tries - 1, 20), LONGEST_PAUSE_SECONDS))


def after(result: Result, tries: int, expires_at: datetime | None, now: datetime) -> Next:
    """Return what follows; `tries` counts this one.

    Only what was certainly not sent is tried again: at most 30 times, with growing pauses. A 429 costs no try.
    """
    match result.outcome:
        case Outcome.ACCEPTED:
            return Next(MessageState.ACCEPTED)
        case Outcome.THROTTLED:
            return Next(MessageState.QUEUED, tries_back=1)
        case Outcome.NOT_SENT:
            return _again(tries, expires_at, now)
        case Outcome.REJECTED:
            return _rejected(result)
        case Outcome.UNKNOWN:
            return Next(MessageState.UNKNOWN)


def _again(tries: int, expires_at: datetime | None, now: datetime) -> Next:
    if tries >= MOST_TRIES:
        return Next(MessageState.FAILED, Reason.UNREACHABLE)
    again = now + pause_after(tries)
    return Next(MessageState.QUEUED, not_before=again if expires_at is None else min(again, expires_at))


def _rejected(result: Result) -> Next:
    if result.opted_out:
        return Next(MessageState.SUPPRESSED, Reason.OPTED_OUT)
    return Next(MessageState.FAILED, Reason.BAD_ADDRESS if result.bad_address else Reason.REJECTED)
