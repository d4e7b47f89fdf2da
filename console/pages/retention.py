"""Retention: which records will be erased soon, which are on hold, and holding or releasing one."""

from typing import Any, Final

from aiohttp import web

from console.answers import go_on
from console.fields import Form, read_form
from console.rendering import render
from console.visit import Visit
from console.words import titled
from records import retention
from records.kind import Kind
from records.retention_file import schedule

HERE: Final = "/retention"


async def retention_page(visit: Visit) -> web.Response:
    """Show for every register how long it is kept, what ends soon and what is on hold."""
    kinds = [kind for kind in visit.kinds.by_id.values() if _reads(visit, kind)]
    context = {
        "parts": [await _part(visit, kind) for kind in kinds],
        "texts": schedule().texts,
        "reasons": [(reason, visit.t(f"retention.reason.{reason}")) for reason in retention.REASONS],
        "form": Form({"reason": [retention.REASONS[0]]}),
    }
    return render(visit, "retention.html", context)


def _reads(visit: Visit, kind: Kind) -> bool:
    return any(each.role == retention.HOLDER and each.reach != "above" for each in kind.readers)


async def _part(visit: Visit, kind: Kind) -> dict[str, Any]:
    rows = await retention.coming(visit.office, kind, visit.actor)
    return {
        "kind": kind.id,
        "title": titled(kind.titles, visit.lang),
        "years": schedule().years(kind.id),
        "rows": [{**row, "shown_state": titled(kind.states[row["state"]].titles, visit.lang)} for row in rows],
    }


async def hold(visit: Visit) -> web.Response:
    """Put a record on hold."""
    form = read_form(visit.posted, ("reason",), 16)
    await retention.do_hold(visit.office, visit.kinds, visit.actor, visit.path("record"), form["reason"])
    return go_on(visit, HERE, "held")


async def release(visit: Visit) -> web.Response:
    """Release a record."""
    await retention.do_release(visit.office, visit.kinds, visit.actor, visit.path("record"))
    return go_on(visit, HERE, "released")
