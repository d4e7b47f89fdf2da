"""CSV imports for reports: sanctions, appraisals, survey answers, counts of matters. All or nothing, repeatable.

A row with the number of an earlier one replaces it; the answers of a unit and month replace all of theirs. What is
wrong is named by line and column and nothing is written. The person of a sanction is kept as a keyed hash alone.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog

from core.errors import Refused
from core.office import Office
from models import imported_queries, sql
from oversight.imported import SANCTIONS
from oversight.periods import parse_period
from oversight.survey_index import Weights
from people.csv_table import Problem, Row, read_table
from people.row_checks import Checks
from people.units import load_tree
from records.marks import value_mark

log = structlog.get_logger()
Written = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import did: how many rows it wrote, or what is wrong; with problems nothing was written."""

    rows: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Table:
    """An importable table: its columns, how a row is read, how rows are written."""

    columns: tuple[str, ...]
    read: Callable[["_Reading", Row], Written]
    write: Callable[[list[Written]], Awaitable[None]]


@dataclass(slots=True)
class _Reading:
    """One file being read: what is wrong so far, the units that exist, the office whose key hashes."""

    office: Office
    checks: Checks
    units: Mapping[str, int]
    respondents: tuple[str, ...]

    def number(self, row: Row, column: str, least: int, most: int) -> int:
        """Return a whole number within bounds."""
        text = row[column]
        if text.isascii() and text.isdigit() and least <= int(text) <= most:
            return int(text)
        self.checks.wrong(row, column, "report.import_number", range=f"{least}–{most}")
        return least

    def day(self, row: Row, column: str) -> Any:
        """Return a date written 2005-02-15."""
        try:
            return parse_period(f"{row[column]}..{row[column]}").first
        except Refused:
            self.checks.wrong(row, column, "report.import_date")
            return None

    def month(self, row: Row, column: str) -> str:
        """Return a month written 2026-08."""
        try:
            period = parse_period(row[column])
        except Refused:
            period = None
        if period is None or period.kind != "month":
            self.checks.wrong(row, column, "report.import_month")
        return row[column]

    def unit(self, row: Row) -> int | None:
        """Return the id of a unit of the tree."""
        found = self.units.get(self.checks.code(row, "unit_id"))
        if found is None and row["unit_id"]:
            self.checks.wrong(row, "unit_id", "import.no_unit", item=row["unit_id"][:32])
        return found

    def row_number(self, row: Row) -> str:
        """Return the number that the file gives a row, which no other row of it has."""
        code = self.checks.code(row, "row")
        self.checks.once(row, "row", code)
        return code

    def yes(self, row: Row, column: str) -> bool:
        """Return a y or n."""
        return self.checks.choice(row, column, ("y", "n"), "n") == "y"


def _sanction(reading: _Reading, row: Row) -> Written:
    return {
        "row": reading.row_number(row),
        "person": value_mark(reading.office, reading.checks.code(row, "person_code")),
        "kind": reading.checks.choice(row, "kind", SANCTIONS, ""),
        "decided_on": reading.day(row, "date"),
        "document_no": reading.checks.words(row, "document_no", most=64),
        "published": reading.yes(row, "published"),
    }


def _appraisal(reading: _Reading, row: Row) -> Written:
    bodies = reading.number(row, "bodies", 1, 100_000)
    return {
        "row": reading.row_number(row),
        "year": reading.number(row, "year", 1990, 2200),
        "unit_code": reading.checks.code(row, "unit_code"),
        "level": reading.checks.words(row, "level", most=32, needed=True),
        "bodies": bodies,
        "rank": reading.number(row, "rank", 1, bodies),
        "commended": reading.yes(row, "commended"),
        "score": _score(reading, row),
    }


def _score(reading: _Reading, row: Row) -> int | None:
    """A score with up to two decimals, in hundredths."""
    whole, _, part = row["score"].partition(".")
    if not row["score"]:
        return None
    if not (
        whole.isascii() and whole.isdigit() and len(whole) <= 4 and (not part or (part.isdigit() and len(part) <= 2))
    ):
        reading.checks.wrong(row, "score", "report.import_number", range="0–9999.99")
        return None
    return int(whole) * 100 + int(part.ljust(2, "0") or "0")


def _survey(reading: _Reading, row: Row) -> Written:
    return {
        "unit_id": reading.unit(row),
        "period": reading.month(row, "period"),
        "respondent": reading.checks.choice(row, "respondent_kind", reading.respondents, ""),
        "answers": "".join(str(reading.number(row, f"q{n}", 0, 5)) for n in range(1, 7)),
    }


def _matters(reading: _Reading, row: Row) -> Written:
    unit, month = reading.unit(row), reading.month(row, "period")
    reading.checks.once(row, "period", f"{unit} {month}")
    return {"unit_id": unit, "period": month, "matters": reading.number(row, "matters", 0, 10**9)}


def _into(table: str, *key: str) -> Callable[[list[Written]], Awaitable[None]]:
    async def write(rows: list[Written]) -> None:
        await imported_queries.keep(table, key, rows)

    return write


TABLES: Final[Mapping[str, _Table]] = {
    "sanctions": _Table(
        ("row", "person_code", "kind", "date", "document_no", "published"), _sanction, _into("sanction", "row")
    ),
    "appraisals": _Table(
        ("row", "year", "unit_code", "level", "bodies", "rank", "commended", "score"),
        _appraisal,
        _into("appraisal", "row"),
    ),
    "survey": _Table(
        ("unit_id", "period", "respondent_kind", "q1", "q2", "q3", "q4", "q5", "q6"),
        _survey,
        imported_queries.replace_survey,
    ),
    "matters": _Table(("unit_id", "period", "matters"), _matters, _into("matter_count", "unit_id", "period")),
}
"""What may be imported, by the name that the command line takes."""


async def import_table(office: Office, name: str, data: bytes) -> Outcome:
    """Import a CSV file into one of `TABLES`. Raises KeyError for another name."""
    table = TABLES[name]
    file = read_table(name, data, table.columns, table.columns)
    units = {unit.code: unit.id for unit in (await load_tree()).by_id.values()}
    reading = _Reading(office, Checks(name), units, tuple(Weights.load().respondents))
    rows = [table.read(reading, row) for row in file.rows]
    problems = (*file.problems, *reading.checks.problems)
    if problems:
        return Outcome(0, problems)
    async with sql.transaction():
        await table.write(rows)
    log.info("report table imported", table=name, rows=len(rows))
    return Outcome(len(rows), ())
