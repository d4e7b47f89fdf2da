"""Opening the return of a month: once for each month, and once for each person, whatever crashes or runs beside it.

A month is a row, unique by its period. It is opened slice by slice of the staff, each slice in one transaction with the
person up to whom it reached; the row is held meanwhile, so that of several processes one opens and the others pass on.
"""

import datetime as dt
from typing import Any, Final

import structlog

from core import failpoints
from core.clock import local_day
from core.months import Month
from core.office import Office
from messaging.channel import SMS
from models import return_queries, sql
from models.record import Record
from models.returns import MonthlyReturn, ReturnMonth
from records.course import Course
from records.due import Deadlines
from records.filing import file
from records.kind import Kind, Kinds, Notice
from records.marks import person_mark
from records.month_limits import month_end
from records.moving import follow
from records.returning import QUESTION
from records.source import Source
from records.telling import tell

SLICE: Final = 20
"""How many persons are asked in one transaction: a webhook on the same file waits no longer than for these."""
OPENS: Final = "zero_report.window_opens"
DUE: Final = "zero_report.due"
AWAY: Final = {"zh-Hans": "休假", "zh-Hant": "休假", "en": "on leave"}
"""The excuse that the service itself writes down."""

log = structlog.get_logger()


async def step(office: Office, kinds: Kinds) -> int:
    """Begin the month that is to be opened, open one slice of each that is begun; return how much was done."""
    kind = kinds.the_return()
    if kind is None:
        return 0
    done = await _begin(office) + await _move_due(office)
    for month in await return_queries.unfinished_months():
        done += await _open_slice(office, kinds, kind, month)
    return done


async def _begin(office: Office) -> int:
    """Begin the newest month whose question has come and is not due yet; one before the installation is left alone."""
    now, this = office.clock.now(), Month.of(office.today())
    begun = await return_queries.begun()
    for month in (this, this.plus(-1)):
        opens, due = month_end(office, OPENS, month).moment, month_end(office, DUE, month).moment
        if begun is not None and begun <= opens <= now < due:
            if await ReturnMonth.exists(period=str(month)):
                return 0
            made = await return_queries.open_month(str(month), due, now)
            if made:
                log.info("return opened", period=str(month))
            return int(made)
    return 0


async def _move_due(office: Office) -> int:
    """Where a holiday moved the due day of a month that is not over, let every return that waits be looked at again."""
    moved = 0
    since = str(Month.of(office.today()).plus(-2))
    for month in await ReturnMonth.filter(period__gte=since):
        due_at = month_end(office, DUE, Month.parse(month.period)).moment
        if due_at != month.due_at:
            async with sql.transaction():
                moved += await return_queries.move_due(month.id, month.due_at, due_at, office.clock.now())
    return moved


async def _open_slice(office: Office, kinds: Kinds, kind: Kind, month: ReturnMonth) -> int:
    """Ask one slice of the staff in one transaction: all of it, or nothing."""
    period = Month.parse(month.period)
    async with sql.transaction():
        after = await return_queries.hold_month(month.id)
        if after is None:
            return 0
        people = await return_queries.to_ask(after, SLICE, period.plus(1).first)
        for row in people:
            await _ask(office, kinds, kind, month, row)
        failpoints.hit("returns.before_commit")
        if people:
            await return_queries.asked_to(month.id, people[-1]["person_id"])
        if len(people) < SLICE:
            await return_queries.asked_all(month.id, office.clock.now())
    failpoints.hit("returns.between")
    return 1


async def _ask(office: Office, kinds: Kinds, kind: Kind, month: ReturnMonth, row: dict[str, Any]) -> None:
    """Open the return of one person and ask him; who is on leave is excused, who has no address is asked by hand."""
    away, lang = row["status"] == "leave", row["lang"]
    excused = {"answer": "excused", "excuse": AWAY.get(lang, AWAY["en"])} if away else {}
    reached = row["address_id"] if row["reason"] is None and not away else None
    source = Source(reached, row["person_id"], row["channel"] or SMS, lang, "none", month.period)
    filed = await file(office, kinds, kind.id, excused, source)
    mark = person_mark(office, row["person_id"])
    await MonthlyReturn.create(month_id=month.id, record_id=filed.record_id, mark=mark)
    record = await Record.get(id=filed.record_id)
    if not await follow(office, kinds, record) and reached is not None:
        question = Notice("owner", kind.form.first[0].text, asks=QUESTION)
        await tell(office, kinds, Deadlines(office, kind, record, Course.of(record)), question, {}, None)


def opens_on(office: Office, month: Month) -> dt.date:
    """Return the local day on which the question of a month comes."""
    return local_day(month_end(office, OPENS, month).moment, office.zone)
