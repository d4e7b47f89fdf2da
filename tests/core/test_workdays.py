"""Working days with make-up days, and the ends of limits, against announced years and worked examples."""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidData
from core.workdays import Calendar, Unit, add_months

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = Calendar.load()


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def at(text: str, tz: ZoneInfo = SHANGHAI) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=tz)


WORKED = [
    ("2026-01-04", True, False, "a Sunday made up"),
    ("2026-02-14", True, False, "a Saturday made up"),
    ("2026-09-20", True, False, "a Sunday made up"),
    ("2026-10-10", True, False, "a Saturday made up"),
    ("2026-09-25", False, False, "Mid-Autumn"),
    ("2026-10-07", False, False, "National Day week"),
    ("2026-11-21", False, False, "a Saturday"),
    ("2027-02-05", False, True, "除夕, not announced"),
    ("2027-02-08", True, True, "a Monday, not announced"),
    ("2027-10-02", False, True, "a Saturday, not announced"),
]


@pytest.mark.parametrize(("date", "worked", "provisional", "why"), WORKED)
def test_is_working(date: str, worked: bool, provisional: bool, why: str) -> None:
    assert CALENDAR.is_working(day(date)) == (worked, provisional), why


def test_why_the_mid_autumn_reminder_goes_out_on_tuesday() -> None:
    assert CALENDAR.explain_before(day("2026-09-25"), 3) == (day("2026-09-24"), day("2026-09-23"), day("2026-09-22"))


ENDS: list[tuple[str, int, Unit, str, str]] = [
    ("2026-09-14T10:12", 2, "wd", "2026-09-16", "accept an intercession"),
    ("2026-09-15T09:30", 10, "wd", "2026-09-29", "verify: Sun 20 counts, Fri 25 does not"),
    ("2026-09-28T10:30", 5, "wd", "2026-10-10", "29, 30 Sep, 8, 9, 10 Oct"),
    ("2026-09-11T10:00", 3, "wd", "2026-09-16", "report a gift of Friday"),
    ("2026-09-11T10:00", 1, "mo", "2026-10-11", "hand it in within a month"),
    ("2026-09-14T09:00", 5, "wd", "2026-09-20", "15, 16, 17, 18, Sun 20"),
    ("2026-09-18T09:00", 5, "wd", "2026-09-24", "20, 21, 22, 23, 24"),
    ("2026-09-21T09:00", 5, "wd", "2026-09-29", "22, 23, 24, 28, 29"),
    ("2026-09-22T10:10", 15, "wd", "2026-10-20", "a named tip"),
    ("2026-09-15T14:30", 1, "wd", "2026-09-16", "red warning"),
    ("2026-09-14T17:30", 1, "wd", "2026-09-15", "at closing time it is still that day"),
    ("2026-09-14T17:31", 1, "wd", "2026-09-16", "after hours the next working day is day 0"),
    ("2026-09-19T10:00", 1, "wd", "2026-09-21", "Saturday; Sunday 20 is worked and day 0"),
    ("2026-11-21T10:00", 2, "wd", "2026-11-25", "a plain Saturday: Monday is day 0"),
    ("2026-09-14T10:00", 15, "cd", "2026-09-29", "calendar days"),
    ("2026-01-31T10:00", 1, "mo", "2026-02-28", "no 31 February"),
]


@pytest.mark.parametrize(("start", "n", "unit", "last", "why"), ENDS)
def test_limits_in_days_end_at_24_00(start: str, n: int, unit: Unit, last: str, why: str) -> None:
    end = CALENDAR.limit_end(at(start), n, unit, SHANGHAI)
    assert (end.day, end.provisional) == (day(last), False), why
    assert end.moment == at(last + "T00:00") + dt.timedelta(days=1)
    assert end.moment.utcoffset() == dt.timedelta()


def test_hours_and_minutes_run_through() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    end = CALENDAR.limit_end(at("2026-10-24T12:00", berlin), 24, "h", berlin)
    assert end.moment.astimezone(berlin) == at("2026-10-25T11:00", berlin)
    assert CALENDAR.limit_end(at("2026-09-14T23:50"), 20, "min", SHANGHAI).day == day("2026-09-15")


def test_a_limit_into_a_year_not_announced_is_provisional() -> None:
    end = CALENDAR.limit_end(at("2026-12-30T10:00"), 3, "wd", SHANGHAI)
    assert (end.day, end.provisional) == (day("2027-01-05"), True)


def test_a_naive_start_is_an_error() -> None:
    with pytest.raises(ValueError, match="aware"):
        CALENDAR.limit_end(dt.datetime(2026, 9, 14), 1, "wd", SHANGHAI)


def test_moving_to_the_next_working_day() -> None:
    assert CALENDAR.next_working(day("2026-10-05")).day == day("2026-10-08")
    assert CALENDAR.next_working(day("2026-10-08")).day == day("2026-10-08")


def test_our_own_table_goes_first(tmp_path: Path) -> None:
    table = tmp_path / "w.csv"
    rows = "date,working,note\n2027,announced,\n2027-02-05,no,除夕\n2027-02-14,yes,make-up\n2026-11-23,no,typhoon\n"
    table.write_text(rows, encoding="utf-8")
    calendar = Calendar.load(table)
    assert calendar.is_working(day("2027-02-05")) == (False, False)
    assert calendar.is_working(day("2027-02-14")) == (True, False)
    assert calendar.is_working(day("2027-02-08")) == (True, False)
    assert calendar.is_working(day("2026-11-23")) == (False, False)
    assert calendar.is_working(day("2028-02-08")) == (True, True)


@pytest.mark.parametrize("row", ["2027-13-01,no,", "2027-01-01,maybe,", "soon,announced,", "2027-01-01"])
def test_a_wrong_row_is_named(tmp_path: Path, row: str) -> None:
    table = tmp_path / "w.csv"
    table.write_text(f"date,working,note\n2026-01-02,yes,\n{row}\n", encoding="utf-8")
    with pytest.raises(InvalidData, match=r"w\.csv, line 3"):
        Calendar.load(table)


DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2030, 12, 31))


@given(DAYS, st.integers(1, 30))
def test_counting_forth_and_back_meets(start: dt.date, n: int) -> None:
    worked = CALENDAR.next_working(start).day
    assert CALENDAR.before(CALENDAR.add(worked, n).day, n).day == worked
    assert CALENDAR.working_days_between(start, CALENDAR.add(start, n).day) == n


@given(DAYS, st.integers(0, 40))
def test_adding_months_lands_in_the_right_month(start: dt.date, n: int) -> None:
    later = add_months(start, n)
    assert (later.year * 12 + later.month) - (start.year * 12 + start.month) == n
    assert later.day <= start.day
