"""Issuing a report: one prepares it, frozen as it was counted; another issues it to those whom it is for.

What was prepared does not change any more: it is kept cell for cell, encrypted, and printed from there. The readers
are told without a word of what it is about, and answer with 收到 or read it on the page.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog

from core.errors import Conflict, NotAllowed, NotThere, Refused
from core.office import Office
from models import issue_queries, ledger_append, sql
from models.fields import JsonTextField
from models.issue import IssuedReport
from models.issue_queries import DROPPED, ISSUED, WAITING
from models.org import Person
from oversight import periods
from oversight.definition import Reports
from oversight.printing.frozen import freeze, thaw
from oversight.reports import make_for
from oversight.table import Period, Report
from oversight.telling import NOTICE, ask_to_read, tell
from people.access import Actor, able_to, actor_of, check_may, holders, may
from people.persons import find_by_staff_no
from people.roles import roles
from records.marks import actor_mark

MOST_READERS: Final = 2000
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Readers:
    """Whom a report is for: everybody with one of the roles, and single persons by their staff numbers."""

    roles: tuple[str, ...] = ()
    staff: tuple[str, ...] = ()

    @classmethod
    def of_row(cls, row: Any) -> "Readers":
        """Return the readers as a row keeps them."""
        return cls(tuple(row["roles"]), tuple(row["staff"]))

    def to_row(self) -> dict[str, list[str]]:
        """Return them as a row keeps them."""
        return {"roles": list(self.roles), "staff": list(self.staff)}


@dataclass(frozen=True, slots=True)
class Issue:
    """A prepared report that somebody may see: the frozen table and how it stands."""

    row: IssuedReport
    report: Report
    readers: Readers
    may_decide: bool


async def make_to_issue(
    office: Office, reports: Reports, report_id: str, period: Period, readers: Readers, by: Actor | None
) -> Report:
    """Return a report as all may see it whom it is for, and who look at it before; None as its maker is the schedule.

    Raises KeyError for a report that there is not, Refused where it is for nobody, or for somebody who may not have it.
    """
    await _check_readers(readers)
    if strange := [role for role in readers.roles if role not in reports.get(report_id).audience]:
        raise Refused("report.not_for", item=strange[0])
    actors = [await actor_of(office, person_id) for person_id in await persons_of(readers)]
    issuers = [await actor_of(office, person_id) for person_id in await able_to("report.issue")]
    issuers += [by] if by else []
    return await make_for(office, reports, report_id, period, actors, issuers, by)


async def do_prepare(office: Office, actor: Actor, report: Report, readers: Readers) -> str:
    """Keep a report for issue, which `make_to_issue` made, and tell those who may issue it; return its public id.

    Raises NotAllowed, Refused where it is for nobody or somebody unknown.
    """
    check_may(actor, "report.prepare")
    await _check_readers(readers)
    async with sql.transaction():
        prepared = await _prepare(office, report, readers, None, actor.person_id)
    assert prepared is not None, "without a cause nothing is there already"
    return prepared


async def prepare_by_schedule(office: Office, report: Report, readers: Readers, cause: str) -> bool:
    """Keep a report that the schedule made; False where one of this cause was there already."""
    async with sql.transaction():
        return await _prepare(office, report, readers, cause, None) is not None


async def _prepare(
    office: Office, report: Report, readers: Readers, cause: str | None, person_id: int | None
) -> str | None:
    now = office.clock.now()
    kept = JsonTextField().to_db_value(readers.to_row(), IssuedReport)
    assert kept is not None
    period = periods.text_of(report.period)
    frozen = office.key.encrypt(freeze(report))
    made = await issue_queries.prepare(report.id, period, frozen, kept, cause, person_id, now)
    if made is None:
        return None
    issued_id, public_id = made
    for other in await able_to("report.issue"):
        if other != person_id:
            await tell(office, other, "T-REPORT-WAITS", f"report:{issued_id}:waits:{other}")
    await _note(office, "report_prepared", person_id, report.id, period, now)
    log.info("report.prepared", report=report.id, issued=issued_id)
    return public_id


async def _check_readers(readers: Readers) -> None:
    if strange := [role for role in readers.roles if role not in roles().by_id]:
        raise Refused("report.no_role", item=strange[0])
    for staff_no in readers.staff:
        if await find_by_staff_no(staff_no) is None:
            raise Refused("report.no_person", item=staff_no)
    if not await persons_of(readers):
        raise Refused("report.no_readers")


async def persons_of(readers: Readers) -> list[int]:
    """Return the persons whom a report is for, in order of their ids."""
    found = {person for role in readers.roles if role in roles().by_id for person in await holders(role)}
    for staff_no in readers.staff:
        person = await find_by_staff_no(staff_no)
        found |= {person.id} if person else set()
    return sorted(found)[:MOST_READERS]


async def do_issue(office: Office, actor: Actor, public_id: str) -> int:
    """Issue a report that another prepared; return how many are told of it.

    Raises NotAllowed, NotThere, Conflict where it does not wait any more.
    """
    check_may(actor, "report.issue")
    row = await _find(public_id)
    if row.prepared_by_id == actor.person_id:
        raise NotAllowed("report.own_issue")
    now = office.clock.now()
    async with sql.transaction():
        if not await issue_queries.decide(row.id, ISSUED, actor.person_id, now, by_another=True):
            raise Conflict("report.not_waiting")
        told = await _send_out(office, row, {actor.person_id, row.prepared_by_id}, now)
        await _note(office, "report_issued", actor.person_id, row.report, row.period, now)
    log.info("report.issued", report=row.report, issued=row.id, readers=told)
    return told


async def _send_out(office: Office, row: IssuedReport, knowing: Collection[int | None], now: datetime) -> int:
    told = 0
    for person_id in await persons_of(Readers.of_row(row.readers)):
        await issue_queries.add_reader(row.id, person_id, now, has_read=person_id in knowing)
        if person_id not in knowing:
            told += 1
            await ask_to_read(office, row.id, person_id, NOTICE)
    return told


async def do_drop(office: Office, actor: Actor, public_id: str) -> None:
    """Take a prepared report back: who prepared it, or who could issue it. Raises as `do_issue`."""
    row = await _find(public_id)
    if row.prepared_by_id != actor.person_id:
        check_may(actor, "report.issue")
    now = office.clock.now()
    async with sql.transaction():
        if not await issue_queries.decide(row.id, DROPPED, actor.person_id, now, by_another=False):
            raise Conflict("report.not_waiting")
        await _note(office, "report_dropped", actor.person_id, row.report, row.period, now)


async def _find(public_id: str) -> IssuedReport:
    row = await IssuedReport.get_or_none(public_id=public_id)
    if row is None:
        raise NotThere
    return row


async def open_issue(office: Office, actor: Actor, public_id: str) -> Issue:
    """Return a prepared or issued report; its reader has read it with that.

    Raises NotThere for whom it is not: its readers see it once it is issued, who prepares and issues sees all.
    """
    row = await _find(public_id)
    is_reader = row.state == ISSUED and await issue_queries.is_for(row.id, actor.person_id)
    if not is_reader and not manages(actor):
        raise NotThere
    if is_reader:
        await read(office, row.id, actor.person_id, "page")
    decides = row.state == WAITING and may(actor, "report.issue") and row.prepared_by_id != actor.person_id
    return Issue(row, thaw(office.key.decrypt(row.frozen)), Readers.of_row(row.readers), decides)


def manages(actor: Actor) -> bool:
    """Return whether somebody prepares or issues reports."""
    return may(actor, "report.prepare") or may(actor, "report.issue")


async def read(office: Office, issued_id: int, person_id: int, by: str) -> bool:
    """Note that a reader has read; False where he had before or it is not for him."""
    now = office.clock.now()
    async with sql.transaction():
        first = await issue_queries.mark_read(issued_id, person_id, by, now)
        if first:
            await issue_queries.close_questions(issued_id, person_id, now)
    return first


async def note_printed(office: Office, person_id: int | None, report: Report, form: str, lang: str) -> None:
    """Write into the ledger that a report left as a file: which, of which period, in which form; nothing of it."""
    async with sql.transaction():
        period = periods.text_of(report.period)
        await _note(office, "printed", person_id, report.id, period, office.clock.now(), format=form, lang=lang)


async def _note(
    office: Office, event: str, person_id: int | None, report: str, period: str, now: datetime, **more: str
) -> None:
    detail = {"report": report, "period": period, **more}
    await ledger_append.append(None, event, actor_mark(office, person_id), detail, now)


async def names_of(person_ids: Sequence[int]) -> dict[int, Person]:
    """Return persons by their ids, with one query."""
    return {one.id: one for one in await Person.filter(id__in=list(person_ids))}
