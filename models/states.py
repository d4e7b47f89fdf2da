"""The states of messages, attempts, runs and campaigns, and every allowed move. `docs/states.md` draws the same."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from core.errors import Conflict


class MessageState(StrEnum):
    """Where a message stands. It moves forward; back to `queued` only after a try that certainly did not go out."""

    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    UNKNOWN = "unknown"
    FAILED = "failed"
    UNDELIVERED = "undelivered"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """What became of one attempt (FAULTS: outcome of one send)."""

    ACCEPTED = "accepted"
    NOT_SENT = "not_sent"
    THROTTLED = "throttled"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a message ended without acceptance: a closed list."""

    OPTED_OUT = "opted_out"
    NO_ADDRESS = "no_address"
    BAD_ADDRESS = "bad_address"
    ON_LEAVE = "on_leave"
    LEFT = "left"
    DUPLICATE = "duplicate"
    CAPPED = "capped"
    RUN_CANCELLED = "run_cancelled"
    TOO_LATE = "too_late"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    TOO_LONG = "too_long"
    CHANNEL_OFF = "channel_off"


class RunState(StrEnum):
    """Where a run stands."""

    DUE = "due"
    FILLING = "filling"
    SENDING = "sending"
    FINISHED = "finished"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    MISSED = "missed"


class CampaignState(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    ACTIVE = "active"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"


M, R, C = MessageState, RunState, CampaignState

MESSAGE_MOVES: Mapping[MessageState, frozenset[MessageState]] = {
    M.QUEUED: frozenset(
        {
            *(M.SENDING, M.SUPPRESSED, M.EXPIRED, M.CANCELLED),
            *(M.ACCEPTED, M.SENT, M.DELIVERED, M.READ, M.FAILED, M.UNDELIVERED),  # by a receipt of an earlier try
        }
    ),
    M.SENDING: frozenset(
        {M.QUEUED, M.ACCEPTED, M.SENT, M.DELIVERED, M.READ, M.UNKNOWN, M.FAILED, M.UNDELIVERED, M.SUPPRESSED}
    ),
    M.UNKNOWN: frozenset({M.ACCEPTED, M.SENT, M.DELIVERED, M.READ, M.FAILED, M.UNDELIVERED, M.QUEUED}),
    M.ACCEPTED: frozenset({M.SENT, M.DELIVERED, M.READ, M.FAILED, M.UNDELIVERED}),
    M.SENT: frozenset({M.DELIVERED, M.READ, M.FAILED, M.UNDELIVERED}),
    M.DELIVERED: frozenset({M.READ}),
    M.UNDELIVERED: frozenset({M.DELIVERED, M.READ}),
    M.READ: frozenset(),
    M.FAILED: frozenset(),
    M.SUPPRESSED: frozenset(),
    M.EXPIRED: frozenset(),
    M.CANCELLED: frozenset(),
}

RUN_MOVES: Mapping[RunState, frozenset[RunState]] = {
    R.DUE: frozenset({R.FILLING, R.CANCELLED, R.MISSED}),
    R.MISSED: frozenset({R.DUE, R.CANCELLED}),
    R.FILLING: frozenset({R.SENDING, R.CANCELLED}),
    R.SENDING: frozenset({R.FINISHED, R.PAUSED, R.CANCELLED}),
    R.PAUSED: frozenset({R.SENDING, R.CANCELLED}),
    R.FINISHED: frozenset({R.SENDING}),  # a message of it goes out again
    R.CANCELLED: frozenset(),
}

CAMPAIGN_MOVES: Mapping[CampaignState, frozenset[CampaignState]] = {
    C.DRAFT: frozenset({C.SUBMITTED, C.CANCELLED}),
    C.SUBMITTED: frozenset({C.APPROVED, C.DRAFT, C.CANCELLED}),
    C.APPROVED: frozenset({C.ACTIVE, C.SUBMITTED, C.DRAFT, C.CANCELLED}),
    C.ACTIVE: frozenset({C.PAUSED, C.FINISHED, C.CANCELLED}),
    C.PAUSED: frozenset({C.ACTIVE, C.CANCELLED}),
    C.FINISHED: frozenset({C.ACTIVE}),  # a run of it was reopened
    C.CANCELLED: frozenset(),
}

OPEN_MESSAGE_STATES = frozenset({M.QUEUED, M.SENDING})
MESSAGE_RANK: Mapping[MessageState, int] = {
    M.QUEUED: 0,
    M.SENDING: 1,
    M.UNKNOWN: 2,
    M.ACCEPTED: 3,
    M.SENT: 4,
    M.UNDELIVERED: 5,
    M.FAILED: 5,
    M.DELIVERED: 6,
    M.READ: 7,
}


S = TypeVar("S", bound=StrEnum)


def check_move(moves: Mapping[S, frozenset[S]], old: S, new: S) -> None:
    """Raise Conflict unless the move is allowed."""
    if new not in moves[old]:
        raise Conflict("error.state", old=str(old), new=str(new))
