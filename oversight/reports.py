"""Reports from rows for any period: unit rows, a total, the period before and the year before, a sentence, charts.

`make` counts in the database and hides what is too small for its reader; `oversight.printing` shows what it returns.
"""

from collections.abc import Sequence
from pathlib import Path

from core.office import Office
from models.org import Person
from oversight import assembling
from oversight.definition import HOUSE, UNITS, Definition, Reports
from oversight.functions import FUNCTIONS
from oversight.making import Making, unit_titles
from oversight.reader import may_have, reader_of, reader_of_all
from oversight.report_file import TABLE
from oversight.report_file import load_reports as read_reports
from oversight.table import Period, Report, Titles
from people.access import Actor
from people.units import UnitTree, load_tree
from records.kind import Kinds

__all__ = ["load_reports", "make", "make_for", "may_have", "reports_for"]


def load_reports(kinds: Kinds, path: Path = TABLE) -> Reports:
    """Return every report of this installation, checked. Raises InvalidData with file, line and reason."""
    return read_reports(kinds, FUNCTIONS, path)


def reports_for(reports: Reports, actor: Actor) -> list[Definition]:
    """Return the reports that an actor may have, in their order."""
    return [report for report in reports.by_id.values() if may_have(report, actor)]


async def make(office: Office, reports: Reports, report_id: str, period: Period, actor: Actor | None) -> Report:
    """Return a report of a period for an actor; None is the public: totals, small ones hidden.

    Raises KeyError for a report that there is not, NotAllowed where the actor may not have it.
    """
    tree = await load_tree()
    reader = await reader_of(office, reports, reports.get(report_id), tree, actor)
    return await _made(Making(office, reports, reports.get(report_id), period, reader, tree), actor)


async def make_for(
    office: Office,
    reports: Reports,
    report_id: str,
    period: Period,
    readers: Sequence[Actor],
    issuers: Sequence[Actor],
    by: Actor | None,
) -> Report:
    """Return a report of the whole house to be issued, as every reader and issuer may see it; None is the schedule.

    Raises KeyError for a report that there is not, Refused where a reader may not have it.
    """
    tree = await load_tree()
    reader = await reader_of_all(office, reports, reports.get(report_id), tree, readers, issuers)
    return await _made(Making(office, reports, reports.get(report_id), period, reader, tree), by)


async def _made(making: Making, by: Actor | None) -> Report:
    office, report, reports, tree = making.office, making.report, making.reports, making.tree
    if report.rows in (UNITS, HOUSE):
        body = await assembling.assemble(making)
    else:
        body = await FUNCTIONS[report.rows](making)
    return Report(
        id=report.id,
        titles=report.titles,
        period=making.period,
        office=_house(tree),
        printed_at=office.clock.now(),
        by=await _name(office, by),
        rules_version=reports.version,
        columns=body.columns,
        rows=body.rows,
        total=body.total,
        sentence=body.sentence,
        notes=(*report.notes, *body.notes),
        compared=body.compared,
        sections=body.sections,
        charts=body.charts,
    )


def _house(tree: UnitTree) -> Titles:
    """The name of the agency: of the unit above all others; of the first where there are several."""
    tops = {unit.code: unit for unit in tree.by_id.values() if unit.parent_id is None}
    if not tops:
        return dict.fromkeys(("zh-Hans", "zh-Hant", "en"), "")
    return unit_titles(tops[min(tops)])


async def _name(office: Office, actor: Actor | None) -> str:
    if actor is None:
        return ""
    person = await Person.get(id=actor.person_id)
    return office.key.decrypt(person.name)
