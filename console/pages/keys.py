"""The keys of the registers: who holds them, who is entitled and waits, letting somebody in, taking a key away."""

from typing import Any

from aiohttp import web

from console.answers import go_on
from console.fields import read_form
from console.names import name_in
from console.rendering import render
from console.visit import Visit
from core.errors import NotThere
from models.org import Account
from records import members
from records.members import Standing


async def keys_page(visit: Visit) -> web.Response:
    """Show the groups to which the visitor's roles entitle him, each with its holders and those who wait."""
    found = await members.standings(visit.kinds, visit.actor)
    return render(visit, "keys.html", {"groups": [_group(visit, one) for one in found]})


def _group(visit: Visit, standing: Standing) -> dict[str, Any]:
    return {
        "name": standing.group,
        "title": title_of(visit, standing.group),
        "mine": standing.mine,
        "recoverable": standing.recoverable,
        "holders": [_person(visit, row) for row in standing.members],
        "waiting": [_person(visit, row) for row in standing.waiting],
    }


def title_of(visit: Visit, group: str) -> str:
    """Return what a key group is called; one that an agency added is shown with the name in its kinds."""
    key = f"keygroup.{group}"
    return visit.t(key) if key in visit.console.words else group


def _person(visit: Visit, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["public_id"],
        "name": name_in(visit, row),
        "staff_no": row["staff_no"] or "",
        "unit": (row["unit_en"] if visit.lang == "en" else "") or row["unit_zh"] or "",
        "has_key": bool(row["has_key"]),
        "own": row["person_id"] == visit.actor.person_id,
    }


async def admit(visit: Visit) -> web.Response:
    """Give the chosen persons the key that the visitor holds."""
    form = read_form(visit.posted, ("person",), 24)
    for public_id in form.all("person"):
        account = await _account(public_id)
        await members.admit(visit.office, visit.kinds, visit.actor, visit.path("group"), account.id)
    return go_on(visit, "/keys", "key_admitted" if form.all("person") else "")


async def remove(visit: Visit) -> web.Response:
    """Take a key away from somebody."""
    account = await _account(visit.path("person"))
    await members.remove(visit.office, visit.actor, visit.path("group"), account.id)
    return go_on(visit, "/keys", "key_removed")


async def _account(public_id: str) -> Account:
    account = await Account.get_or_none(person__public_id=public_id)
    if account is None:
        raise NotThere
    return account
