"""Incidents, open and over: what is wrong, since when, what to do next, who was told."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiohttp import web

from console import paging
from console.codes import meaning_of
from console.rendering import render
from console.visit import Visit
from messaging.incidents import alert_key
from models import incident_queries, sql
from people import access

VIEWS: Final = ("open", "closed")


async def incidents_page(visit: Visit) -> web.Response:
    """Show the incidents that are open, or those that are over."""
    view = "closed" if visit.query("view") == "closed" else "open"
    rows = await incident_queries.listed(closed=view == "closed", limit=paging.SIZE, offset=paging.offset(visit))
    told = await _told(rows)
    context = {
        "view": view,
        "views": VIEWS,
        "rows": [_row(row, told.get(row["id"], [])) for row in rows],
        "page": paging.sliced(visit, rows, "view"),
    }
    return render(visit, "incidents.html", context)


async def _told(rows: Sequence[Mapping[str, Any]]) -> dict[int, list[str]]:
    """Return the states of the alerts of each incident, of those who are told of its sort today."""
    persons = {sort: await access.told_of_incident(sort) for sort in {str(row["sort"]) for row in rows}}
    keys = {alert_key(row["id"], person): row["id"] for row in rows for person in persons[row["sort"]]}
    told: dict[int, list[str]] = {}
    for found in await incident_queries.messages_by_key(list(keys)):
        told.setdefault(keys[found["dedupe_key"]], []).append(found["state"])
    return told


def _row(row: dict[str, Any], alerts: Sequence[str]) -> dict[str, Any]:
    moments = {name: sql.as_time(row[name]) for name in ("opened_at", "last_at", "closed_at")}
    counts = {state: alerts.count(state) for state in sorted(set(alerts))}
    return row | moments | {"meaning": meaning_of(row["code"]), "alerts": counts}
