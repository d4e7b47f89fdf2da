"""Working days, with make-up days (调休), and the ends of time limits.

What a government has announced comes from the package chinesecalendar and from a table of our own that an agency
edits (core/data/workdays.csv); for a year not yet announced Monday to Friday less the eight feast days counts, and
every result that looked at such a day is marked provisional. Rules of counting: clock_rules in deadlines.yaml.
"""

import csv
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final, Literal
from zoneinfo import ZoneInfo

import chinese_calendar
from lunar_python import Lunar

from core.errors import InvalidData

Unit = Literal["min", "h", "wd", "cd", "mo"]
UNITS: Final[tuple[Unit, ...]] = ("min", "h", "wd", "cd", "mo")
TABLE: Final = Path(__file__).parent / "data" / "workdays.csv"
_DAY: Final = dt.timedelta(days=1)
_FEASTS: Final = ((1, 1), (5, 1), (10, 1))
_LUNAR_FEASTS: Final = ((1, 1), (5, 5), (8, 15))


@dataclass(frozen=True, slots=True)
class Count:
    """Working days counted from a day on: the days in the order of counting, and whether one is not yet announced."""

    start: dt.date
    days: tuple[dt.date, ...]
    provisional: bool

    @property
    def day(self) -> dt.date:
        """Where the counting ends: the last day counted, or the start when none was."""
        return self.days[-1] if self.days else self.start


@dataclass(frozen=True, slots=True)
class LimitEnd:
    """When a limit ends. `moment` is aware, in UTC; `day` is the last local day, at whose 24:00 a limit in days
    ends."""

    moment: dt.datetime
    day: dt.date
    provisional: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are worked. `overrides` (day → worked) go before what is announced; `announced` years are complete
    in them."""

    overrides: Mapping[dt.date, bool] = field(default_factory=dict)
    announced: frozenset[int] = frozenset()
    closing: dt.time = dt.time(17, 30)

    @classmethod
    def load(cls, path: Path = TABLE) -> "Calendar":
        """The calendar with the overrides of a table (date, working, note). Raises InvalidData with the line."""
        overrides: dict[dt.date, bool] = {}
        announced: set[int] = set()
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in (reader := csv.DictReader(file)):
                try:
                    if row["working"] == "announced":
                        announced.add(int(row["date"]))
                    else:
                        overrides[dt.date.fromisoformat(row["date"])] = {"yes": True, "no": False}[row["working"]]
                except (KeyError, ValueError, TypeError):
                    reason = "write date (2027-02-06) and yes or no, or a year and announced"
                    raise InvalidData(path.name, f"line {reader.line_num}", reason) from None
        return cls(overrides, frozenset(announced))

    def is_working(self, day: dt.date) -> tuple[bool, bool]:
        """(worked, provisional) for one day."""
        if day in self.overrides:
            return self.overrides[day], False
        if day.year in self.announced:
            return day.weekday() < 5, False
        try:
            return bool(chinese_calendar.is_workday(day)), False
        except NotImplementedError:
            return day.weekday() < 5 and day not in feast_days(day.year), True

    def add(self, day: dt.date, n: int) -> Count:
        """The next n working days after a day."""
        return self._count(day, n, _DAY)

    def before(self, day: dt.date, n: int) -> Count:
        """The n working days before a day, the nearest first."""
        return self._count(day, n, -_DAY)

    def explain_before(self, day: dt.date, n: int) -> tuple[dt.date, ...]:
        """The days that `before` counted, for telling why: before Fri 25 Sep 2026: Thu 24, Wed 23, Tue 22."""
        return self.before(day, n).days

    def next_working(self, day: dt.date) -> Count:
        """The day itself where it is worked, else the next one that is."""
        worked, provisional = self.is_working(day)
        if worked:
            return Count(day, (), provisional)
        found = self.add(day, 1)
        return Count(day, found.days, found.provisional or provisional)

    def _count(self, start: dt.date, n: int, step: dt.timedelta) -> Count:
        days: list[dt.date] = []
        provisional, day = False, start
        while len(days) < n:
            day += step
            worked, unsure = self.is_working(day)
            provisional |= unsure
            if worked:
                days.append(day)
        return Count(start, tuple(days), provisional)

    def limit_end(self, start: dt.datetime, n: int, unit: Unit, tz: ZoneInfo) -> LimitEnd:
        """The end of a limit of n units that begins at `start` (aware).

        Minutes and hours run through; days and months end at 24:00 local time of the last day; working days begin to be
        counted on the day after the start, which is the next working day when it comes after hours or on a day off.
        """
        if start.tzinfo is None:
            raise ValueError("a limit starts at an aware time")
        local = start.astimezone(tz)
        if unit in ("min", "h"):
            end = start.astimezone(dt.UTC) + n * dt.timedelta(**{"minutes" if unit == "min" else "hours": 1})
            return LimitEnd(end, end.astimezone(tz).date(), False)
        if unit == "wd":
            return self._end_of_working_days(local, n, tz)
        day = local.date() + n * _DAY if unit == "cd" else add_months(local.date(), n)
        return LimitEnd(end_of(day, tz), day, False)

    def _end_of_working_days(self, local: dt.datetime, n: int, tz: ZoneInfo) -> LimitEnd:
        late = local.time() > self.closing
        first = self.next_working(local.date() + _DAY if late else local.date())
        counted = self.add(first.day, n)
        return LimitEnd(end_of(counted.day, tz), counted.day, first.provisional or counted.provisional)

    def working_days_between(self, start: dt.date, end: dt.date) -> int:
        """How many working days lie after `start` up to and with `end`; 0 where the end is not later."""
        days = _days(start + _DAY, end)
        return sum(1 for day in days if self.is_working(day)[0])


def _days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    return (first + n * _DAY for n in range((last - first).days + 1))


def end_of(day: dt.date, tz: ZoneInfo) -> dt.datetime:
    """24:00 of a local day, in UTC."""
    return dt.datetime.combine(day + _DAY, dt.time(), tz).astimezone(dt.UTC)


def add_months(day: dt.date, n: int) -> dt.date:
    """The same day n months later, or the last day of that month where it has no such day."""
    months = day.year * 12 + day.month - 1 + n
    year, month = divmod(months, 12)
    following = dt.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(dt.date(year, month + 1, 1) + (day.day - 1) * _DAY, following - _DAY)


@cache
def feast_days(year: int) -> frozenset[dt.date]:
    """The eight feast days: 元旦, 除夕, 春节, 清明, 劳动节, 端午, 中秋, 国庆, one day each."""
    fixed = {dt.date(year, month, day) for month, day in _FEASTS}
    lunar = {lunar_day(year, month, day) for month, day in _LUNAR_FEASTS}
    return frozenset(fixed | lunar | {lunar_day(year, 1, 1) - _DAY, solar_term(year, "清明")})


def lunar_day(year: int, month: int, day: int) -> dt.date:
    """The date of a day of the Chinese lunar year that begins in `year`."""
    return dt.date.fromisoformat(Lunar.fromYmd(year, month, day).getSolar().toYmd())


def solar_term(year: int, term: str) -> dt.date:
    """The date of a solar term (清明, 冬至 …) in a year. Raises KeyError for a name that is none."""
    return dt.date.fromisoformat(Lunar.fromYmd(year, 6, 1).getJieQiTable()[term].toYmd())
