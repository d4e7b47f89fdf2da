"""R08: how those who deal with each unit judge it, a composite index, and the rank among units of its kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from models import imported_queries, report_queries
from models.report_queries import Figure, Test
from oversight import periods
from oversight.counting import days_of
from oversight.making import HOUSE_ROW, Body, Making, in_order, unit_titles
from oversight.places import TRUE, place_in
from oversight.reader import house_selection
from oversight.small_groups import Key, Sum, hide
from oversight.survey_index import Pattern, Standing, Weights, composite, rounded, standing
from oversight.table import Cell, Hidden, Period

TOTAL = "total"
_REGISTERS = {"intercession": "occurred_at", "gift": "received_at"}


@cache
def weights() -> Weights:
    """Return the weights that the program was started with; read once."""
    return Weights.load()


@dataclass(frozen=True, slots=True)
class _Judged:
    """A unit, or the house, in one period."""

    standing: Standing
    composite: Fraction | None


async def survey_ranking(making: Making) -> Body:
    """Return the units that were judged; the public gets the figure of the house alone, a head his own units."""
    here = await _judged(making, making.period)
    earlier = await _judged(making, periods.before(making.period))
    hidden = _hidden(making, here)
    ranks = _ranks(making, here)
    columns = tuple(cell.column for cell in making.cells())

    def line(key: int | None) -> tuple[Cell, ...]:
        values = _values(making, here[key], earlier.get(key), ranks.get(key))
        small = here[key].standing.sets < making.reports.least
        return tuple(_shown(column.id, values, small, hidden.get(key or TOTAL)) for column in columns)

    wanted = [key for key in here if key is not None and _may_see(making, key)]
    rows = () if not making.reader.roles else tuple(
        (unit_titles(unit), *line(unit.id)[1:]) for unit in in_order(making.tree, wanted)
    )  # fmt: skip
    total = None if making.reader.units is not None else (HOUSE_ROW, *line(None)[1:])
    return Body(columns, rows, total)


def _may_see(making: Making, unit: int) -> bool:
    return making.reader.units is None or unit in making.reader.units


def _values(making: Making, judged: _Judged, earlier: _Judged | None, rank: int | None) -> dict[str, Any]:
    of = judged.standing
    change = None
    if earlier is not None and earlier.standing.sets >= making.reports.least and judged.composite is not None:
        change = judged.composite - (earlier.composite or Fraction(0))
    return {
        "sets": of.sets,
        "rate": rounded(of.satisfied, 4),
        **{name: rounded(value) for name, value in of.questions.items()},
        "index": rounded(of.index),
        "composite": rounded(judged.composite),
        "rank": rank,
        "change": rounded(change),
        "staff": of.apart,
    }


def _shown(column: str, values: Mapping[str, Any], small: bool, hidden: Hidden | None) -> Cell:
    if column == "unit":
        return None
    if column == "sets" and hidden is not None:
        return hidden
    if small and column not in ("sets", "staff"):
        return Hidden()
    value: Cell = values[column]
    return value


def _hidden(making: Making, here: Mapping[int | None, _Judged]) -> dict[Key, Hidden]:
    """The numbers of sets that are not shown."""
    units = [key for key in here if key is not None]
    values: dict[Key, int] = {key or TOTAL: each.standing.sets for key, each in here.items()}
    return hide(values, set(values), [Sum(tuple(units), TOTAL)], making.reports.least)


def _ranks(making: Making, here: Mapping[int | None, _Judged]) -> dict[int | None, int]:
    """The place of each unit among those of its kind; equal ones share it."""
    ranks: dict[int | None, int] = {}
    enough = {
        key: each.composite
        for key, each in here.items()
        if key is not None and each.composite is not None and each.standing.sets >= making.reports.least
    }
    for key, value in enough.items():
        kind = making.tree.by_id[key].kind
        better = [one for other, one in enough.items() if making.tree.by_id[other].kind == kind and one > value]
        ranks[key] = 1 + len(better)
    return ranks


async def _judged(making: Making, period: Period) -> dict[int | None, _Judged]:
    """Every unit with answers, and under None the house."""
    first, last = f"{period.first:%Y-%m}", f"{period.last:%Y-%m}"
    patterns: dict[int, list[Pattern]] = {}
    for row in await imported_queries.survey_patterns(first, last):
        found = Pattern(row["respondent"], row["answers"], int(row["many"]))
        patterns.setdefault(int(row["unit_id"]), []).append(found)
    besides = await _besides(making, period, await imported_queries.matters(first, last))
    found_of: dict[int | None, list[Pattern]] = {None: [one for each in patterns.values() for one in each]}
    for unit, own in patterns.items():
        found_of[unit] = own
    judged: dict[int | None, _Judged] = {}
    for key, of in found_of.items():
        standing_of = standing(weights(), of)
        parts = {"survey": standing_of.index, **besides(key)}
        judged[key] = _Judged(standing_of, composite(weights(), parts))
    return judged


async def _besides(making: Making, period: Period, matters: Mapping[int, int]) -> Any:
    """The parts of the composite index that come from the registers, by unit; None adds up the house."""
    counts = await _counts(making, period)

    def of(key: int | None) -> dict[str, Fraction | None]:
        def add(name: str) -> int:
            return sum(row.get(name, 0) for unit, row in counts.items() if key is None or unit == key)

        handled = sum(many for unit, many in matters.items() if key is None or unit == key)
        off = weights().off_for_complaints * Fraction(1000 * add("founded"), handled) if handled else None
        entries = add("entries") if add("entries") >= weights().least_entries else 0
        return {
            "complaints": None if off is None else max(Fraction(100) - off, Fraction(0)),
            "month_report": _share(add("returned"), add("due")),
            "registering": _share(add("filed_in_time"), entries),
        }

    return of


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(100 * part, whole) if whole else None


async def _counts(making: Making, period: Period) -> dict[int | None, dict[str, int]]:
    """What the registers say of each unit: the figure of a unit is nobody's own, so it leaves nothing out."""
    days, kinds = days_of(making.office, period), making.reports.kinds.by_id
    wanted: dict[str, list[tuple[str, str, tuple[Test, ...]]]] = {}
    for kind_id, by in _REGISTERS.items():
        late = place_in(kinds[kind_id], "filed_late")
        in_time = (Test(late, "ne", TRUE),) if late else ()
        wanted[kind_id] = [("entries", by, ()), ("filed_in_time", by, in_time)]
    found = place_in(kinds["complaint"], "found")
    assert found is not None
    wanted["complaint"] = [("founded", "received_at", (Test(found, "in", ("founded", "partly")),))]
    if returns := kinds.get("zero_report"):
        state = place_in(returns, "state")
        assert state is not None
        wanted["zero_report"] = [
            ("due", "period", (Test(state, "ne", ("excused",)),)),
            ("returned", "period", (Test(state, "in", ("zero_confirmed", "has_entries")),)),
        ]
    counts: dict[int | None, dict[str, int]] = {}
    for kind_id, figures in wanted.items():
        made = [Figure(name, tests, by=place_in(kinds[kind_id], by), days=days) for name, by, tests in figures]
        for unit, row in (await report_queries.by_unit(house_selection(kind_id), made)).items():
            for name, value in row.items():
                counts.setdefault(unit, {})[name] = counts.get(unit, {}).get(name, 0) + value
    return counts
