"""The stretches of days that a report counts: how they are written, what they are called, which ones lie before.

`2026-09` is a month, `2026Q3` a quarter, `2026H1` a half, `2026` a year, `2026-09-01..2026-09-15` any stretch. Pure.
"""

import datetime as dt
import re
from typing import Final

from core.errors import Refused
from oversight.table import Period, Titles

_WRITTEN: Final = re.compile(r"(\d{4})(?:-(\d\d)|Q([1-4])|H([12]))?")
_MONTHS: Final = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_MOST_DAYS: Final = 366 * 10
_ORDINALS: Final = "一二三四"
_LONG: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def parse_period(text: str) -> Period:
    """Return the period that a text writes. Raises Refused where it is none, ends before it begins or is too long."""
    try:
        found = _parse(text.strip().upper())
    except ValueError:
        found = None
    if found is None or found.last < found.first or (found.last - found.first).days > _MOST_DAYS:
        raise Refused("report.bad_period")
    return found


def _parse(text: str) -> Period | None:
    first, dots, last = text.partition("..")
    if dots:
        return Period("free", dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    year, month, quarter, half = int(found[1]), found[2], found[3], found[4]
    if month:
        return _of_months("month", year, int(month))
    if quarter:
        return _of_months("quarter", year, int(quarter) * 3 - 2)
    return _of_months("half", year, int(half) * 6 - 5) if half else _of_months("year", year, 1)


def _of_months(kind: str, year: int, month: int) -> Period:
    first = dt.date(year, month, 1)
    return Period(kind, first, _months_on(first, _MONTHS[kind]) - dt.timedelta(days=1))  # type: ignore[arg-type]


def _months_on(day: dt.date, months: int) -> dt.date:
    """The same day some months on or back; the last of the month where it has no such day."""
    years, place = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in range(day.day, 27, -1):
        try:
            return dt.date(years, place + 1, number)
        except ValueError:
            continue
    return dt.date(years, place + 1, day.day)


def text_of(period: Period) -> str:
    """Return a period as `parse_period` reads it."""
    first = period.first
    match period.kind:
        case "year":
            return f"{first:%Y}"
        case "half":
            return f"{first:%Y}H{(first.month + 5) // 6}"
        case "quarter":
            return f"{first:%Y}Q{(first.month + 2) // 3}"
        case "month":
            return f"{first:%Y-%m}"
        case _:
            return f"{first}..{period.last}"


def month_of(day: dt.date) -> Period:
    """Return the calendar month of a day."""
    return _of_months("month", day.year, day.month)


def before(period: Period) -> Period:
    """Return the period of the same length that ends the day before this one begins."""
    if period.kind == "free":
        days = period.last - period.first
        last = period.first - dt.timedelta(days=1)
        return Period("free", last - days, last)
    first = _months_on(period.first, -_MONTHS[period.kind])
    return _of_months(period.kind, first.year, first.month)


def year_before(period: Period) -> Period:
    """Return the same stretch of the year before."""
    if period.kind == "free":
        return Period("free", _months_on(period.first, -12), _months_on(period.last, -12))
    return _of_months(period.kind, period.first.year - 1, period.first.month)


def months_in(period: Period) -> list[Period]:
    """Return the parts of a period that lie in one calendar month each, in order; together they are the period."""
    found = []
    first = period.first
    while first <= period.last:
        end = min(month_of(first).last, period.last)
        found.append(Period("month", first, end))
        first = end + dt.timedelta(days=1)
    return found


def titles_of(period: Period) -> Titles:
    """Return what a period is called in each language."""
    first, last = period.first, period.last
    year = f"{first.year}年"
    match period.kind:
        case "year":
            return _titles(year, year, f"{first.year}")
        case "half":
            half = (first.month + 5) // 6 - 1
            chinese = f"{year}{'上下'[half]}半年"
            return _titles(chinese, chinese, f"{('first', 'second')[half]} half of {first.year}")
        case "quarter":
            quarter = (first.month + 2) // 3
            chinese = f"{year}第{_ORDINALS[quarter - 1]}季度"
            return _titles(chinese, chinese, f"Q{quarter} {first.year}")
        case "month":
            chinese = f"{year}{first.month}月"
            return _titles(chinese, chinese, f"{_LONG[first.month - 1]} {first.year}")
        case _:
            chinese = f"{year}{first.month}月{first.day}日至{last.year}年{last.month}月{last.day}日"
            return _titles(chinese, chinese, f"{_day(first)} to {_day(last)}")


def _day(day: dt.date) -> str:
    return f"{day.day} {_LONG[day.month - 1]} {day.year}"


def _titles(hans: str, hant: str, english: str) -> Titles:
    return {"zh-Hans": hans, "zh-Hant": hant, "en": english}
