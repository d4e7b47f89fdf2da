"""Figures from rows, added up by the database: one statement for all figures of a kind, by unit, on both databases.

A `Figure` says what is counted or added up, on which days and under which condition; places of values come from
checked files of data, values themselves are always given as parameters.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from models import record_queries, sql
from models.record_queries import Selection

Sort = Literal["text", "list", "number", "day", "moment", "month", "stored"]
"""How a value stands there: text; `a;b` or a JSON list of texts; a number; a local day or a local moment that begins
with one; an ISO moment in UTC; a month `2026-09`; a moment of a column of the row."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: a column, or a path into the JSON of the column `facts` or `tracks`."""

    column: str
    path: tuple[str, ...] = ()
    sort: Sort = "text"


@dataclass(frozen=True, slots=True)
class Test:
    """One item of a condition: the operator of `core.conditions` and the values that it compares with."""

    place: Place
    op: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Days:
    """Local days, both inclusive, and the moments at which the first begins and the last ends."""

    first: dt.date
    last: dt.date
    begin: dt.datetime
    end: dt.datetime


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a statement: rows whose `by` lies in `days` (None: always) and for which the tests hold.

    They are counted, or what stands in `sum` is added up, or what stands in `distinct` is counted once each.
    """

    key: str
    tests: tuple[Test, ...] = ()
    every: bool = True
    by: Place | None = None
    days: Days | None = None
    until: bool = False
    sum: Place | None = None
    distinct: Place | None = None


ByUnit = Mapping[int | None, Mapping[str, int]]
"""Figures by their keys for each unit; None holds what belongs to no unit."""


@dataclass(slots=True)
class _Statement:
    """A statement in the making: its values, and a short name for each place that is read."""

    values: list[Any]
    names: dict[tuple[str, tuple[str, ...], bool], str] = field(default_factory=dict)

    def put(self, value: Any) -> str:
        self.values.append(value)
        return f"${len(self.values)}"

    def name(self, place: Place) -> str:
        return self.names.setdefault((place.column, place.path, place.sort == "stored"), f"f{len(self.names)}")

    def condition(self, figure: Figure) -> str:
        parts = [self._test(test) for test in figure.tests]
        joined = (" AND " if figure.every else " OR ").join(parts)
        wanted = [f"({joined})"] if parts else []
        if figure.by is not None and figure.days is not None:
            wanted.append(self._in(figure.by, figure.days, until=figure.until))
        return " AND ".join(wanted) or "TRUE"

    def _in(self, place: Place, days: Days, *, until: bool) -> str:
        name = self.name(place)
        match place.sort:
            case "moment":
                first, last = (each.astimezone(dt.UTC).isoformat(timespec="seconds") for each in (days.begin, days.end))
                rest = f"{name} < {self.put(last)}"
            case "stored":
                first, rest = days.begin, f"{name} < {self.put(days.end)}"  # type: ignore[assignment]
            case "month":
                first, rest = str(days.first), f"{name} || '-01' <= {self.put(str(days.last))}"
                name = f"{name} || '-01'"
            case _:
                name = f"substr({name}, 1, 10)"
                first, rest = str(days.first), f"{name} <= {self.put(str(days.last))}"
        return rest if until else f"{name} >= {self.put(first)} AND {rest}"

    def _test(self, test: Test) -> str:
        name = self.name(test.place)
        match test.op:
            case "present":
                return f"COALESCE({name}, '') <> ''" if test.place.sort != "stored" else f"{name} IS NOT NULL"
            case "absent":
                return f"COALESCE({name}, '') = ''" if test.place.sort != "stored" else f"{name} IS NULL"
            case "lt" | "gt":
                return self._ordered(name, test)
            case "ne":
                return f"NOT {self._among(name, test)}"
            case _:
                return self._among(name, test)

    def _among(self, name: str, test: Test) -> str:
        if test.place.sort == "list":
            marks = [f"{name} LIKE {self.put(each)}" for value in test.values for each in _in_list(value)]
            return f"COALESCE({' OR '.join(marks)}, FALSE)"
        return f"COALESCE({name} IN ({', '.join(self.put(value) for value in test.values)}), FALSE)"

    def _ordered(self, name: str, test: Test) -> str:
        sign, value = {"lt": "<", "gt": ">"}[test.op], test.values[0]
        if test.place.sort == "number":
            return f"COALESCE({_number(name)} {sign} {self.put(int(value))}::bigint, FALSE)"
        return f"COALESCE({name} {sign} {self.put(value)}, FALSE)"

    def select(self, figure: Figure, place: str) -> str:
        condition = self.condition(figure)
        if figure.sum is not None:
            return f"COALESCE(SUM(CASE WHEN {condition} THEN {_number(self.name(figure.sum))} END), 0) AS {place}"
        if figure.distinct is not None:
            return f"COUNT(DISTINCT CASE WHEN {condition} THEN {self.name(figure.distinct)} END) AS {place}"
        return f"COUNT(CASE WHEN {condition} THEN 1 END) AS {place}"

    def columns(self) -> str:
        """What is read of `r`, each place once, as text but for moments of columns."""
        return "".join(f", {_read(*place)} AS {name}" for place, name in self.names.items())


def _in_list(value: str) -> tuple[str, ...]:
    """What a list looks like that holds a value: `a;b`, or the text of a JSON list."""
    return (value, f"{value};%", f"%;{value}", f"%;{value};%", f'%"{value}"%')


def _number(name: str) -> str:
    return f"CAST(NULLIF({name}, 'unknown') AS BIGINT)"


def _read(column: str, path: Sequence[str], is_moment: bool) -> str:
    """A value as text, the same on both databases but for true and false (SQLite says 1 and 0)."""
    if not path:
        return f"r.{column}" if is_moment else f"CAST(r.{column} AS TEXT)"
    if sql.is_postgres():
        inside = ",".join(f'"{part}"' for part in path)
        return f"r.{column} #>> '{{{inside}}}'"
    inside = "".join(f'."{part}"' for part in path)
    return f"CAST(json_extract(r.{column}, '${inside}') AS TEXT)"


def _records(where: str) -> str:
    """The records of a condition, as what is read from; on PostgreSQL their JSON is parsed once, not for each value."""
    if not sql.is_postgres():
        return f"record r WHERE {where}"
    parsed = "facts::jsonb AS facts, tracks::jsonb AS tracks"
    return f"(SELECT id, number, unit_id, state, filed_at, closed_at, {parsed} FROM record r WHERE {where} OFFSET 0) r"


async def by_unit(selection: Selection, figures: Sequence[Figure]) -> ByUnit:
    """Return the figures of a kind for each unit that has a record; the selection says which records there are."""
    if not figures:
        return {}
    where, values = record_queries.where(selection)
    return await _added_up(_records(where), "r.unit_id", _Statement(values), figures)


async def of_table(table: str, figures: Sequence[Figure]) -> Mapping[str, int]:
    """Return the figures of a table of imported rows, which belong to no unit."""
    found = await _added_up(f"{table} r", "NULL", _Statement([]), figures)
    return found.get(None, {each.key: 0 for each in figures})


async def _added_up(source: str, unit: str, statement: _Statement, figures: Sequence[Figure]) -> ByUnit:
    selected = [statement.select(figure, f"a{place}") for place, figure in enumerate(figures)]
    rows = await sql.rows(
        f"WITH v AS MATERIALIZED (SELECT {unit} AS unit{statement.columns()} FROM {source})"
        f" SELECT unit, {', '.join(selected)} FROM v GROUP BY unit",
        *statement.values,
    )
    return {row["unit"]: {each.key: int(row[f"a{place}"]) for place, each in enumerate(figures)} for row in rows}


async def crossed(selection: Selection, figure: Figure, down: Place, across: Place) -> list[tuple[str, str, int]]:
    """Return (value down, value across, count) of the records of a figure; a value that is not given is empty."""
    where, values = record_queries.where(selection)
    statement = _Statement(values)
    left, right = statement.name(down), statement.name(across)
    condition = statement.condition(figure)
    rows = await sql.rows(
        f"WITH v AS MATERIALIZED (SELECT r.unit_id{statement.columns()} FROM {_records(where)})"
        f" SELECT COALESCE({left}, '') AS down, COALESCE({right}, '') AS across, COUNT(*) AS many FROM v"
        f" WHERE {condition} GROUP BY 1, 2 ORDER BY 1, 2",
        *statement.values,
    )
    return [(row["down"], row["across"], int(row["many"])) for row in rows]


async def listed(
    selection: Selection, figure: Figure, places: Mapping[str, Place], most: int
) -> list[dict[str, str | None]]:
    """Return (number, the values of places) of the records of a figure, the oldest first, at most so many."""
    where, values = record_queries.where(selection)
    statement = _Statement(values)
    names = {key: statement.name(place) for key, place in places.items()}
    condition = statement.condition(figure)
    rows = await sql.rows(
        f"WITH v AS MATERIALIZED (SELECT r.id, r.number{statement.columns()} FROM {_records(where)})"
        f" SELECT id, number{''.join(f', {name} AS {key}_' for key, name in names.items())} FROM v"
        f" WHERE {condition} ORDER BY id LIMIT {most:d}",
        *statement.values,
    )
    return [{"id": row["id"], "number": row["number"], **{key: row[f"{key}_"] for key in names}} for row in rows]
