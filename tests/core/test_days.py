"""Days and times as they are texted, on Monday 14 September 2026."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.days import parse_day, parse_moment

TODAY = dt.date(2026, 9, 14)

PAST = [
    ("今天", "2026-09-14"),
    ("昨天", "2026-09-13"),
    ("Yesterday", "2026-09-13"),
    ("前天", "2026-09-12"),
    ("昨晚", "2026-09-13"),
    ("0912", "2026-09-12"),
    ("０９１２", "2026-09-12"),
    ("9.12", "2026-09-12"),
    ("9/12", "2026-09-12"),
    ("9-12", "2026-09-12"),
    ("9月12日", "2026-09-12"),
    ("9月12號", "2026-09-12"),
    ("20260912", "2026-09-12"),
    ("2026-09-12", "2026-09-12"),
    ("2026年9月12日", "2026-09-12"),
    ("1231", "2025-12-31"),
    ("0915", "2025-09-15"),
    ("0229", "2024-02-29"),
    ("12 Sep", "2026-09-12"),
    ("Sept 12", "2026-09-12"),
    ("September 3rd", "2026-09-03"),
    ("明天", "2026-09-15"),
]


@pytest.mark.parametrize(("text", "expected"), PAST)
def test_days_of_the_past(text: str, expected: str) -> None:
    assert parse_day(text, TODAY).isoformat() == expected


COMING = [("0915", "2026-09-15"), ("0912", "2026-09-12"), ("0105", "2027-01-05"), ("12.9", "2026-12-09")]


@pytest.mark.parametrize(("text", "expected"), COMING)
def test_days_to_come(text: str, expected: str) -> None:
    assert parse_day(text, TODAY, past=False).isoformat() == expected


@pytest.mark.parametrize("text", ["1305", "0231", "", "某日", "9", "20261301", "0230", "abc 12", "12345"])
def test_no_days(text: str) -> None:
    with pytest.raises(ValueError):
        parse_day(text, TODAY)


MOMENTS = [
    ("昨天", "2026-09-13", None),
    ("0915 9:30到11:30", "2026-09-15T09:30", "2026-09-15T11:30"),
    ("0915 9点到11点", "2026-09-15T09:00", "2026-09-15T11:00"),
    ("0915 9 to 11", "2026-09-15T09:00", "2026-09-15T11:00"),
    ("0915 9:30-11:30", "2026-09-15T09:30", "2026-09-15T11:30"),
    ("昨天下午3点半", "2026-09-13T15:30", None),
    ("昨天 下午3点到5点", "2026-09-13T15:00", "2026-09-13T17:00"),
    ("yesterday 3pm", "2026-09-13T15:00", None),
    ("今天上午", "2026-09-14", None),
    ("9月12日晚上", "2026-09-12", None),
    ("上午10点", "2026-09-14T10:00", None),
    ("0912 23:15", "2026-09-12T23:15", None),
    ("今天中午12点", "2026-09-14T12:00", None),
    ("今天中午1点", "2026-09-14T13:00", None),
]


@pytest.mark.parametrize(("text", "begin", "end"), MOMENTS)
def test_moments(text: str, begin: str, end: str | None) -> None:
    moment = parse_moment(text, TODAY, past=False)
    assert (moment.text, moment.end_text) == (begin, end)


@pytest.mark.parametrize("text", ["0912 25:00", "0912 9", "不记得了", "下午", "0912 9:75", "周某"])
def test_no_moments(text: str) -> None:
    with pytest.raises(ValueError):
        parse_moment(text, TODAY)


@given(st.text(max_size=30))
def test_anything_is_read_or_refused(text: str) -> None:
    try:
        found = parse_moment(text, TODAY)
    except ValueError:
        return
    assert abs(found.day.year - TODAY.year) < 10000
    assert found.text.startswith(found.day.isoformat())


@given(st.dates(dt.date(2025, 9, 15), TODAY))
def test_a_month_and_day_of_the_last_year_is_found(day: dt.date) -> None:
    assert parse_day(f"{day:%m%d}", TODAY) == day
