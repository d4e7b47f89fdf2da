"""Nobody who sees a table can work out a figure that is hidden in it: another table that shows the same always exists.

A figure of these tables stands in two sums at most, so that tables which show the same differ by rounds of ones: one
more here, one less there, until every sum is right again. The search for such a round is exact.
"""

import itertools
import math
from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from oversight.small_groups import Key, Sum, hide
from oversight.table import Hidden

LEAST = 5
OUTSIDE = "outside"


def column(rows: int) -> Sum:
    return Sum(tuple(range(rows)), "total")


class Table:
    """What is hidden of a table: of each figure its value, its bounds, and with which sign it stands in which sums."""

    def __init__(self, values: Mapping[Key, int], hidden: Mapping[Key, Hidden], small: set[Key], sums: Sequence[Sum]):
        self.values = {key: values[key] for key in hidden}
        self.bounds = {key: self._bounds(how, key in small) for key, how in hidden.items()}
        self.stands: dict[Key, list[tuple[Key, int]]] = {key: [] for key in hidden}
        for place, each in enumerate(sums):
            for key, sign in [*((part, 1) for part in each.parts), (each.whole, -1)]:
                if key in hidden:
                    self.stands[key].append((place, sign))
            if each.rest:
                key = ("rest", place)
                self.values[key] = values[each.whole] - sum(values[part] for part in each.parts)
                self.bounds[key], self.stands[key] = (0, math.inf), [(place, 1)]
        for key, stands in self.stands.items():
            assert len(stands) <= 2, key
            stands += [(OUTSIDE, 1)] * (2 - len(stands))

    @staticmethod
    def _bounds(how: Hidden, small: bool) -> tuple[float, float]:
        if not how.derived:
            return 0, LEAST - 1
        return (LEAST if small else 0), math.inf

    def may_differ(self, key: Key) -> bool:
        return self._by(key, 1) or self._by(key, -1)

    def _fits(self, key: Key, step: int) -> bool:
        return self.bounds[key][0] <= self.values[key] + step <= self.bounds[key][1]

    def _by(self, key: Key, step: int) -> bool:
        """Whether the figure may be one more or less, with others that make up for it."""
        if not self._fits(key, step):
            return False
        (start, sign), (end, other) = self.stands[key]
        if start == end == OUTSIDE:
            return True
        goal = (end, other * step)  # what must lack there, for this one to bring it
        waiting, seen = deque([(start, -sign * step)]), {(start, -sign * step)}
        while waiting:
            here = waiting.popleft()
            for there, lacks in self._on(here, key):
                if there == end and (end == OUTSIDE or (there, lacks) == goal):
                    return True
                if (there, lacks) not in seen:
                    seen.add((there, lacks))
                    waiting.append((there, lacks))
        return False

    def _on(self, here: tuple[Key, int], without: Key) -> Iterator[tuple[Key, int]]:
        """What another figure changes elsewhere when it gives a sum what it lacks."""
        place, lacks = here
        for key, stands in self.stands.items():
            for (at, sign), (there, other) in (stands, stands[::-1]):
                if key == without or at != place:
                    continue
                for step in (1, -1) if place == OUTSIDE else (lacks * sign,):
                    if self._fits(key, step):
                        yield there, -other * step


def check(values: dict[Key, int], small: set[Key], sums: Sequence[Sum]) -> None:
    hidden = hide(values, small, sums, LEAST)
    assert {key for key in small if values[key] < LEAST} <= set(hidden)
    table = Table(values, hidden, small, sums)
    assert [key for key in hidden if not table.may_differ(key)] == [], (values, hidden)


COUNTS = st.one_of(st.integers(0, 6), st.integers(0, 14))


@given(st.lists(COUNTS, min_size=1, max_size=6))
@settings(max_examples=150, deadline=None)
def test_a_column_with_its_total(rows: list[int]) -> None:
    values: dict[Key, int] = {**dict(enumerate(rows)), "total": sum(rows)}
    check(values, set(values), [column(len(rows))])


@given(st.lists(st.tuples(COUNTS, COUNTS), min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_two_columns_that_make_a_third(rows: list[tuple[int, int]]) -> None:
    """As the monthly returns: due is shown whatever it is, nothing and something only from five on."""
    cells: dict[Key, int] = {}
    for place, pair in enumerate([*rows, tuple(map(sum, zip(*rows, strict=True)))]):
        name = place if place < len(rows) else "total"
        cells |= {(name, "zero"): pair[0], (name, "has"): pair[1], (name, "due"): pair[0] + pair[1]}
    names = [*range(len(rows)), "total"]
    sums = [Sum(tuple((n, c) for n in range(len(rows))), ("total", c)) for c in ("zero", "has", "due")]
    sums += [Sum(((n, "zero"), (n, "has")), (n, "due")) for n in names]
    check(cells, {key for key in cells if key[1] != "due"}, sums)  # type: ignore[index]


@given(st.lists(st.integers(0, 6), min_size=2, max_size=4), st.integers(0, 12))
@settings(max_examples=80, deadline=None)
def test_parts_of_a_whole_with_a_rest(parts: list[int], rest: int) -> None:
    values: dict[Key, int] = {**dict(enumerate(parts)), "whole": sum(parts) + rest}
    check(values, set(values), [Sum(tuple(range(len(parts))), "whole", rest=True)])


def test_what_is_hidden_besides() -> None:
    values: dict[Key, int] = {0: 3, 1: 9, 2: 20, "total": 32}
    assert hide(values, set(values), [column(3)], LEAST) == {0: Hidden(), 1: Hidden(derived=True)}
    nothing_else: dict[Key, int] = {0: 0, 1: 0, 2: 20, "total": 20}
    assert hide(nothing_else, set(nothing_else), [column(3)], LEAST)[2] == Hidden(derived=True)
    only: dict[Key, int] = {0: 3, "total": 3}
    assert hide(only, set(only), [column(1)], LEAST) == {0: Hidden(), "total": Hidden()}
    large: dict[Key, int] = {0: 5, 1: 6, "total": 11}
    assert hide(large, set(large), [column(2)], LEAST) == {}


def test_a_bridge_between_two_blocks_is_told_by_both() -> None:
    """Two hidden figures in each row and column do not suffice: the sums of a block leave one that joins it."""
    rows = [[1, 2, 9, 9], [2, 1, 3, 9], [9, 9, 1, 2], [9, 9, 2, 1]]
    cells: dict[Key, int] = {(r, c): rows[r][c] for r, c in itertools.product(range(4), range(4))}
    cells |= {(r, "all"): sum(rows[r]) for r in range(4)} | {("all", c): sum(row[c] for row in rows) for c in range(4)}
    cells["all", "all"] = sum(map(sum, rows))
    sums = [Sum(tuple((r, c) for c in range(4)), (r, "all")) for r in (*range(4), "all")]
    sums += [Sum(tuple((r, c) for r in range(4)), ("all", c)) for c in (*range(4), "all")]
    check(cells, set(cells), sums)
    assert len(hide(cells, set(cells), sums, LEAST)) > 9
