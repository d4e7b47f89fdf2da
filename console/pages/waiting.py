"""What waits for the visitor: every record on which one of his acts is open, by role, by assignment or in a view."""

from typing import Any

from aiohttp import web

from console.deadlines import deadline
from console.pages.records import act_title, readable
from console.rendering import render
from console.visit import Visit
from console.words import titled
from records.waiting import Waits, waits_for


async def waiting_page(visit: Visit) -> web.Response:
    """Show what waits, what is due first at the top; nothing of a record but number, register, state and acts."""
    found = [each for kind in readable(visit) for each in await waits_for(visit.office, kind, visit.actor)]
    rows = sorted((_row(visit, one) for one in found), key=lambda row: row["order"])
    return render(visit, "waiting.html", {"rows": rows})


def _row(visit: Visit, one: Waits) -> dict[str, Any]:
    state = one.kind.states[one.record.state]
    due = min((act.due_at for act in one.acts if act.due_at), default=one.record.due_at)
    return {
        "href": f"/records/{one.kind.id}/{one.record.public_id}",
        "number": str(one.record.number),
        "kind": titled(one.kind.titles, visit.lang),
        "state": titled(state.titles, visit.lang),
        "acts": [act_title(visit, act.act, one.kind) for act in one.acts] or [visit.t("waiting.look")],
        "second": any(act.proposed is not None for act in one.acts),
        "deadline": deadline(visit.office, due),
        "order": (due is None, due or one.record.filed_at),
    }
