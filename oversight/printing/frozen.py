"""A report as JSON and back, cell for cell: what was prepared for issue is what is read and printed later."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from oversight.table import Cell, Chart, Column, Comparison, Hidden, Period, Report, Section

VERSION: Final = 1


def freeze(report: Report) -> str:
    """Return a report as JSON."""
    data = {
        "version": VERSION,
        "id": report.id,
        "titles": dict(report.titles),
        "period": _period(report.period),
        "office": dict(report.office),
        "printed_at": report.printed_at.isoformat(),
        "by": report.by,
        "rules_version": report.rules_version,
        "columns": _columns(report.columns),
        "rows": [_cells(row) for row in report.rows],
        "total": _cells(report.total) if report.total is not None else None,
        "sentence": _titles(report.sentence),
        "notes": [dict(note) for note in report.notes],
        "compared": [
            {"sort": each.sort, "period": _period(each.period), "total": _cells(each.total)} for each in report.compared
        ],
        "sections": [
            {
                "titles": dict(each.titles),
                "columns": _columns(each.columns),
                "rows": [_cells(row) for row in each.rows],
                "note": _titles(each.note),
            }
            for each in report.sections
        ],
        "charts": [
            {"titles": dict(each.titles), "spec": each.spec, "points": [dict(point) for point in each.points]}
            for each in report.charts
        ],
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def thaw(text: str) -> Report:
    """Return the report that `freeze` was given. Raises ValueError for another version."""
    data = json.loads(text)
    if data["version"] != VERSION:
        raise ValueError("frozen by another version")
    return Report(
        id=data["id"],
        titles=data["titles"],
        period=_period_of(data["period"]),
        office=data["office"],
        printed_at=dt.datetime.fromisoformat(data["printed_at"]),
        by=data["by"],
        rules_version=data["rules_version"],
        columns=_columns_of(data["columns"]),
        rows=tuple(_cells_of(row) for row in data["rows"]),
        total=_cells_of(data["total"]) if data["total"] is not None else None,
        sentence=data["sentence"],
        notes=tuple(data["notes"]),
        compared=tuple(
            Comparison(each["sort"], _period_of(each["period"]), _cells_of(each["total"])) for each in data["compared"]
        ),
        sections=tuple(
            Section(
                each["titles"],
                _columns_of(each["columns"]),
                tuple(_cells_of(row) for row in each["rows"]),
                each["note"],
            )
            for each in data["sections"]
        ),
        charts=tuple(Chart(each["titles"], each["spec"], tuple(each["points"])) for each in data["charts"]),
    )


def _titles(titles: Mapping[str, str] | None) -> dict[str, str] | None:
    return dict(titles) if titles is not None else None


def _period(period: Period) -> list[str]:
    return [period.kind, period.first.isoformat(), period.last.isoformat()]


def _period_of(given: Sequence[Any]) -> Period:
    kind, first, last = given
    return Period(kind, dt.date.fromisoformat(first), dt.date.fromisoformat(last))


def _columns(columns: Sequence[Column]) -> list[Any]:
    return [[column.id, dict(column.titles), column.shape] for column in columns]


def _columns_of(given: Sequence[Any]) -> tuple[Column, ...]:
    return tuple(Column(*each) for each in given)


def _cells(cells: Sequence[Cell]) -> list[Any]:
    return [_cell(cell) for cell in cells]


def _cells_of(given: Sequence[Any]) -> tuple[Cell, ...]:
    return tuple(_cell_of(each) for each in given)


def _cell(cell: Cell) -> Any:
    """A plain value as it is; everything else as a list that begins with what it is."""
    if isinstance(cell, Hidden):
        return ["hidden", cell.derived]
    if isinstance(cell, dt.datetime):
        return ["moment", cell.isoformat()]
    if isinstance(cell, dt.date):
        return ["date", cell.isoformat()]
    return ["titles", dict(cell)] if isinstance(cell, Mapping) else cell


def _cell_of(given: Any) -> Cell:
    if not isinstance(given, list):
        plain: Cell = given
        return plain
    what, value = given
    if what == "hidden":
        return Hidden(value)
    if what == "titles":
        titles: Mapping[str, str] = value
        return titles
    return dt.datetime.fromisoformat(value) if what == "moment" else dt.date.fromisoformat(value)
