"""What became of a run: live counts, the books, the result of each person in plain words, who has not acknowledged.

Over Telegram accepted counts as delivered, because nothing more is ever reported; an acknowledgement proves delivery on
any channel. planned = suppressed and no address + submitted + open + cancelled.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from campaigns.running import ack_due
from core.office import Office
from messaging.channel import SMS
from messaging.outbox import Books, books
from models import run_queries, sql
from models.campaign import Run
from models.org import Person
from models.states import MessageState, Reason
from people.persons import name_of
from people.units import load_tree

Only = Literal["all", "acked", "waiting", "problem"]
M = MessageState
_DELIVERED: Final = frozenset({M.DELIVERED, M.READ})
_HANDED_OVER: Final = frozenset({M.ACCEPTED, M.SENT})
_FAILED: Final = frozenset({M.FAILED, M.UNDELIVERED})


@dataclass(frozen=True, slots=True)
class Counts:
    """A run in figures. audience = suppressed + no_address + submitted + open + expired + cancelled;
    submitted = delivered + unconfirmed + failed + unknown. `segments` are those of its SMS."""

    audience: int = 0
    suppressed: int = 0
    no_address: int = 0
    open: int = 0
    expired: int = 0
    cancelled: int = 0
    submitted: int = 0
    delivered: int = 0
    unconfirmed: int = 0
    failed: int = 0
    unknown: int = 0
    acked: int = 0
    overdue: int = 0
    segments: int = 0
    by_channel: dict[str, int] = field(default_factory=dict)

    @property
    def waiting(self) -> int:
        """How many were reached and have not acknowledged."""
        return max(0, self.delivered + self.unconfirmed - self.acked)

    @property
    def ack_rate(self) -> str:
        """Acknowledged of those who were reached, as a percentage with two places; a dash where nobody was."""
        reached = self.delivered + self.unconfirmed
        return f"{self.acked * 100 / reached:.2f}%" if reached else "–"


async def counts(office: Office, run: Run) -> Counts:
    """Count a run as it stands now, with one query."""
    found: dict[str, int] = {}
    channels: dict[str, int] = {}
    for row in await run_queries.counts(run.id):
        for name in _columns(row):
            found[name] = found.get(name, 0) + row["n"]
        if "submitted" in _columns(row):
            channels[row["channel"]] = channels.get(row["channel"], 0) + row["n"]
            sms = int(row["segments"]) if row["channel"] == SMS else 0
            found["segments"] = found.get("segments", 0) + sms
    made = Counts(**found, by_channel=channels)
    late = await _is_late(office, run)
    return Counts(**found, by_channel=channels, overdue=made.waiting if late else 0)


def _columns(row: dict[str, Any]) -> list[str]:
    """The figures in which messages of one sort count."""
    state, acked = M(row["state"]), bool(row["acked"])
    if state is M.SUPPRESSED:
        return ["audience", "no_address" if row["reason"] == Reason.NO_ADDRESS else "suppressed"]
    if state in (M.QUEUED, M.SENDING):
        return ["audience", "open"]
    if state in (M.EXPIRED, M.CANCELLED):
        return ["audience", str(state)]
    return ["audience", "submitted", _fate(state, row["channel"], acked), *(["acked"] if acked else [])]


def _fate(state: MessageState, channel: str, acked: bool) -> str:
    if acked or state in _DELIVERED or (channel == "telegram" and state in _HANDED_OVER):
        return "delivered"
    if state in _FAILED:
        return "failed"
    return "unknown" if state is M.UNKNOWN else "unconfirmed"


async def books_of(run: Run) -> Books:
    """Return the books of a run: planned = accepted ever + ended + open + unknown."""
    return await books(run.id)


@dataclass(frozen=True, slots=True)
class PersonResult:
    """What became of the message to one person. `word_keys` are keys of words: the result, then why where it has a
    reason."""

    person_id: int
    staff_no: str | None
    name: str
    unit: str
    channel: str
    word_keys: tuple[str, ...]
    at: datetime | None
    acked_at: datetime | None


async def results(
    office: Office, run: Run, lang: str, *, only: Only = "all", offset: int = 0, limit: int = 50
) -> list[PersonResult]:
    """Return a page of the persons of a run; `only` waiting: who was reached and has not acknowledged."""
    rows = await run_queries.results(run.id, only, offset, limit)
    people = {one.id: one for one in await Person.filter(id__in=[row["person_id"] for row in rows])}
    tree = await load_tree()
    limits = _Moments(office.clock.now(), _unconfirmed_after(office), await _is_late(office, run))
    return [
        PersonResult(
            person_id=row["person_id"],
            staff_no=row["staff_no"],
            name=name_of(office, people[row["person_id"]], lang),
            unit=tree.by_id[row["unit_id"]].name(lang) if row["unit_id"] in tree.by_id else "",
            channel=row["channel"],
            word_keys=_words(row, limits),
            at=sql.as_time(row["state_at"]),
            acked_at=sql.as_time(row["acked_at"]),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class _Moments:
    now: datetime
    unconfirmed_after: timedelta
    ack_is_late: bool


def _unconfirmed_after(office: Office) -> timedelta:
    span = office.limits.get("campaign.unconfirmed_after").span
    now = office.clock.now()
    return span.end(office.calendar, now, office.zone).moment - now


async def _is_late(office: Office, run: Run) -> bool:
    return run.ack and await ack_due(office, run) <= office.clock.now()


def _words(row: dict[str, Any], moments: _Moments) -> tuple[str, ...]:
    state = M(row["state"])
    if row["acked_at"] is not None:
        return ("word.message.acked",)
    if state in _HANDED_OVER | _DELIVERED:
        late = ("word.message.ack_overdue",) if moments.ack_is_late else ()
        return (f"word.message.{_reached_word(state, row, moments)}", *late)
    held = sql.as_time(row["not_before"])
    if state is M.QUEUED and held is not None and held > moments.now:
        return ("word.message.deferred",)
    reason = (f"word.message.because_{row['reason']}",) if row["reason"] else ()
    return (f"word.message.{state}", *reason)


def _reached_word(state: MessageState, row: dict[str, Any], moments: _Moments) -> str:
    """Over Telegram handed over is all that is ever known; an SMS without a report for too long is said to be one."""
    if state in _DELIVERED or row["channel"] == "telegram":
        return str(M.DELIVERED if state in _HANDED_OVER else state)
    accepted = sql.as_time(row["accepted_at"])
    silent = accepted is not None and moments.now - accepted >= moments.unconfirmed_after
    return "unconfirmed" if silent else str(state)
