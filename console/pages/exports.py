"""Lists of givers: asked for by one person, approved by another, taken once by who asked."""

import datetime as dt
from typing import Any, Final

from aiohttp import web

from console.answers import go_on
from console.fields import Form, read_form
from console.rendering import render
from console.visit import Visit
from core.errors import Refused
from models.org import Person
from oversight import giver_exports
from oversight.giver_exports import REASON_MOST, Request
from people.persons import name_of

FIELDS: Final = ("first", "last", "reason")


async def exports_page(visit: Visit) -> web.Response:
    """Show the requests that the visitor may know of, and the form to ask where he may."""
    return await _page(visit, Form())


async def _page(visit: Visit, form: Form) -> web.Response:
    requests = await giver_exports.requests(visit.office, visit.actor)
    people = await Person.filter(id__in=[one.asked_by for one in requests])
    names = {one.id: name_of(visit.office, one, visit.lang) for one in people}
    context: dict[str, Any] = {
        "form": form,
        "reason_most": REASON_MOST,
        "rows": [_row(visit, one, names) for one in requests],
        "locked": visit.may("export.approve") and visit.actor.key is None,
    }
    return render(visit, "exports.html", context, 422 if form.errors else 200)


def _row(visit: Visit, one: Request, names: dict[int, str]) -> dict[str, Any]:
    return {
        "id": one.public_id,
        "request": one,
        "who": names.get(one.asked_by, ""),
        "state": visit.t(f"exports.state.{one.state}"),
        "decides": one.state == "asked" and visit.may("export.approve") and not one.mine,
        "takes": one.state == "approved" and one.mine,
    }


async def ask(visit: Visit) -> web.Response:
    """Ask for a list; what was typed stays when something is wrong."""
    form = read_form(visit.posted, FIELDS, REASON_MOST + 1)
    days = [_day(form[name]) for name in FIELDS[:2]]
    for name, day in zip(FIELDS[:2], days, strict=True):
        if day is None:
            form.wrong(name, visit.t("form.needed", field=visit.t(f"exports.{name}")))
    first, last = days
    if first is None or last is None:
        return await _page(visit, form)
    try:
        await giver_exports.ask(visit.office, visit.kinds, visit.actor, first, last, form["reason"])
    except Refused as refused:
        form.wrong(str(refused.values.get("field", "")), visit.refusal(refused))
        return await _page(visit, form)
    return go_on(visit, "/exports", "export_asked")


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


async def approve(visit: Visit) -> web.Response:
    """Approve a request: the list is made now, with the visitor's key."""
    await giver_exports.approve(visit.office, visit.kinds, visit.actor, visit.path("export"))
    return go_on(visit, "/exports", "export_approved")


async def refuse(visit: Visit) -> web.Response:
    """Refuse a request."""
    await giver_exports.refuse(visit.office, visit.actor, visit.path("export"))
    return go_on(visit, "/exports", "export_refused")


async def take(visit: Visit) -> web.Response:
    """Hand the list out, once."""
    file = await giver_exports.take(visit.office, visit.actor, visit.path("export"))
    headers = {"Content-Disposition": 'attachment; filename="givers.csv"'}
    return web.Response(body=file, content_type="text/csv", charset="utf-8", headers=headers)
