"""Cross tables: the records of one column of a report by two of their choices, with both sums."""

from collections.abc import Mapping, Sequence

from models import report_queries
from oversight.counting import figure_of
from oversight.definition import CrossTable
from oversight.making import Making
from oversight.places import place_in
from oversight.small_groups import Key, Sum, hide
from oversight.table import Cell, Column, Section, Titles
from records.kind import Choice, Kind

ALL = "all"
_ALL: Titles = {"zh-Hans": "合计", "zh-Hant": "合計", "en": "all"}
_NOT_GIVEN: Titles = {"zh-Hans": "未填", "zh-Hant": "未填", "en": "not given"}


async def cross_tables(making: Making) -> list[Section]:
    """Return the cross tables of a report, small figures hidden as in the report itself."""
    return [await _table(making, each) for each in making.report.crossed]


async def _table(making: Making, table: CrossTable) -> Section:
    cell = making.report.cell(table.column)
    assert cell.measure is not None
    kind = making.reports.kinds.get(cell.measure.of)
    down, across = place_in(kind, table.down), place_in(kind, table.across)
    assert down is not None
    assert across is not None
    figure = figure_of(making.office, cell, making.period, table.column)
    found = await report_queries.crossed(making.reader.selections[kind.id], figure, down, across)
    rows, columns = _titles(kind, table.down), _titles(kind, table.across)
    values = _with_sums(rows, columns, found)
    small = set(values) if cell.small and not making.reader.exact else set()
    hidden = hide(values, small, _sums(list(rows), list(columns)), making.reports.least)
    counts = [Column(str(key) or "none", titles, "count") for key, titles in columns.items()]

    def shown(row: Key, column: Key) -> Cell:
        return hidden.get((row, column)) or values[row, column]

    return Section(
        table.titles,
        (Column("down", kind.fields[table.down].titles, "titles"), *counts),
        tuple((titles, *(shown(row, column) for column in columns)) for row, titles in rows.items()),
    )


def _titles(kind: Kind, name: str) -> dict[Key, Titles]:
    """The choices of a field by their keys, then what was not given, then all."""
    choices: Mapping[str, Choice] = kind.fields[name].choices or {}
    return {**{key: one.titles for key, one in choices.items()}, "": _NOT_GIVEN, ALL: _ALL}


def _with_sums(
    rows: Mapping[Key, Titles], columns: Mapping[Key, Titles], found: Sequence[tuple[str, str, int]]
) -> dict[Key, int]:
    values: dict[Key, int] = {(row, column): 0 for row in rows for column in columns}
    for down, across, many in found:
        row, column = (down if down in rows else ""), (across if across in columns else "")
        for key in ((row, column), (row, ALL), (ALL, column), (ALL, ALL)):
            values[key] += many
    return values


def _sums(rows: Sequence[Key], columns: Sequence[Key]) -> list[Sum]:
    """Each row and each column makes its sum."""
    across = [Sum(tuple((row, column) for column in columns if column != ALL), (row, ALL)) for row in rows]
    return across + [Sum(tuple((row, column) for row in rows if row != ALL), (ALL, column)) for column in columns]
