"""Small groups are hidden, and so is every further figure from which one of them could be worked out.

A count below the least group is not shown. What stands in one sum with it is then looked at as whoever reads the table
would: of each hidden figure he knows that it is small or not, what the sums leave for it, and what several sums
together say. While that is one single number, the least telling figure of such a sum is hidden too. Pure.
Source: rule `min_group` of the roles.
"""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from fractions import Fraction

from oversight.table import Hidden

Key = Hashable
MOST_ROUNDS = 200


@dataclass(frozen=True, slots=True)
class Sum:
    """The parts make the whole, together with a rest that is never shown where `rest` says so."""

    parts: tuple[Key, ...]
    whole: Key
    rest: bool = False


def hide(values: Mapping[Key, int], small: Set[Key], sums: Sequence[Sum], least: int) -> dict[Key, Hidden]:
    """Return what is not shown of some figures: of `small` those below the least, and what would tell them."""
    hidden = {key: Hidden() for key in values if key in small and values[key] < least}
    if not hidden:
        return {}
    known = [each for each in sums if each.whole in values]
    while True:
        told = _told(values, hidden, small, known, least)
        chosen = _next(values, hidden, small, known, told)
        if chosen is None:
            return hidden
        hidden[chosen] = Hidden(derived=True)


def _next(
    values: Mapping[Key, int], hidden: Mapping[Key, Hidden], small: Set[Key], sums: Sequence[Sum], told: Set[Key]
) -> Key | None:
    """The figure to hide next: in a sum with one that is told, rather of the same sort, not a whole, and low."""
    order = {key: place for place, key in enumerate(values)}
    wholes = {each.whole for each in sums}
    near = {
        key
        for each in sums
        if told & {*each.parts, each.whole}
        for key in (*each.parts, each.whole)
        if key in values and key not in hidden
    }
    return min(near, key=lambda key: (key not in small, key in wholes, values[key], order[key]), default=None)


@dataclass(slots=True)
class _Equation:
    """Coefficients of what is hidden, and the number that they add up to."""

    of: dict[Key, Fraction]
    to: Fraction


def _told(
    values: Mapping[Key, int], hidden: Mapping[Key, Hidden], small: Set[Key], sums: Sequence[Sum], least: int
) -> set[Key]:
    """The hidden figures that the shown ones leave only one number for."""
    given = [_equation(values, hidden, place, each) for place, each in enumerate(sums)]
    firm = [each for each, of in zip(given, sums, strict=True) if not of.rest and each.of]
    bounds: dict[Key, tuple[float, float]] = {}
    for key, how in hidden.items():
        low = least if how.derived and key in small else 0
        bounds[key] = (low, math.inf) if how.derived else (0, least - 1)
    _tighten([*(each for each in given if each.of), *_reduced(firm)], bounds)
    return {key for key in hidden if bounds[key][0] == bounds[key][1]}


def _equation(values: Mapping[Key, int], hidden: Mapping[Key, Hidden], place: int, of: Sum) -> _Equation:
    made = _Equation({}, Fraction(0))
    terms = [*((key, 1) for key in of.parts if key in values), (of.whole, -1)]
    for key, sign in terms:
        if key in hidden:
            made.of[key] = made.of.get(key, Fraction(0)) + sign
        else:
            made.to -= sign * values[key]
    if of.rest and made.of:
        made.of[("rest", place)] = Fraction(1)
    return made


def _reduced(equations: Iterable[_Equation]) -> list[_Equation]:
    """What the equations say together: each in terms of what no other says (Gauss and Jordan)."""
    rows: list[tuple[Key, _Equation]] = []
    for given in equations:
        row = _Equation(dict(given.of), given.to)
        for lead, other in rows:
            _take(row, other, row.of.get(lead, Fraction(0)))
        if not row.of:
            continue
        lead = next(iter(row.of))
        _scale(row, 1 / row.of[lead])
        for _, other in rows:
            _take(other, row, other.of.get(lead, Fraction(0)))
        rows.append((lead, row))
    return [row for _, row in rows]


def _take(row: _Equation, other: _Equation, times: Fraction) -> None:
    if times == 0:
        return
    for key, factor in other.of.items():
        left = row.of.get(key, Fraction(0)) - times * factor
        if left:
            row.of[key] = left
        else:
            row.of.pop(key, None)
    row.to -= times * other.to


def _scale(row: _Equation, factor: Fraction) -> None:
    row.of = {key: each * factor for key, each in row.of.items()}
    row.to *= factor


def _tighten(equations: Sequence[_Equation], bounds: dict[Key, tuple[float, float]]) -> None:
    """Narrow the bounds of everything hidden by every equation until nothing gets narrower."""
    for each in equations:
        for key in each.of:
            bounds.setdefault(key, (0, math.inf))
    for _ in range(MOST_ROUNDS):
        if not any([_narrow(each, key, bounds) for each in equations for key in each.of]):
            return


def _narrow(equation: _Equation, key: Key, bounds: dict[Key, tuple[float, float]]) -> bool:
    low = high = float(equation.to)
    for other, factor in equation.of.items():
        if other != key:
            ends = [float(factor) * end if end else 0.0 for end in bounds[other]]
            low, high = low - max(ends), high - min(ends)
    own = float(equation.of[key])
    first, last = sorted((low / own, high / own))
    before = bounds[key]
    bounds[key] = (max(before[0], math.ceil(first - 1e-6) if math.isfinite(first) else first),
                   min(before[1], math.floor(last + 1e-6) if math.isfinite(last) else last))  # fmt: skip
    return bounds[key] != before
