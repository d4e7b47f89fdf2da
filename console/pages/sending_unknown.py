"""Messages of which nobody knows whether they went out, and sending them again: the person may then get it twice.

Those of a reminder are decided on by who approves reminders, the others by who looks after the queue.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from aiohttp import web

from console import paging
from console.answers import go_on
from console.codes import meaning_of
from console.fields import read_form
from console.masked import masked
from console.rendering import render
from console.visit import Visit
from core.errors import NotAllowed, NotThere
from messaging import asking
from messaging.channel import TELEGRAM
from messaging.resending import do_resend, do_resend_all
from models import resending_queries, sql

OTHERS: Final = "others"
HERE: Final = "/sending/unknown"


@dataclass(frozen=True, slots=True)
class Part:
    """The unknown messages of a run, or those of none: how many there are, and how many are too late to be sent."""

    name: str
    run_id: int | None
    many: int
    expired: int
    row: Mapping[str, Any]

    @property
    def href(self) -> str:
        """Its page."""
        return f"{HERE}/{self.name}"


def may_decide(visit: Visit, run_id: int | None) -> bool:
    """Return whether the visitor decides on unknown messages of a run, or of none."""
    return visit.may("message.resend") and visit.may("queue.view" if run_id is None else "campaign.approve")


async def _parts(visit: Visit) -> list[Part]:
    rows = await resending_queries.groups(visit.office.clock.now())
    return [
        Part(
            row["run"] or OTHERS,
            row["run_id"],
            row["many"],
            row["expired"],
            row | {"first_at": sql.as_time(row["first_at"]), "due_at": sql.as_time(row["due_at"])},
        )
        for row in rows
    ]


async def unknown_page(visit: Visit) -> web.Response:
    """Show runs with unknown messages, and the others as one group."""
    parts = await _parts(visit)
    shown = [(part, may_decide(visit, part.run_id)) for part in parts]
    return render(visit, "unknown.html", {"parts": [each for each in shown if each[1] or visit.may("queue.view")]})


async def part_page(visit: Visit) -> web.Response:
    """Show the unknown messages of one group, with what was tried."""
    part = await _part(visit)
    rows = await resending_queries.listed(part.run_id, paging.SIZE, paging.offset(visit))
    page = paging.sliced(visit, rows)
    return render(visit, "unknown_part.html", {"group": part, "rows": [_row(visit, row) for row in rows], "page": page})


async def _part(visit: Visit) -> Part:
    part = next((each for each in await _parts(visit) if each.name == visit.path("part")), None)
    if part is None:
        raise NotThere
    if not may_decide(visit, part.run_id):
        raise NotAllowed("people.not_allowed")
    return part


def _row(visit: Visit, row: dict[str, Any]) -> dict[str, Any]:
    now = visit.office.clock.now()
    expires_at, started_at = sql.as_time(row["expires_at"]), sql.as_time(row["started_at"])
    return row | {
        "to": (row["staff_no"] or "") if visit.may("campaign.results") else masked(visit.office, row["identity"]),
        "state_at": sql.as_time(row["state_at"]),
        "meaning": meaning_of(row["code"]),
        "late": expires_at is not None and expires_at <= now,
        "asked": _asked(row, now - started_at if started_at else timedelta(0)),
        "ask_at": sql.as_time(row["ask_at"]),
    }


def _asked(row: Mapping[str, Any], age: timedelta) -> str:
    """Return the key of what asking the provider came to."""
    if row["channel"] == TELEGRAM:
        return "never"
    if age > asking.LONGEST:
        return "over"
    return "next" if row["ask_at"] is not None else "soon"


async def confirm_page(visit: Visit) -> web.Response:
    """Say plainly what sending again may do, and ask."""
    part = await _part(visit)
    one = await _one(part, visit.query("message")) if visit.query("message") else None
    return render(visit, "resend.html", {"group": part, "one": one, "many": 1 if one else part.many - part.expired})


async def _one(part: Part, given: str) -> int:
    number = int(given) if given.isdecimal() and len(given) < 19 else 0
    found = await resending_queries.one(number)
    if found is None or found["run_id"] != part.run_id:
        raise NotThere
    return number


async def resend(visit: Visit) -> web.Response:
    """Send one message again, or all of a group."""
    part = await _part(visit)
    form = read_form(visit.posted, ("message", "many"), 18)
    if form["message"]:
        await do_resend(visit.office, visit.actor.person_id, await _one(part, form["message"]))
    else:
        expected = int(form["many"]) if form["many"].isdecimal() else -1
        await do_resend_all(visit.office, visit.actor.person_id, part.run_id, expected)
    return go_on(visit, HERE, "resent")
