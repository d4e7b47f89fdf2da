"""The week on one screen, for the head of inspection: each number leads to what it counts."""

from typing import Any

from aiohttp import web

from console.rendering import render
from console.visit import Visit
from console.words import titled
from oversight.digest import digest
from people.units import load_tree


async def digest_page(visit: Visit) -> web.Response:
    """Show the digest as the visitor may know it now."""
    found = await digest(visit.office, visit.kinds, visit.actor)
    tree = await load_tree()
    context = {
        "digest": found,
        "silent": [tree.by_id[unit].name(visit.lang) for unit in found.silent if unit in tree.by_id],
        "kinds": [_line(visit, kind_id, many, found.open[kind_id]) for kind_id, many in found.overdue.items()],
    }
    return render(visit, "digest.html", context)


def _line(visit: Visit, kind_id: str, overdue: int, still_open: int) -> dict[str, Any]:
    title = titled(visit.kinds.get(kind_id).titles, visit.lang)
    return {"id": kind_id, "title": title, "overdue": overdue, "open": still_open}
