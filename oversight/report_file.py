"""Reading data/reports.yaml; a wrong file is refused with its line and the reason. `lianxin check` and every start do.

A report that counts a kind which is not installed, and is listed under `later_kinds`, is left out with its columns.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, cast

from core.yaml_file import read
from models.report_queries import Place
from oversight.definition import (
    HOUSE,
    UNITS,
    Cell,
    ChartPlan,
    CrossTable,
    Definition,
    Derived,
    Line,
    Measure,
    Reports,
)  # fmt: skip
from oversight.imported import TABLES
from oversight.places import faults_in, place_in, tests_of
from oversight.register_report import register_report
from oversight.table import Column, Shape
from people.roles import roles
from records.kind import Kinds
from records.spot import Spot

TABLE: Final = Path(__file__).parent / "data" / "reports.yaml"
_FILE_KEYS: Final = {"version", "least", "small_kinds", "later_kinds", "reports"}
_REPORT_KEYS: Final = {
    "id", "zh", "hant", "en", "audience", "public", "rows", "columns", "hide_for", "all_small", "lines", "sentence",
    "notes", "charts", "crossed", "of",
}  # fmt: skip
_COLUMN_KEYS: Final = {
    "id", "zh", "hant", "en", "shape", "of", "by", "when", "sum", "distinct", "plus", "minus", "over", "goes_with",
    "open", "hidden",
}  # fmt: skip
_SHAPES: Final = ("unit", "text", "titles", "count", "money", "wan", "rate", "number", "date", "moment")


@dataclass(frozen=True, slots=True)
class _World:
    """What the columns of a file are checked against."""

    kinds: Kinds
    small: frozenset[str]
    later: frozenset[str]


def load_reports(kinds: Kinds, functions: Collection[str], path: Path = TABLE) -> Reports:
    """Return the reports of a file, checked against the kinds; `functions` are the names that `rows` may have.

    Raises InvalidData with file, line and reason.
    """
    top = Spot(path, read(path))
    top.only(_FILE_KEYS)
    least = top.need("least")
    if not isinstance(least, int) or least < 1:
        top.refuse("least is a whole number from 1 on", "least")
    world = _World(kinds, frozenset(top.texts("small_kinds")), frozenset(top.texts("later_kinds")))
    found: dict[str, Definition] = {}
    for spot in top.each("reports"):
        report = _report(spot, world, functions)
        if report.id in found:
            spot.refuse(f"{report.id} stands twice", "id")
        if report.cells and not _is_later(report.kinds, world):
            found[report.id] = report
    for kind in kinds.by_id.values():
        generic = register_report(kind, small=kind.id in world.small)
        found[generic.id] = generic
    return Reports(found, kinds, _version(path, kinds), least)


def _version(path: Path, kinds: Kinds) -> str:
    parts = [path.read_bytes(), *(kind.version.encode() for kind in kinds.by_id.values())]
    return hashlib.sha256(b"\n".join(parts)).hexdigest()[:12]


def _is_later(named: Collection[str], world: _World) -> bool:
    return any(name not in world.kinds.by_id for name in named)


def _report(spot: Spot, world: _World, functions: Collection[str]) -> Definition:
    spot.only(_REPORT_KEYS)
    rows = spot.maybe("rows") or UNITS
    if rows not in (UNITS, HOUSE, *functions):
        spot.refuse(f"rows is {UNITS}, {HOUSE} or the name of a function; there is none called {rows}", "rows")
    audience = spot.texts("audience")
    for role in (*audience, *spot.node.get("hide_for", {})):
        if role not in roles().by_id:
            spot.refuse(f"no such role: {role}", "audience")
    cells = tuple(_cell(each, world, counted=rows in (UNITS, HOUSE)) for each in _columns(spot, world))
    own = spot.texts("of")
    _check_kinds(spot, own, world)
    made = Definition(
        spot.text("id"),
        spot.titles(),
        audience,
        rows,
        cells,
        tuple(dict.fromkeys([*own, *(each.measure.of for each in cells if each.measure and each.measure.is_kind)])),
        spot.flag("public"),
        {role: frozenset(spot.sub("hide_for").texts(role)) for role in spot.node.get("hide_for", {})},
        spot.flag("all_small"),
        tuple(_line(each) for each in spot.each("lines")),
        spot.sub("sentence").titles() if "sentence" in spot.node else None,
        tuple(each.titles() for each in spot.each("notes")),
        tuple(ChartPlan(each.text("column"), _chart(each)) for each in spot.each("charts")),
        tuple(_crossed(each, world) for each in spot.each("crossed")),
    )
    _check_names(spot, made)
    return made


def _columns(spot: Spot, world: _World) -> list[Spot]:
    """The columns, without those of kinds that are still to come."""
    return [each for each in spot.each("columns") if each.node.get("of") not in world.later - world.kinds.by_id.keys()]


def _check_kinds(spot: Spot, named: Collection[str], world: _World) -> None:
    for name in named:
        if name not in world.kinds.by_id and name not in world.later:
            spot.refuse(f"no such kind: {name}", "of")


def _cell(spot: Spot, world: _World, *, counted: bool) -> Cell:
    spot.only(_COLUMN_KEYS)
    shape = spot.text("shape")
    if shape not in _SHAPES:
        spot.refuse(f"no such shape: {shape}", "shape")
    column = Column(spot.text("id"), spot.titles(), cast(Shape, shape))
    if "plus" in spot.node:
        derived = Derived(spot.texts("plus"), spot.texts("minus"), spot.texts("over"))
        return Cell(column, derived=derived, shown=not spot.flag("hidden"))
    if not counted or column.shape == "unit":
        return Cell(column)
    measure = _measure(spot, world)
    goes_with = spot.maybe("goes_with")
    small = measure.is_kind and measure.of in world.small and not spot.flag("open")
    if small and measure.sum is not None and goes_with is None:
        spot.refuse("an amount of this kind says with which count it goes_with", "sum")
    return Cell(
        column, measure, small=small and measure.sum is None, goes_with=goes_with, shown=not spot.flag("hidden")
    )


def _measure(spot: Spot, world: _World) -> Measure:
    of = spot.text("of")
    if of in TABLES:
        return _of_table(spot, of)
    if of not in world.kinds.by_id:
        spot.refuse(f"no such kind or imported table: {of}", "of")
    kind = world.kinds.get(of)

    def place(key: str) -> Place | None:
        name = spot.maybe(key)
        found = place_in(kind, name) if name else None
        if name and found is None:
            spot.refuse(f"{of} has no fact {name}", key)
        return found

    condition = spot.condition("when")
    for fault in faults_in(kind, condition) if condition else ():
        spot.refuse(fault, "when")
    tests = tests_of(kind, condition) if condition else ()
    return Measure(of, True, tests, condition is None or condition.every, place("by"), place("sum"), place("distinct"))


def _of_table(spot: Spot, of: str) -> Measure:
    table = TABLES[of]

    def place(key: str) -> Place | None:
        name = spot.maybe(key)
        if name and name not in table.places:
            spot.refuse(f"{of} has no column {name}", key)
        return table.places[name] if name else None

    condition = spot.condition("when")
    fields = list(table.places)
    for fault in condition.faults(fields, (), table.choices) if condition else ():
        spot.refuse(fault, "when")
    tests = table.tests(condition) if condition else ()
    return Measure(of, False, tests, condition is None or condition.every, place("by"), None, place("distinct"))


def _line(spot: Spot) -> Line:
    spot.only({"whole", "parts", "rest"})
    return Line(spot.text("whole"), spot.texts("parts"), spot.flag("rest"))


def _chart(spot: Spot) -> Literal["bars", "months"]:
    spot.only({"column", "as"})
    if (sort := spot.text("as")) not in ("bars", "months"):
        spot.refuse("as is bars or months", "as")
    return cast(Literal["bars", "months"], sort)


def _crossed(spot: Spot, world: _World) -> CrossTable:
    spot.only({"column", "down", "across", "zh", "hant", "en"})
    return CrossTable(spot.text("column"), spot.text("down"), spot.text("across"), spot.titles())


def _check_names(spot: Spot, made: Definition) -> None:
    """Every name of a column that a report uses is one of its columns; what it cannot show is not in its sentence."""
    named: Mapping[str, list[str]] = {
        "columns": [
            name
            for each in made.cells
            for name in (*_uses(each.derived), *((each.goes_with,) if each.goes_with else ()))
        ],
        "lines": [name for line in made.lines for name in (line.whole, *line.parts)],
        "hide_for": [name for names in made.hide_for.values() for name in names],
        "charts": [plan.column for plan in made.charts],
        "crossed": [each.column for each in made.crossed],
    }
    left_out = {each.get("id") for each in spot.node.get("columns", []) if isinstance(each, dict)} - made.ids
    for key, names in named.items():
        if missing := [name for name in names if name not in made.ids | left_out]:
            spot.refuse(f"{key} names {missing[0]}, which is no column", key)


def _uses(derived: Derived | None) -> tuple[str, ...]:
    return (*derived.plus, *derived.minus, *derived.over) if derived else ()
