"""What is made known: to the staff who are to read it, and to everybody on a page without sign-in."""

from typing import Any

from aiohttp import web

from console.answers import go_on
from console.pages.publications import in_public
from console.rendering import render, render_public
from console.visit import Visit
from console.words import titled
from models import sql
from records.readers import acknowledge
from records.sheets import Sheet, ToRead, made_public, sheet_at, to_read


async def bulletins_page(visit: Visit) -> web.Response:
    """Show what is made known to the visitor, what he has still to read first."""
    found = await to_read(visit.office, visit.kinds, visit.actor.person_id)
    rows = [_row(visit, one) for one in sorted(found, key=lambda one: one.is_read or not one.asks)]
    return render(visit, "bulletins.html", {"rows": rows})


def _row(visit: Visit, one: ToRead) -> dict[str, Any]:
    return {
        "href": f"/bulletins/{one.sheet.public_id}",
        "number": one.sheet.number,
        "kind": titled(visit.kinds.get(one.sheet.kind).titles, visit.lang),
        "title": one.sheet.sections[0][1] if one.sheet.sections else "",
        "since": one.record.state_since,
        "waits": one.asks and not one.is_read,
    }


async def bulletin_page(visit: Visit) -> web.Response:
    """Show one sheet to one of its readers; what asks to be read has a button for it."""
    sheet = await _sheet(visit)
    found = await to_read(visit.office, visit.kinds, visit.actor.person_id)
    waits = any(one.asks and not one.is_read for one in found if one.record.id == sheet.record_id)
    context = {
        "sheet": sheet,
        "kind": visit.kinds.get(sheet.kind),
        "sections": _sections(visit, sheet),
        "waits": waits,
        "path": f"/bulletins/{sheet.public_id}",
    }
    return render(visit, "bulletin.html", context)


async def _sheet(visit: Visit) -> Sheet:
    return await sheet_at(visit.office, visit.kinds, visit.path("record"), visit.actor.person_id)


def _sections(visit: Visit, sheet: Sheet) -> list[tuple[str, str]]:
    return [(titled(titles, visit.lang), text) for titles, text in sheet.sections]


async def read_bulletin(visit: Visit) -> web.Response:
    """Keep that the visitor has read it."""
    sheet = await _sheet(visit)
    async with sql.transaction():
        await acknowledge(visit.office, sheet.record_id, visit.actor.person_id, "web")
    return go_on(visit, "/bulletins", "bulletin_read")


async def public_page(visit: Visit) -> web.Response:
    """Show everybody what is made known to the public, for as long as it stands."""
    visit, others = in_public(visit)
    found = await made_public(visit.office, visit.kinds)
    rows = [{**_row(visit, one), "sections": _sections(visit, one.sheet)} for one in found]
    return render_public(visit, "public_bulletins.html", {"rows": rows, "others": others})
