"""What is wrong with the service, seen in the rows: one cause for each sort and lane.

| sort | is there |
|---|---|
| `lane_refused` | while the provider refuses the credentials or the sender |
| `lane_unreachable` | when a lane got nothing through for two minutes, or is asked to wait for longer |
| `lane_unowned` | when no process sends for an enabled lane: its lease ran out a minute ago, or messages wait for it |
| `lane_capped` | while a lane has sent what it may send today |
| `waiting` | when something due waits for ten minutes and nothing above explains it |
| `unsettled` | while messages are unknown that nothing will settle: by chat, or for a day |
| `no_receipts` | when SMS were accepted, and for an hour no receipt came |
| `stopped` | while somebody has stopped sending |
| `ledger_broken` | while the book of records is not what was written, and is not signed any more |
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from core.office import Office
from messaging import checks, lane_book, twilio_sms
from messaging.channel import SMS, TELEGRAM
from models import ledger_read, sending_queries, sql


class Sort(StrEnum):
    """What an incident is about."""

    REFUSED = "lane_refused"
    UNREACHABLE = "lane_unreachable"
    UNOWNED = "lane_unowned"
    CAPPED = "lane_capped"
    WAITING = "waiting"
    UNSETTLED = "unsettled"
    NO_RECEIPTS = "no_receipts"
    STOPPED = "stopped"
    LEDGER_BROKEN = "ledger_broken"


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that is wrong now: its sort, the lane, the provider's code or the channel."""

    sort: Sort
    lane_id: int | None = None
    code: str | None = None
    channel: str | None = None


REFUSED_CODES: Final = twilio_sms.LANE_FAULTS - {"21611"} | {"token_refused", "http_401", "http_403", "http_404"}
TROUBLE_LASTS: Final = timedelta(seconds=90)
UNREACHABLE_AFTER: Final = timedelta(minutes=2)
UNOWNED_AFTER: Final = timedelta(minutes=1)
WAITING_AFTER: Final = timedelta(minutes=10)
UNSETTLED_AFTER: Final = timedelta(days=1)
RECEIPTS_WITHIN: Final = timedelta(hours=1)

_Row = Mapping[str, Any]


async def find(office: Office) -> list[Cause]:
    """Return every cause that is there now, by a handful of queries."""
    now = office.clock.now()
    if await lane_book.is_stopped():
        return [Cause(Sort.STOPPED), *await _unsettled(now), *await _no_receipts(now), *await _ledger()]
    lanes = [row for row in await sending_queries.lanes(office.today()) if row["enabled"]]
    did = {row["lane_id"]: row for row in await sending_queries.lately(now)}
    due = {channel: await _due(office, channel, now) for channel in (SMS, TELEGRAM)}
    found = [cause for row in lanes if (cause := _of_lane(row, did.get(row["id"], {}), due[row["channel"]], now))]
    explained = {cause.channel for cause in found}
    for channel in {row["channel"] for row in lanes} - explained:
        accepted = [did.get(row["id"], {}).get("accepted_at") for row in lanes if row["channel"] == channel]
        found += _waiting(channel, due[channel], [sql.as_time(each) for each in accepted if each], now)
    return [*found, *await _unsettled(now), *await _no_receipts(now), *await _ledger()]


@dataclass(frozen=True, slots=True)
class Due:
    """Since when something is due: the oldest message of any run, and the oldest that belongs to none."""

    of_run: datetime | None
    other: datetime | None

    @property
    def oldest(self) -> datetime | None:
        """The older of both."""
        return min((each for each in (self.of_run, self.other) if each is not None), default=None)


async def _due(office: Office, channel: str, now: datetime) -> Due:
    """Since when something waits. What quiet hours held until a moment ago does not count yet."""
    quiet = checks.is_quiet(office, now) or checks.is_quiet(office, now - WAITING_AFTER)
    rows = await sending_queries.oldest_due(channel, now, quiet=quiet)
    since = {row["run_id"] is None: _since(row) for row in sorted(rows, key=_since, reverse=True)}
    return Due(since.get(False), since.get(True))


def _since(row: _Row) -> datetime:
    queued_at, not_before = sql.as_time(row["state_at"]), sql.as_time(row["not_before"])
    assert queued_at is not None
    return max(queued_at, not_before or queued_at)


def _of_lane(row: _Row, did: _Row, due: Due, now: datetime) -> Cause | None:
    """Return the worst that is wrong with a lane."""
    sort = _trouble(row, did, now)
    if sort is None and _is_unowned(row, due, now):
        sort = Sort.UNOWNED
    if sort is None and row["cap_day"] is not None and row["used"] >= row["cap_day"]:
        sort = Sort.CAPPED
    code = row["last_error"] if sort in (Sort.REFUSED, Sort.UNREACHABLE) else None
    return Cause(sort, row["id"], code, row["channel"]) if sort else None


def _trouble(row: _Row, did: _Row, now: datetime) -> Sort | None:
    """Say what the last trouble of a lane is, while it lasts and nothing got through after it."""
    error_at, accepted_at = sql.as_time(row["last_error_at"]), sql.as_time(did.get("accepted_at"))
    held_until = sql.as_time(row["held_until"])
    if error_at is None or held_until is None or now - held_until > TROUBLE_LASTS:
        return None
    if accepted_at is not None and accepted_at > error_at:
        return None
    if row["last_error"] in REFUSED_CODES:
        return Sort.REFUSED
    began = sql.as_time(did.get("trouble_at")) or now
    is_long = now - began >= UNREACHABLE_AFTER or held_until - now >= UNREACHABLE_AFTER
    return Sort.UNREACHABLE if is_long else None


def _is_unowned(row: _Row, due: Due, now: datetime) -> bool:
    left = row["lease_left"]
    if row["owner"] is not None and left is not None:
        return bool(left < -UNOWNED_AFTER.total_seconds())
    return due.oldest is not None and now - due.oldest > UNOWNED_AFTER


def _waiting(channel: str, due: Due, accepted: Sequence[datetime | None], now: datetime) -> list[Cause]:
    """A long run may take hours: what belongs to one waits too long only where its channel stands still."""
    before = now - WAITING_AFTER
    stands_still = all(each is None or each <= before for each in accepted)
    of_run = due.of_run is not None and due.of_run <= before and stands_still
    other = due.other is not None and due.other <= before
    return [Cause(Sort.WAITING, code=channel, channel=channel)] if of_run or other else []


async def _unsettled(now: datetime) -> list[Cause]:
    found = await sending_queries.unknown_for_good(now - UNSETTLED_AFTER)
    return [Cause(Sort.UNSETTLED)] if found.get("many") else []


async def _ledger() -> list[Cause]:
    return [Cause(Sort.LEDGER_BROKEN)] if await ledger_read.is_broken() else []


async def _no_receipts(now: datetime) -> list[Cause]:
    last = await sending_queries.last_receipt_at()
    if last is not None and now - last < RECEIPTS_WITHIN:
        return []
    first = await sending_queries.accepted_without_receipt()
    return [Cause(Sort.NO_RECEIPTS, channel=SMS)] if first is not None and now - first >= RECEIPTS_WITHIN else []
