"""Which records belong together: the marks of a shape around the day of the one that is looked at. Pure."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from models.pattern_queries import Mark
from oversight.counted import LOUD
from oversight.rule import AllQuiet, Count, InARow, Pair, Shape

Days = tuple[dt.date, dt.date]
Hits = tuple[int, ...]
"""The ids of the records that were counted, in order; none where nothing was found."""


def days_around(shape: Shape, day: dt.date) -> Days:
    """Return the first and the last day whose marks may belong together with one of a day."""
    if isinstance(shape, Count | Pair):
        return _shifted(day, -shape.within), _shifted(day, shape.within)
    months = shape.months if isinstance(shape, AllQuiet) else shape.times if isinstance(shape, InARow) else 1
    return month_from(day, 1 - months), month_from(day, months - 1)


def _shifted(day: dt.date, days: int) -> dt.date:
    """A day so many days away; the first or last of the calendar where it ends before."""
    return dt.date.fromordinal(min(max(day.toordinal() + days, 1), dt.date.max.toordinal()))


def month_from(day: dt.date, months: int) -> dt.date:
    """Return the first day of the month that is so many months away; the first or last one of the calendar at most."""
    place = min(max(day.year * 12 + day.month - 1 + months, 12), dt.MAXYEAR * 12 + 11)
    return dt.date(place // 12, place % 12 + 1, 1)


def hits_of(shape: Shape, me: Mark, marks: Sequence[Mark]) -> Hits:
    """Return the records that raise the rule with the one that is looked at; `marks` are those of the days around it,
    its own among them, in order of days."""
    if isinstance(shape, Count):
        return _count(shape, me, marks)
    if isinstance(shape, Pair):
        others = [each.record_id for each in marks if each.who != me.who and _days(me, each) <= shape.within]
        return _ids([me.record_id, *others]) if others else ()
    if isinstance(shape, AllQuiet):
        return _months(me, marks, shape.months, lambda here: _is_quiet(shape, here))
    return _months(me, marks, shape.times, bool) if isinstance(shape, InARow) else ()


def _days(one: Mark, other: Mark) -> int:
    return abs((one.day - other.day).days)


def _ids(record_ids: Iterable[int]) -> Hits:
    return tuple(sorted(set(record_ids)))


def _count(shape: Count, me: Mark, marks: Sequence[Mark]) -> Hits:
    """Of the stretches of days that hold the day looked at, the one with the most; the latest of these."""
    best = (0, 0, me.day)
    counted: Counter[str] = Counter()
    end = 0
    for first in marks:
        while end < len(marks) and (marks[end].day - first.day).days <= shape.within:
            counted[marks[end].who] += 1
            end += 1
        if first.day <= me.day <= _shifted(first.day, shape.within):
            best = max(best, (len(counted), counted.total(), first.day))
        counted[first.who] -= 1
        if not counted[first.who]:
            del counted[first.who]
    different, _, begins = best
    if different < shape.at_least:
        return ()
    last = _shifted(begins, shape.within)
    return _ids(each.record_id for each in marks if begins <= each.day <= last)


def _is_quiet(shape: AllQuiet, here: Sequence[Mark]) -> bool:
    return len(here) >= shape.size and all(each.who != LOUD for each in here)


def _months(me: Mark, marks: Sequence[Mark], many: int, good: Callable[[Sequence[Mark]], bool]) -> Hits:
    """The latest months that follow each other, that of the record among them, which are all good."""
    by_month: defaultdict[dt.date, list[Mark]] = defaultdict(list)
    for each in marks:
        by_month[month_from(each.day, 0)].append(each)
    for last in range(many - 1, -1, -1):
        months = [by_month.get(month_from(me.day, last - back), []) for back in range(many)]
        if all(good(here) for here in months):
            return _ids(each.record_id for here in months for each in here)
    return ()
