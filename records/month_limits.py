"""Limits that belong to a month: when its return is opened, due, reminded of and closed.

Source: zero_report in core/data/deadlines.yaml. `due` is the one from which the others count.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from core.limits import Limit
from core.months import Month, due_day, last_working_day
from core.office import Office
from core.workdays import Calendar, end_of

RULES: Final[Mapping[str, Callable[[Month, Calendar], dt.date]]] = {
    "last_working_day_of_month": last_working_day,
    "day_5_of_next_month_or_next_working_day": due_day,
}
"""The day that a named rule of a limit means."""


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """When a limit of a month ends: the moment, in UTC, and its local day."""

    moment: dt.datetime
    day: dt.date


def is_of_month(limit: Limit) -> bool:
    """Return whether a limit is counted from a month and not from what happened to a record."""
    return limit.rule in RULES or limit.before is not None or limit.after is not None


def month_end(office: Office, name: str, month: Month, asked: dt.date | None = None) -> MonthEnd:
    """Return when a limit ends for a month.

    `asked` is the day of the question: what would remind on that very day reminds on the due day instead. A limit with
    `at` ends at that local time, any other at 24:00.
    """
    limit = office.limits.get(name)
    if limit.rule is not None:
        return _at(office, limit, RULES[limit.rule](month, office.calendar))
    due = month_end(office, f"{name.partition('.')[0]}.{limit.before or limit.after}", month).day
    if limit.before is not None:
        day = office.calendar.before(due, limit.span.n).day
        return _at(office, limit, due if asked is not None and day <= asked else day)
    days = limit.span.n
    working = limit.span.unit == "wd"
    day = office.calendar.add(due, days).day if working else due + dt.timedelta(days=days)
    return _at(office, limit, day)


def _at(office: Office, limit: Limit, day: dt.date) -> MonthEnd:
    if limit.at is None:
        return MonthEnd(end_of(day, office.zone), day)
    return MonthEnd(dt.datetime.combine(day, limit.at, office.zone).astimezone(dt.UTC), day)
