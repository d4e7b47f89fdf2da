"""The week on one screen for the head of inspection: who is silent, what is overdue, unread, waiting, which alerts.

Counts alone, each of what the reader may read himself: a record that names him is in none of them. On Monday morning
(data/schedule.yaml), or the next working day, he is told the numbers; what is small is told as fewer than five.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from core.errors import NotThere
from core.office import Office
from models import issue_queries, ledger_read, reader_queries, record_queries, sql
from oversight.returns_roll import silent_units
from oversight.schedule_file import Schedule
from oversight.telling import tell
from people.access import Actor, actor_of, holders
from records.kind import Kinds
from records.reach import grasp_of

ROLE: Final = "integrity_head"
ALERTS: Final = "risk_alert"
RETURN: Final = "zero_report"
LEAST: Final = 5
SILENT_MONTHS: Final = 3
TOLD: Final = "T-DIGEST"
LATE_AT_MOST: Final = dt.timedelta(days=2)
"""After this a digest is not told any more: the next one is nearer."""


@dataclass(frozen=True, slots=True)
class Digest:
    """What stands at a moment. `silent` are the units whose returns of some months were all zero.

    `unread` are reports and bulletins that somebody has not read. `overdue` and `open` count records by kind, without
    the kinds that the reader does not read.
    """

    at: dt.datetime
    silent: tuple[int, ...]
    overdue: Mapping[str, int]
    open: Mapping[str, int]
    unread: int
    to_issue: int

    @property
    def alerts(self) -> int:
        """How many alerts are open."""
        return self.open.get(ALERTS, 0)

    @property
    def late(self) -> int:
        """How many records of all kinds are overdue."""
        return sum(self.overdue.values())


async def digest(office: Office, kinds: Kinds, actor: Actor) -> Digest:
    """Return the digest as an actor may know it."""
    now = office.clock.now()
    overdue, still_open = {}, {}
    for kind in kinds.by_id.values():
        grasp = await grasp_of(office, kind, actor)
        if grasp.rules:
            overdue[kind.id] = await record_queries.count(replace(grasp.selection, late_at=now))
            still_open[kind.id] = await record_queries.count(replace(grasp.selection, open_only=True))
    waiting = len(await issue_queries.listed(issue_queries.WAITING, 100))
    silent = await _silent(office, kinds, actor)
    unread = await issue_queries.unread_reports() + await reader_queries.unread_records()
    return Digest(now, silent, overdue, still_open, unread, waiting)


async def _silent(office: Office, kinds: Kinds, actor: Actor) -> tuple[int, ...]:
    if RETURN not in kinds.by_id:
        return ()
    found = await silent_units(office, kinds.get(RETURN), actor, SILENT_MONTHS)
    return tuple(sorted(each.unit_id for each in found))


async def step(office: Office, kinds: Kinds, plan: Schedule) -> int:
    """Tell the digest where it is due and was not told; return how many were told. What housekeeping calls."""
    due = due_at(office, plan)
    if due is None or await ledger_read.stamp(_stamp(due)) is not None:
        return 0
    made = {}
    for person_id in await holders(ROLE):
        try:
            made[person_id] = await digest(office, kinds, await actor_of(office, person_id))
        except NotThere:
            continue  # he left since the holders were read
    async with sql.transaction():
        mark = office.clock.now().isoformat()
        if await ledger_read.keep_stamp(_stamp(due), mark) != mark:
            return 0
        told = [await _tell(office, person_id, due, one) for person_id, one in made.items()]
    return sum(told)


def due_at(office: Office, plan: Schedule) -> dt.datetime | None:
    """Return the moment of the digest that is due now, aware; None where none is.

    It is that of the latest week whose day has come; a day off puts it off to the next working day.
    """
    now, today = office.clock.now(), office.today()
    for weeks in range(3):
        monday = today - dt.timedelta(days=today.weekday() + 7 * weeks)
        wanted = office.calendar.next_working(monday + dt.timedelta(days=plan.digest_weekday - 1)).day
        moment = dt.datetime.combine(wanted, plan.digest_at, office.zone)
        if moment <= now:
            return moment if now - moment <= LATE_AT_MOST else None
    return None


def _stamp(due: dt.datetime) -> str:
    return f"digest:{due.date()}"


async def _tell(office: Office, person_id: int, due: dt.datetime, one: Digest) -> int:
    said = await tell(
        office,
        person_id,
        TOLD,
        f"digest:{due.date()}:{person_id}",
        silent=len(one.silent),
        overdue=few(one.late),
        unread=one.unread,
        alerts=few(one.alerts),
    )
    return int(said is not None)


def few(many: int) -> str:
    """Return a count as it may stand in a message that others could see: a small one only as such."""
    return f"<{LEAST}" if 0 < many < LEAST else str(many)
