"""People: the tree of units, lists of persons, one person, the import of units and staff."""

from typing import Any

from aiohttp import web

from console import paging
from console.fields import Form
from console.masked import masked
from console.names import name_in
from console.rendering import render
from console.visit import Visit
from console.words import titled
from core.errors import NotThere
from models import console_queries
from models.address import Address, Consent
from models.org import Account, Grant, Person
from people.persons import name_of
from people.roles import roles
from people.units import UnitTree, load_tree

STATUSES = ("active", "leave", "left")


async def people_page(visit: Visit) -> web.Response:
    """Show persons, narrowed by unit and status."""
    tree = await load_tree()
    unit = next((each for each in tree.by_id.values() if each.code == visit.query("unit")), None)
    status = visit.query("status") if visit.query("status") in STATUSES else None
    within = sorted(tree.with_sub_units([unit.id])) if unit else None
    rows = await console_queries.persons(within, status, paging.SIZE, paging.offset(visit))
    context = {
        "rows": [_row(visit, tree, row) for row in rows],
        "page": paging.sliced(visit, rows, "unit", "status"),
        "units": [(each.code, each.name(visit.lang)) for each in tree.by_id.values()],
        "unit": unit.code if unit else "",
        "status": status or "",
        "statuses": STATUSES,
    }
    return render(visit, "people.html", context)


def _row(visit: Visit, tree: UnitTree, row: dict[str, Any]) -> dict[str, Any]:
    return row | {"shown": name_in(visit, row), "unit": unit_name(visit, tree, row["unit_id"])}


def unit_name(visit: Visit, tree: UnitTree, unit_id: int | None) -> str:
    """Return the name of a unit, "" for none."""
    unit = tree.by_id.get(unit_id) if unit_id is not None else None
    return unit.name(visit.lang) if unit else ""


async def units_page(visit: Visit) -> web.Response:
    """Show the tree of units with how many people work in each."""
    tree, many = await load_tree(), await console_queries.persons_by_unit()
    return render(visit, "units.html", {"branches": _branches(visit, tree, many, None)})


def _branches(visit: Visit, tree: UnitTree, many: dict[int, int], parent: int | None) -> list[dict[str, Any]]:
    return [
        {
            "code": unit.code,
            "name": unit.name(visit.lang),
            "active": unit.active,
            "many": many.get(unit.id, 0),
            "below": _branches(visit, tree, many, unit.id),
        }
        for unit in tree.by_id.values()
        if unit.parent_id == parent
    ]


async def person_by_id(visit: Visit) -> Person:
    """Return the person whom the address of the page names. Raises NotThere."""
    person = await Person.get_or_none(public_id=visit.path("person"))
    if person is None:
        raise NotThere
    return person


async def person_page(visit: Visit) -> web.Response:
    """Show a person: where he works, how he is reached (masked), what he agreed to, what he may do."""
    return await show_person(visit, await person_by_id(visit), Form())


async def show_person(visit: Visit, person: Person, form: Form) -> web.Response:
    """Show the page of a person with a form for his account, as typed."""
    tree = await load_tree()
    context = {
        "person": person,
        "shown": name_of(visit.office, person, visit.lang),
        "unit": unit_name(visit, tree, person.unit_id),
        "addresses": await _addresses(visit, person),
        "grants": await _grants(visit, tree, person),
        "account": await Account.get_or_none(person_id=person.id),
        "roles": [(role.id, titled(role.titles, visit.lang)) for role in roles().by_id.values()],
        "units": [(each.code, each.name(visit.lang)) for each in tree.by_id.values()],
        "form": form,
        "now": visit.office.clock.now(),
    }
    return render(visit, "person.html", context, 422 if form.errors else 200)


async def _addresses(visit: Visit, person: Person) -> list[dict[str, Any]]:
    found = await Address.filter(person_id=person.id).order_by("id")
    said = await Consent.filter(address_id__in=[one.id for one in found])
    return [
        {
            "channel": one.channel,
            "masked": masked(visit.office, one.identity),
            "verified_at": one.verified_at,
            "bad_at": one.bad_at,
            "out": sorted(each.category for each in said if each.address_id == one.id and not each.given),
        }
        for one in found
    ]


async def _grants(visit: Visit, tree: UnitTree, person: Person) -> list[dict[str, Any]]:
    known, found = roles().by_id, await Grant.filter(person_id=person.id).order_by("role")
    return [
        {
            "id": one.id,
            "role": titled(known[one.role].titles, visit.lang) if one.role in known else one.role,
            "unit": unit_name(visit, tree, one.scope_id),
        }
        for one in found
    ]
