"""Rows of units: unit_id, parent, name_zh, name_en, kind; further columns of the table are known and not kept. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from people.csv_table import Problem, read_table
from people.row_checks import Checks

REQUIRED: Final = ("unit_id", "parent", "name_zh")
COLUMNS: Final = (*REQUIRED, "name_en", "kind", "poster_code", "pilot", "note")


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit of the file."""

    line: int
    code: str
    parent: str
    name_zh: str
    name_en: str
    kind: str


def read_units(data: bytes, existing: Collection[str], file: str = "units") -> tuple[list[UnitLine], list[Problem]]:
    """Return the units of a file, parents first, and what is wrong; `existing` units may be parents too."""
    table = read_table(file, data, COLUMNS, REQUIRED)
    checks = Checks(file)
    checks.problems += table.problems
    units: list[UnitLine] = []
    for row in table.rows:
        code = checks.code(row, "unit_id")
        checks.once(row, "unit_id", code)
        names = checks.words(row, "name_zh", needed=True), checks.words(row, "name_en")
        kind = checks.words(row, "kind", most=32) or "section"
        units.append(UnitLine(row.line, code, checks.code(row, "parent", needed=False), *names, kind))
    known = {unit.code for unit in units} | set(existing)
    for row, unit in zip(table.rows, units, strict=True):
        if unit.parent and unit.parent not in known:
            checks.wrong(row, "parent", "import.no_unit", item=unit.parent[:32])
    ordered, circle = _parents_first(units)
    checks.problems += [Problem(file, unit.line, "parent", "import.loop") for unit in circle]
    return ordered, checks.problems


def _parents_first(units: list[UnitLine]) -> tuple[list[UnitLine], list[UnitLine]]:
    """Order units so that each comes after its parent; what cannot be ordered goes in a circle."""
    in_file = {unit.code for unit in units}
    ordered: list[UnitLine] = []
    placed: set[str] = set()
    waiting = list(units)
    while waiting:
        ready = [unit for unit in waiting if unit.parent not in in_file or unit.parent in placed]
        if not ready:
            return ordered, waiting
        ordered += ready
        placed |= {unit.code for unit in ready}
        waiting = [unit for unit in waiting if unit.code not in placed]
    return ordered, []
