"""The figures of a report for several stretches of days at once, counted by one statement for each kind."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.office import Office
from core.workdays import end_of
from models import report_queries
from models.report_queries import Days, Figure
from oversight.definition import Cell, Definition
from oversight.imported import TABLES
from oversight.reader import Reader
from oversight.table import Period

Row = dict[str, int]
"""The figures of one row by the ids of their columns."""


@dataclass(slots=True)
class Counted:
    """What one stretch of days holds: a row for each unit (None: what belongs to none)."""

    rows: dict[int | None, Row] = field(default_factory=dict)

    def total(self, columns: Iterable[str]) -> Row:
        """Return the sum of all rows for some columns."""
        return {name: sum(row.get(name, 0) for row in self.rows.values()) for name in columns}


def days_of(office: Office, period: Period) -> Days:
    """Return the local days of a period with the moments at which it begins and ends."""
    begin = end_of(period.first - dt.timedelta(days=1), office.zone)
    return Days(period.first, period.last, begin, end_of(period.last, office.zone))


def figure_of(office: Office, cell: Cell, period: Period, key: str) -> Figure:
    """Return what a column counts in a period."""
    measure = cell.measure
    assert measure is not None
    days = days_of(office, period) if measure.by is not None else None
    return Figure(key, measure.tests, measure.every, measure.by, days, sum=measure.sum, distinct=measure.distinct)


async def counted(
    office: Office, report: Definition, reader: Reader, periods: Sequence[Period], only: Mapping[int, set[str]]
) -> list[Counted]:
    """Return what each period holds; `only` narrows the columns of the period at a place."""
    found = [Counted() for _ in periods]
    by_source: dict[tuple[str, bool], list[Figure]] = {}
    for cell in report.cells:
        if cell.measure is not None:
            figures = by_source.setdefault((cell.measure.of, cell.measure.is_kind), [])
            figures += [
                figure_of(office, cell, period, f"{place} {cell.column.id}")
                for place, period in enumerate(periods)
                if place not in only or cell.column.id in only[place]
            ]
    for (of, is_kind), figures in by_source.items():
        if is_kind:
            rows = await report_queries.by_unit(reader.selections[of], figures)
        else:
            rows = {None: await report_queries.of_table(TABLES[of].name, figures)}
        for unit, values in rows.items():
            _put(found, unit, values)
    return found


def _put(found: Sequence[Counted], unit: int | None, values: Mapping[str, int]) -> None:
    for key, value in values.items():
        place, _, column = key.partition(" ")
        row = found[int(place)].rows.setdefault(unit, {})
        row[column] = row.get(column, 0) + value
