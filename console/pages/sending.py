"""How sending stands: lanes, what waits, the switch that stops everything, the processes that run."""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from console.answers import go_on
from console.codes import meaning_of
from console.names import name_in
from console.rendering import render
from console.visit import Visit
from core.errors import Refused
from messaging import lane_book
from messaging.causes import REFUSED_CODES
from models import incident_queries, sending_queries, sql

STATES: Final = {
    "off": "",
    "stopped": "bad",
    "refused": "bad",
    "unowned": "bad",
    "capped": "warn",
    "held": "warn",
    "sending": "good",
    "ready": "good",
}
"""How a lane may stand, and the tone of its mark."""

SWITCH: Final = ("stop_sending", "resume_sending")


async def sending_page(visit: Visit) -> web.Response:
    """Show lanes, queues, the switch and the processes."""
    now = visit.office.clock.now()
    stopped = await lane_book.is_stopped()
    did = {row["lane_id"]: row for row in await sending_queries.lately(now)}
    rows = await sending_queries.lanes(visit.office.today())
    context = {
        "stopped": stopped,
        "switched": await _switched(visit),
        "lanes": [_lane(visit, row, did.get(row["id"], {}), stopped=stopped) for row in rows],
        "queues": [row | {"oldest_at": sql.as_time(row["oldest_at"])} for row in await sending_queries.queued()],
        "unsettled": await sending_queries.unsettled(),
        "incidents": len(await incident_queries.still_open()),
        "processes": [
            row | {"started_at": sql.as_time(row["started_at"])} for row in await sending_queries.processes()
        ],
    }
    return render(visit, "sending.html", context)


async def _switched(visit: Visit) -> Mapping[str, Any] | None:
    """Return who used the switch last, and when."""
    row = await sending_queries.last_act(SWITCH)
    return row and {"act": row["act"], "at": sql.as_time(row["at"]), "who": name_in(visit, row)}


def _lane(visit: Visit, row: dict[str, Any], did: Mapping[str, Any], *, stopped: bool) -> dict[str, Any]:
    state = _state(visit, row, did, stopped=stopped)
    return row | {
        "state": state,
        "tone": STATES[state],
        "held_until": sql.as_time(row["held_until"]),
        "last_error_at": sql.as_time(row["last_error_at"]),
        "meaning": meaning_of(row["last_error"]),
        "achieved": did.get("rate", 0.0),
        "accepted_at": sql.as_time(did.get("accepted_at")),
    }


def _state(visit: Visit, row: Mapping[str, Any], did: Mapping[str, Any], *, stopped: bool) -> str:
    held_until = sql.as_time(row["held_until"])
    held = held_until is not None and held_until > visit.office.clock.now()
    found = {
        "off": not row["enabled"],
        "stopped": stopped,
        "refused": held and row["last_error"] in REFUSED_CODES,
        "unowned": row["owner"] is None or (row["lease_left"] or 0) <= 0,
        "capped": row["cap_day"] is not None and row["used"] >= row["cap_day"],
        "held": held,
        "sending": did.get("rate", 0) > 0,
    }
    return next((state for state, holds in found.items() if holds), "ready")


async def stop_page(visit: Visit) -> web.Response:
    """Ask whether everything is to be stopped, and say what that means."""
    return render(visit, "sending_stop.html", {"stopped": await lane_book.is_stopped()})


async def stop(visit: Visit) -> web.Response:
    """Stop all sending."""
    await lane_book.do_stop_sending(visit.office, visit.actor.person_id)
    return go_on(visit, "/sending", "sending_stopped")


async def resume(visit: Visit) -> web.Response:
    """Let sending go on."""
    try:
        await lane_book.do_resume_sending(visit.office, visit.actor.person_id)
    except Refused:
        return go_on(visit, "/sending")
    return go_on(visit, "/sending", "sending_resumed")
