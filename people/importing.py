"""Units, staff and companies from CSV: every fault reported by line, all or nothing in one transaction, repeatable.

A second import of the same file changes nothing. Changed rows are updated and named; who is missing from the file is
named and never deleted. What a person himself said or proved (his word on messages, a bound chat) is never overruled.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

import structlog

from core.office import Office
from core.phones import Strictness
from models import sql
from people import companies as company_table
from people import company_rows, import_addresses, import_store, staff_rows, unit_rows
from people.access import Actor, check_may
from people.csv_table import Problem
from people.import_store import Outcome
from people.roles import roles
from people.units import load_tree

log = structlog.get_logger()
FILES: Final = ("units", "staff", "companies")
"""The files of an import, in the order in which they are looked through and written."""


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did. With problems nothing was written at all."""

    problems: tuple[Problem, ...]
    units: Outcome
    staff: Outcome
    companies: Outcome
    written: bool

    @property
    def ok(self) -> bool:
        """Whether the files are without fault."""
        return not self.problems


class _Undo(Exception):
    """Leaves the transaction without writing: what it found out goes along."""

    def __init__(self, problems: list[Problem], *outcomes: Outcome) -> None:
        super().__init__()
        self.problems, self.outcomes = problems, outcomes


async def import_people(
    office: Office,
    *,
    units: bytes | None = None,
    staff: bytes | None = None,
    companies: bytes | None = None,
    actor: Actor | None = None,
    phones: Strictness = "valid",
    dry_run: bool = False,
) -> Report:
    """Import one file or several. `phones` possible takes numbers of the right length that are not in use.

    An actor must have the right to it (NotAllowed); none is the command line. `dry_run` reports what would happen.
    """
    if actor is not None:
        check_may(actor, "people.import")
    existing = [unit.code for unit in (await load_tree()).by_id.values()]
    unit_lines, problems = await asyncio.to_thread(unit_rows.read_units, units, existing) if units else ([], [])
    codes = {*existing, *(unit.code for unit in unit_lines)}
    if staff:
        staff_lines, found = await asyncio.to_thread(staff_rows.read_staff, staff, codes, roles(), phones)
        problems = [*problems, *found]
    else:
        staff_lines = []
    if companies:
        company_lines, found = await asyncio.to_thread(company_rows.read_companies, companies)
        problems = [*problems, *found]
    else:
        company_lines = []
    if problems:
        return _report(problems, written=False)
    try:
        outcomes = await _write(office, unit_lines, staff_lines, company_lines, dry_run)
    except _Undo as undone:
        return _report(undone.problems, *undone.outcomes, written=False)
    log.info("people imported", units=len(unit_lines), staff=len(staff_lines), companies=len(company_lines))
    return _report([], *outcomes, written=True)


async def _write(
    office: Office,
    unit_lines: list[unit_rows.UnitLine],
    staff_lines: list[staff_rows.StaffLine],
    company_lines: list[company_rows.CompanyLine],
    dry_run: bool,
) -> tuple[Outcome, Outcome, Outcome]:
    async with sql.transaction():
        made_units = await import_store.write_units(unit_lines)
        problems = await _circles(unit_lines) + await import_addresses.taken_by_others(office, staff_lines)
        if problems:
            raise _Undo(problems)
        made_staff = await import_store.write_staff(office, staff_lines)
        made_companies = await company_table.write_companies(company_lines)
        if dry_run:
            raise _Undo([], made_units, made_staff, made_companies)
    return made_units, made_staff, made_companies


async def _circles(lines: list[unit_rows.UnitLine]) -> list[Problem]:
    """Return units that hang in a circle together with units that are in the database only."""
    tree = await load_tree()
    ends = {unit.id for unit in tree.by_id.values() if unit.parent_id is None}
    lost = {unit.code for unit in tree.by_id.values() if tree.above(unit.id)[-1] not in ends}
    return [Problem("units", line.line, "parent", "import.loop") for line in lines if line.code in lost]


def _report(
    problems: list[Problem],
    units: Outcome = import_store.NOTHING,
    staff: Outcome = import_store.NOTHING,
    companies: Outcome = import_store.NOTHING,
    *,
    written: bool,
) -> Report:
    ordered = sorted(problems, key=lambda one: (FILES.index(one.file), one.line, one.column))
    return Report(tuple(ordered), units, staff, companies, written)
