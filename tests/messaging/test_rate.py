"""The rate of a lane under any sequence of sends, with a virtual clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.rate import RateWindow

SENDS = st.lists(st.tuples(st.integers(1, 12), st.floats(0, 2.5)), min_size=1, max_size=60)
RATES = st.one_of(st.integers(1, 40).map(float), st.sampled_from([0.2, 0.5, 1.5, 2.5]))


def starts(rate: float, sends: list[tuple[int, float]]) -> list[tuple[float, int]]:
    """Book every send, each so long after the one before was booked."""
    window, now, booked = RateWindow(rate), 0.0, []
    for units, pause in sends:
        now += pause
        booked.append((window.book(units, now), units))
    return booked


@given(RATES, SENDS)
def test_no_sliding_second_holds_more_than_the_rate(rate: float, sends: list[tuple[int, float]]) -> None:
    booked = starts(rate, sends)
    for at, _ in booked:
        inside = [units for start, units in booked if 0 <= at - start < 1.0 - 1e-9]
        assert sum(inside) <= rate or len(inside) == 1


@given(RATES, SENDS)
def test_bookings_keep_their_order_and_are_never_early(rate: float, sends: list[tuple[int, float]]) -> None:
    window, now, before = RateWindow(rate), 0.0, 0.0
    for units, pause in sends:
        now += pause
        start = window.book(units, now)
        assert start >= max(now, before)
        before = start


@given(st.integers(1, 30), st.integers(1, 200))
def test_a_whole_rate_is_used_fully(rate: int, many: int) -> None:
    booked = starts(float(rate), [(1, 0.0)] * many)
    assert booked[-1][0] == (many - 1) // rate


def test_a_message_larger_than_the_rate_is_paid_for() -> None:
    assert [start for start, _ in starts(1, [(3, 0), (1, 0), (1, 0)])] == [0.0, 3.0, 4.0]
    assert [start for start, _ in starts(0.5, [(1, 0), (1, 0)])] == [0.0, 2.0]


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_no_rate_is_refused(rate: float) -> None:
    with pytest.raises(ValueError):
        RateWindow(rate)
