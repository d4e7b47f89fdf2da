"""Months, their last working days and due days: over make-up days, feasts and the end of the year."""

import datetime as dt

import pytest

from core.months import Month, due_day, last_working_day
from core.workdays import Calendar


def test_a_month_is_read_and_written() -> None:
    assert str(Month.parse("2026-09")) == "2026-09"
    assert Month.of(dt.date(2026, 12, 31)).plus(1) == Month(2027, 1)
    assert Month(2027, 1).plus(-1) == Month(2026, 12)
    assert Month(2028, 2).last == dt.date(2028, 2, 29)
    for wrong in ("2026-13", "2026-9", "202609", ""):
        with pytest.raises(ValueError, match="no month"):
            Month.parse(wrong)


@pytest.mark.parametrize(
    ("period", "asked", "due"),
    [
        ("2026-09", "2026-09-30", "2026-10-08"),  # 1 to 7 October are holidays
        ("2026-01", "2026-01-30", "2026-02-05"),  # the 31st is a Saturday
        ("2026-02", "2026-02-28", "2026-03-05"),  # Saturday 28 February is worked (make-up day)
        ("2026-04", "2026-04-30", "2026-05-06"),  # 5 May is a holiday
        ("2026-12", "2026-12-31", "2027-01-05"),  # over the end of the year
        ("2026-08", "2026-08-31", "2026-09-07"),  # 5 September is a Saturday
    ],
)
def test_when_a_month_is_asked_about_and_due(period: str, asked: str, due: str) -> None:
    month, calendar = Month.parse(period), Calendar()
    assert (str(last_working_day(month, calendar)), str(due_day(month, calendar))) == (asked, due)


def test_a_holiday_that_moves_moves_the_days() -> None:
    moved = Calendar({dt.date(2026, 9, 30): False, dt.date(2026, 10, 8): False})
    assert last_working_day(Month(2026, 9), moved) == dt.date(2026, 9, 29)
    assert due_day(Month(2026, 9), moved) == dt.date(2026, 10, 9)
