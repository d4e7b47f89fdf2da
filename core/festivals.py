"""Festivals: when they are, when their days off begin, and when a reminder before them is sent.

core/data/festivals.csv names each festival and its rule: `day M-D`, `lunar M-D` (the Chinese lunar year) or `term
清明`; `eve`
is 1 where the day before it is off too (除夕). An agency adds a row for a day of its own.
"""

import csv
import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import InvalidData
from core.text import Language
from core.workdays import Calendar, Count, lunar_day, solar_term

TABLE: Final = Path(__file__).parent / "data" / "festivals.csv"
_DAY: Final = dt.timedelta(days=1)
_RULE: Final = re.compile(r"(day|lunar) (\d{1,2})-(\d{1,2})|(term) (\S+)")


@dataclass(frozen=True, slots=True)
class Festival:
    """A festival and the rule of its day."""

    key: str
    names: Mapping[Language, str]
    rule: str
    eve: bool

    def day(self, year: int) -> dt.date:
        """Its date in a year. Raises ValueError or KeyError when the rule names no day."""
        if not (found := _RULE.fullmatch(self.rule)):
            raise ValueError(f"no rule: {self.rule}")
        if found[4]:
            return solar_term(year, found[5])
        month, day = int(found[2]), int(found[3])
        return dt.date(year, month, day) if found[1] == "day" else lunar_day(year, month, day)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One festival in one year: its day, the first day off, and whether that is not announced yet."""

    festival: Festival
    day: dt.date
    first_day_off: dt.date
    provisional: bool


@dataclass(frozen=True, slots=True)
class SendDay:
    """The day of a reminder: n working days before the first day off, with the days that were counted."""

    occurrence: Occurrence
    count: Count

    @property
    def day(self) -> dt.date:
        """The day on which the reminder goes out."""
        return self.count.day

    @property
    def provisional(self) -> bool:
        """Whether an announcement still to come may move the day."""
        return self.occurrence.provisional or self.count.provisional


class Festivals:
    """The festivals by key, on a calendar."""

    def __init__(self, festivals: Mapping[str, Festival], calendar: Calendar) -> None:
        self.by_key, self.calendar = festivals, calendar

    @classmethod
    def load(cls, calendar: Calendar, path: Path = TABLE) -> "Festivals":
        """The festivals of a table. Raises InvalidData with the line."""
        festivals: dict[str, Festival] = {}
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in (reader := csv.DictReader(file)):
                festivals[row["key"]] = _checked(row, path.name, reader.line_num)
        return cls(festivals, calendar)

    def in_year(self, key: str, year: int) -> Occurrence:
        """A festival in a year; where days off are announced they begin where the run of days off around it begins."""
        festival = self.by_key[key]
        day = festival.day(year)
        worked, provisional = self.calendar.is_working(day)
        first = day - _DAY if festival.eve else day
        if not worked and not provisional:
            first = self._begin_of_days_off(day)
        return Occurrence(festival, day, first, provisional)

    def _begin_of_days_off(self, day: dt.date) -> dt.date:
        while not self.calendar.is_working(day - _DAY)[0]:
            day -= _DAY
        return day

    def next_festival(self, key: str, after: dt.date) -> Occurrence:
        """The first occurrence whose day is after a day."""
        year = after.year if self.by_key[key].day(after.year) > after else after.year + 1
        return self.in_year(key, year)

    def coming(self, after: dt.date) -> list[Occurrence]:
        """The next occurrence of every festival, the nearest first."""
        return sorted((self.next_festival(key, after) for key in self.by_key), key=lambda one: one.day)

    def send_day(self, key: str, working_days: int, not_before: dt.date) -> SendDay:
        """The next day, from `not_before` on, that lies n working days before the first day off of a festival.

        Where this year's day is past already it is next year's; so an impossible wish is answered with a possible date.
        """
        year = not_before.year
        while True:
            occurrence = self.in_year(key, year)
            sent = SendDay(occurrence, self.calendar.before(occurrence.first_day_off, working_days))
            if sent.day >= not_before:
                return sent
            year += 1


def _checked(row: Mapping[str, str], file: str, line: int) -> Festival:
    try:
        names: dict[Language, str] = {"zh-Hans": row["zh_hans"], "zh-Hant": row["zh_hant"], "en": row["en"]}
        festival = Festival(row["key"], names, row["rule"], {"0": False, "1": True}[row["eve"]])
        festival.day(2026)
    except (KeyError, ValueError, TypeError):
        reason = "write a rule as day 1-1, lunar 1-1 or term 清明, and eve as 0 or 1"
        raise InvalidData(file, f"line {line}", reason) from None
    return festival
