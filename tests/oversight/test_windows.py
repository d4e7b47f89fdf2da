"""Which records belong together: borders of days and months, whatever the order of days. Pure."""

import datetime as dt
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.pattern_queries import Mark
from oversight.counted import LOUD, QUIET, local_day
from oversight.rule import AllQuiet, Count, Counted, InARow, Pair
from oversight.windows import days_around, hits_of, month_from

OF = Counted("x", None, (("a",),), "day")
BEGIN = dt.date(2026, 1, 1)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def marks(*days: int, who: str = "") -> list[Mark]:
    return [Mark(n, "h", BEGIN + dt.timedelta(days=day), who or str(n)) for n, day in enumerate(sorted(days))]


def monthly(*who: str) -> list[Mark]:
    return [Mark(n, "h", month_from(BEGIN, n), each) for n, each in enumerate(who)]


@pytest.mark.parametrize(("days", "found"), [((0, 30), True), ((0, 31), False), ((5, 5), True)])
def test_the_last_day_that_counts_is_so_many_days_after_the_first(days: tuple[int, int], found: bool) -> None:
    one, other = marks(*days)
    shape = Count(OF, None, within=30, at_least=2)
    assert hits_of(shape, one, [one, other]) == hits_of(shape, other, [one, other]) == ((0, 1) if found else ())


@given(st.lists(st.integers(0, 60), min_size=1, max_size=8), st.integers(0, 30), st.integers(2, 4), st.data())
def test_a_count_finds_what_any_stretch_of_days_holds(
    days: list[int], within: int, at_least: int, data: st.DataObject
) -> None:
    every = marks(*days)
    me = data.draw(st.sampled_from(every))
    first, last = days_around(Count(OF, None, within, at_least), me.day)
    near = [each for each in every if first <= each.day <= last]
    hits = hits_of(Count(OF, None, within, at_least), me, near)
    others = [each for each in every if each != me]
    wanted = any(
        (max(each.day for each in (me, *group)) - min(each.day for each in (me, *group))).days <= within
        for group in combinations(others, at_least - 1)
    )
    assert bool(hits) is wanted
    chosen = [each.day for each in every if each.record_id in hits]
    assert not chosen or (max(chosen) - min(chosen)).days <= within
    assert not hits or me.record_id in hits


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from("abc")), min_size=1, max_size=10))
def test_different_ones_are_counted_and_not_records(given_marks: list[tuple[int, str]]) -> None:
    every = [Mark(n, "h", BEGIN + dt.timedelta(days=day), who) for n, (day, who) in enumerate(sorted(given_marks))]
    hits = hits_of(Count(OF, "who", within=30, at_least=3), every[0], every)
    assert bool(hits) is ({each.who for each in every} == set("abc"))
    assert hits in ((), tuple(each.record_id for each in every))


@given(st.integers(-90, 90), st.integers(0, 60))
def test_a_pair_is_within_days_before_or_after(away: int, within: int) -> None:
    me = Mark(1, "h", BEGIN, "intercession")
    other = Mark(2, "h", BEGIN + dt.timedelta(days=away), "gift")
    shape = Pair(OF, OF, within)
    first, last = days_around(shape, me.day)
    assert (first <= other.day <= last) is (abs(away) <= within)
    assert bool(hits_of(shape, me, [me, other])) is (abs(away) <= within)
    assert hits_of(shape, me, [me, Mark(3, "h", BEGIN, "intercession")]) == ()


def test_months_in_a_row() -> None:
    shape = InARow(OF, times=2)
    late = [Mark(n, "h", month_from(BEGIN, month), str(n)) for n, month in enumerate((0, 1, 3, 5))]
    assert [hits_of(shape, each, late) for each in late] == [(0, 1), (0, 1), (), ()]
    december = [Mark(n, "h", month_from(BEGIN, month), str(n)) for n, month in enumerate((-1, 0))]
    assert hits_of(shape, december[0], december) == (0, 1)


def test_a_whole_unit_is_quiet_for_months() -> None:
    shape = AllQuiet(OF, quiet=None, months=3, size=2)  # type: ignore[arg-type]
    quiet = [Mark(place, "h", month_from(BEGIN, place // 2), QUIET) for place in range(6)]
    assert hits_of(shape, quiet[0], quiet) == hits_of(shape, quiet[5], quiet) == tuple(range(6))
    assert hits_of(shape, quiet[0], quiet[:5]) == ()
    assert hits_of(shape, quiet[0], [*quiet, Mark(9, "h", BEGIN, LOUD)]) == ()
    assert days_around(shape, dt.date(2026, 2, 1)) == (dt.date(2025, 12, 1), dt.date(2026, 4, 1))


@given(st.dates(), st.integers(-40, 40))
def test_months_stay_in_the_calendar(day: dt.date, months: int) -> None:
    assert month_from(day, months).day == 1
    for shape in (Count(OF, None, 365, 2), InARow(OF, 12)):
        first, last = days_around(shape, day)
        assert first <= last


@given(st.datetimes(dt.datetime(2000, 1, 2), dt.datetime(2090, 1, 1)))
def test_a_moment_counts_on_its_day_in_the_office(local: dt.datetime) -> None:
    """Of facts some are local without a zone, some are moments in UTC."""
    aware = local.replace(tzinfo=SHANGHAI)
    assert local_day(local.isoformat(), SHANGHAI) == local.date()
    assert local_day(aware.astimezone(dt.UTC).isoformat(), SHANGHAI) == local.date()
    assert local_day(local.date().isoformat(), SHANGHAI) == local.date()


@pytest.mark.parametrize("value", [None, "", "unknown", 7, "2026-13"])
def test_what_is_no_day_counts_on_none(value: object) -> None:
    assert local_day(value, SHANGHAI) is None
    assert local_day("2026-09", SHANGHAI) == dt.date(2026, 9, 1)
    assert local_day("2026-09-30T16:30:00+00:00", SHANGHAI) == dt.date(2026, 10, 1)
