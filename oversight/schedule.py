"""Reports that print themselves: one for each entry of the schedule and each period, whatever crashes meanwhile.

The row's unique cause makes it one. What fell due while nothing ran is made later; what fell due before this
installation first looked, or more than three periods ago, never is.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Iterator
from typing import Final

import structlog

from core.errors import Refused
from core.office import Office
from models import issue_queries, ledger_read
from oversight import issuing, periods
from oversight.issuing import Readers
from oversight.schedule_file import Entry, Schedule
from oversight.table import Period, Report

LOOK_BACK: Final = 3
SINCE: Final = "reports_since"
Make = Callable[[str, Period, tuple[str, ...]], Awaitable[Report]]
"""Makes a report of a period as those with these roles may all see it."""
log = structlog.get_logger()


async def step(office: Office, plan: Schedule, make: Make) -> int:
    """Make what is due and not there yet; return how many. One that fails is logged and tried again next time."""
    since = dt.datetime.fromisoformat(await ledger_read.keep_stamp(SINCE, office.clock.now().isoformat()))
    owed = {_cause(entry, period): (entry, period) for entry, period in due(office, plan, since)}
    done = await issue_queries.caused(list(owed))
    made = 0
    for cause, (entry, period) in owed.items():
        if cause not in done:
            made += await _print(office, entry, period, cause, make)
    return made


def due(office: Office, plan: Schedule, since: dt.datetime) -> Iterator[tuple[Entry, Period]]:
    """Yield each entry with each of its periods that fell due from a moment on until now, the oldest first."""
    now = office.clock.now()
    for entry in plan.entries:
        for period in reversed(_ended(office.today(), entry)):
            if since <= due_at(office, entry, period) <= now:
                yield entry, period


def due_at(office: Office, entry: Entry, period: Period) -> dt.datetime:
    """Return when the report of a period is printed, aware."""
    day = office.calendar.add(period.last, entry.working_day).day
    return dt.datetime.combine(day, entry.at, office.zone)


def _ended(today: dt.date, entry: Entry) -> list[Period]:
    """The last periods that ended before today, the latest first."""
    found = [periods.before(_holding(today, entry.every))]
    while len(found) < LOOK_BACK:
        found.append(periods.before(found[-1]))
    return found


def _holding(day: dt.date, every: str) -> Period:
    """The period of a sort in which a day lies."""
    quarter, half = (day.month + 2) // 3, (day.month + 5) // 6
    written = {"month": f"{day:%Y-%m}", "quarter": f"{day:%Y}Q{quarter}", "half": f"{day:%Y}H{half}"}
    return periods.parse_period(written.get(every, f"{day:%Y}"))


def _cause(entry: Entry, period: Period) -> str:
    return f"schedule:{entry.report}:{periods.text_of(period)}"


async def _print(office: Office, entry: Entry, period: Period, cause: str, make: Make) -> int:
    try:
        report = await make(entry.report, period, entry.readers)
        return int(await issuing.prepare_by_schedule(office, report, Readers(entry.readers), cause))
    except Refused as refused:
        log.warning("report.waits", report=entry.report, period=periods.text_of(period), why=refused.key)
        return 0
    except Exception:
        log.exception("report.failed", report=entry.report, period=periods.text_of(period))
        return 0
