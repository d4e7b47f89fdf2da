"""Reports: what the visitor may have, one report of a period, its files, and preparing it for issue."""

from typing import Any, Final

from aiohttp import web

from console.answers import go_on
from console.fields import Form, read_form
from console.rendering import render
from console.report_view import choices, file_of, last_of, period_of, shown
from console.visit import Visit
from console.words import titled
from core.errors import NotAllowed, NotThere, Refused
from models import issue_queries
from oversight import issuing, periods, reports
from oversight.definition import Definition
from oversight.issuing import Readers
from oversight.table import Period, Report
from people.roles import roles

LISTED: Final = 50
MOST_STAFF: Final = 200


async def list_page(visit: Visit) -> web.Response:
    """Show what waits to be issued, what is to be read, which reports can be made."""
    manages = issuing.manages(visit.actor)
    context = {
        "to_read": _named(visit, await issue_queries.sent_to(visit.actor.person_id, LISTED)),
        "waiting": _named(visit, await issue_queries.listed(issue_queries.WAITING, LISTED)) if manages else [],
        "issued": _named(visit, await issue_queries.listed(issue_queries.ISSUED, LISTED)) if manages else [],
        "manages": manages,
        "reports": [(one.id, titled(one.titles, visit.lang)) for one in _own(visit)],
    }
    return render(visit, "reports.html", context)


def _own(visit: Visit) -> list[Definition]:
    return reports.reports_for(visit.console.reports, visit.actor) if visit.may("totals.view") else []


def _named(visit: Visit, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        row
        | {
            "title": title_of(visit, row["report"]),
            "period_name": periods.titles_of(periods.parse_period(row["period"]))[visit.lang],
        }
        for row in rows
    ]


def title_of(visit: Visit, report_id: str) -> str:
    """Return the title of a report; its id where this installation has it no more."""
    known = visit.console.reports.by_id.get(report_id)
    return titled(known.titles, visit.lang) if known else report_id


def _definition(visit: Visit) -> Definition:
    found = next((one for one in _own(visit) if one.id == visit.path("report")), None)
    if found is None:
        raise NotThere
    return found


async def report_page(visit: Visit) -> web.Response:
    """Show a report of the period that was asked for; a wrong period is said, and the last month shown."""
    definition = _definition(visit)
    try:
        period, trouble = period_of(visit), ""
    except Refused as refused:
        period, trouble = last_of(visit, "month"), visit.refusal(refused)
    return await _show(visit, definition, period, trouble, Form())


async def _show(visit: Visit, definition: Definition, period: Period, trouble: str, form: Form) -> web.Response:
    report = await _make(visit, definition, period)
    written, listed = (
        periods.text_of(period),
        [(visit.t(f"reports.every_{kind}"), each) for kind, each in choices(visit)],
    )
    context = {
        **await shown(visit, report),
        "report": report,
        "period": written,
        "choices": listed,
        "is_listed": any(written == value for _, each in listed for value, _ in each),
        "trouble": trouble,
        "form": form,
        "readers": [(role, titled(roles().by_id[role].titles, visit.lang)) for role in definition.audience],
    }
    return render(visit, "report.html", context, 400 if trouble else 200)


async def _make(visit: Visit, definition: Definition, period: Period) -> Report:
    return await reports.make(visit.office, visit.console.reports, definition.id, period, visit.actor)


async def report_file(visit: Visit) -> web.Response:
    """Return a report as a file."""
    definition = _definition(visit)
    return await file_of(visit, await _make(visit, definition, period_of(visit)))


async def prepare(visit: Visit) -> web.Response:
    """Freeze a report for issue; what is wrong stands beside the form."""
    definition = _definition(visit)
    form = read_form(visit.posted, ("period", "readers", "staff"), MOST_STAFF)
    period = periods.parse_period(form["period"])
    readers = Readers(tuple(form.all("readers")), tuple(form["staff"].replace(",", " ").replace("，", " ").split()))
    try:
        report = await issuing.make_to_issue(
            visit.office, visit.console.reports, definition.id, period, readers, visit.actor
        )
        public_id = await issuing.do_prepare(visit.office, visit.actor, report, readers)
    except NotAllowed:
        raise
    except Refused as refused:
        form.wrong("staff" if readers.staff else "readers", visit.refusal(refused))
        return await _show(visit, definition, period, "", form)
    return go_on(visit, f"/reports/issued/{public_id}", "report_prepared")
