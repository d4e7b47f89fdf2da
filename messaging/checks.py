"""The last look before a message leaves: everything that may have changed since it was planned. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from core import phones
from core.office import Office
from messaging import consent
from messaging.channel import SMS, fits
from models import sql
from models.states import MessageState, Reason, RunState

BULK: Final = consent.CATEGORIES


@dataclass(frozen=True, slots=True)
class Ended:
    """A message that does not leave, and why."""

    state: MessageState
    reason: Reason


def is_quiet(office: Office, now: datetime) -> bool:
    """Say whether bulk messages (education, survey, family) are held now; answers and duty alerts never are."""
    return office.limits.quiet_hours.holds_at(now.astimezone(office.zone).time())


def last_look(
    row: Mapping[str, Any], identity: str | None, text: str | None, channel: str, sender: str, now: datetime
) -> Ended | None:
    """Return why a claimed row must not leave, or None. `sender` is our own number, which gets no message."""
    if row["run_state"] == RunState.CANCELLED:
        return Ended(MessageState.CANCELLED, Reason.RUN_CANCELLED)
    expires_at = sql.as_time(row["expires_at"])
    if expires_at is not None and expires_at <= now:
        return Ended(MessageState.EXPIRED, Reason.TOO_LATE)
    reason = _person(row) or _address(row, identity, channel, sender) or _consent(row) or _text(text, channel)
    return Ended(MessageState.SUPPRESSED, reason) if reason else None


def _person(row: Mapping[str, Any]) -> Reason | None:
    if row["run_id"] is None:
        return None
    return {"left": Reason.LEFT, "leave": Reason.ON_LEAVE}.get(row["person_status"])


def _address(row: Mapping[str, Any], identity: str | None, channel: str, sender: str) -> Reason | None:
    if identity is None:
        return Reason.NO_ADDRESS
    if row["category"] == "reply":
        reachable = channel != SMS or (identity != sender and phones.may_reply(identity))
        return None if reachable else Reason.BAD_ADDRESS
    return Reason.BAD_ADDRESS if row["bad_at"] is not None else None


def _consent(row: Mapping[str, Any]) -> Reason | None:
    refused = row["given"] is not None and not row["given"]
    return Reason.OPTED_OUT if refused and consent.needs_consent(row["category"]) else None


def _text(text: str | None, channel: str) -> Reason | None:
    return Reason.TOO_LONG if text is None or not fits(channel, text) else None
