import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from oversight.periods import before, month_of, months_in, parse_period, text_of, titles_of, year_before
from oversight.table import Period

DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2090, 12, 31))
WRITTEN = st.builds(
    lambda year, rest: f"{year}{rest}",
    st.integers(1990, 2090),
    st.sampled_from(["", "H1", "H2", *[f"Q{n}" for n in range(1, 5)], *[f"-{n:02}" for n in range(1, 13)]]),
)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-09", "2026-09-01", "2026-09-30"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2026Q4", "2026-10-01", "2026-12-31"),
        ("2026h1", "2026-01-01", "2026-06-30"),
        ("2005", "2005-01-01", "2005-12-31"),
        (" 2026-09-05..2026-09-05 ", "2026-09-05", "2026-09-05"),
    ],
)
def test_a_period_is_read(text: str, first: str, last: str) -> None:
    found = parse_period(text)
    assert (str(found.first), str(found.last)) == (first, last)


@pytest.mark.parametrize(
    "text", ["", "2026-13", "2026-00", "2026Q5", "26-09", "2026-09-31..2026-10-01", "2026-09-02..2026-09-01", "0000",
             "1990-01-01..2026-01-01", "九月", "2026-09-01.."],
)  # fmt: skip
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_period(text)
    assert refused.value.key == "report.bad_period"


@given(WRITTEN)
def test_a_period_is_read_as_it_is_written(text: str) -> None:
    assert text_of(parse_period(text)) == text


@given(WRITTEN)
def test_the_period_before_ends_the_day_before(text: str) -> None:
    here = parse_period(text)
    assert before(here).last == here.first - dt.timedelta(days=1)
    assert before(here).kind == here.kind
    assert year_before(here).first == here.first.replace(year=here.first.year - 1)


@given(DAYS, st.integers(0, 800))
def test_months_partition_every_stretch(first: dt.date, days: int) -> None:
    last = first + dt.timedelta(days=days)
    parts = months_in(Period("free", first, last))
    assert (parts[0].first, parts[-1].last) == (first, last)
    for one, next_one in itertools.pairwise(parts):
        assert next_one.first == one.last + dt.timedelta(days=1)
    assert all(part.first.replace(day=1) == part.last.replace(day=1) for part in parts)


@given(DAYS)
def test_every_day_is_in_its_month(day: dt.date) -> None:
    month = month_of(day)
    assert month.first <= day <= month.last
    assert year_before(Period("free", day, day)).first.month == day.month


def test_periods_have_names() -> None:
    names = [
        titles_of(parse_period(text)) for text in ("2005", "2026H2", "2026Q3", "2026-09", "2026-09-01..2026-10-02")
    ]
    assert [each["zh-Hans"] for each in names] == [
        "2005年", "2026年下半年", "2026年第三季度", "2026年9月", "2026年9月1日至2026年10月2日"
    ]  # fmt: skip
    assert [each["en"] for each in names] == [
        "2005", "second half of 2026", "Q3 2026", "September 2026", "1 September 2026 to 2 October 2026"
    ]  # fmt: skip
