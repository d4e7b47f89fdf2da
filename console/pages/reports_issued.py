"""A report that was prepared: looked at, issued by somebody else, read by those it is for, and who has not read it."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web

from console.answers import go_on
from console.rendering import render
from console.report_view import file_of, shown
from console.visit import Visit
from console.words import titled
from core.errors import NotAllowed, NotThere, Refused
from models import issue_queries
from models.org import Person
from oversight import issuing
from oversight.issuing import Issue
from people.persons import name_of
from people.roles import roles


async def issued_page(visit: Visit) -> web.Response:
    """Show a prepared or issued report; to one of its readers it counts as read."""
    return await _show(visit, "")


async def _show(visit: Visit, trouble: str) -> web.Response:
    issue = await issuing.open_issue(visit.office, visit.actor, visit.path("issued"))
    row, manages = issue.row, issuing.manages(visit.actor)
    readers = await issue_queries.readers_of(row.id) if manages else []
    people = await _people(visit, [row.prepared_by_id, row.decided_by_id, *(each["person_id"] for each in readers)])
    context = {
        **await shown(visit, issue.report),
        "report": issue.report,
        "row": row,
        "issue": issue,
        "manages": manages,
        "may_drop": row.state == issue_queries.WAITING and (issue.may_decide or _is_own(visit, issue)),
        "is_own": _is_own(visit, issue),
        "audience": [titled(roles().by_id[role].titles, visit.lang) for role in issue.readers.roles],
        "people": people,
        "readers": readers,
        "trouble": trouble,
    }
    return render(visit, "report_issued.html", context, 409 if trouble else 200)


def _is_own(visit: Visit, issue: Issue) -> bool:
    return issue.row.prepared_by_id == visit.actor.person_id


async def _people(visit: Visit, ids: list[int | None]) -> dict[int, str]:
    wanted = [each for each in ids if each is not None]
    return {one.id: name_of(visit.office, one, visit.lang) for one in await Person.filter(id__in=wanted)}


async def issued_file(visit: Visit) -> web.Response:
    """Return it as a file, cell for cell as it was prepared."""
    issue = await issuing.open_issue(visit.office, visit.actor, visit.path("issued"))
    return await file_of(visit, issue.report)


Act = Callable[[Any, Any, str], Awaitable[object]]
ACTS: Final[dict[str, Act]] = {"issue": issuing.do_issue, "drop": issuing.do_drop}


async def act(visit: Visit) -> web.Response:
    """Issue it or take it back; a refusal is a sentence on its page."""
    do = ACTS.get(visit.path("act"))
    if do is None:
        raise NotThere
    public_id = visit.path("issued")
    try:
        await do(visit.office, visit.actor, public_id)
    except NotAllowed as refused:
        if refused.key == "people.not_allowed":
            raise
        return await _show(visit, visit.refusal(refused))
    except Refused as refused:
        return await _show(visit, visit.refusal(refused))
    where = "/reports" if visit.path("act") == "drop" else f"/reports/issued/{public_id}"
    return go_on(visit, where, f"report_{visit.path('act')}")
