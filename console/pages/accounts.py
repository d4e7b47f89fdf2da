"""Accounts and roles, kept by the system administrator: who may use the console, and what for."""

import secrets
from typing import Any, Final

from aiohttp import web

from console.answers import go_on
from console.fields import Form, read_form
from console.names import name_in
from console.pages.people import person_by_id, show_person
from console.rendering import render
from console.visit import Visit
from core.errors import NotAllowed, NotThere, Refused
from models import console_queries, sql
from models.org import Account, Grant, Person, Unit
from people import accounts
from people.roles import roles
from records import members

_PASSWORD_BYTES: Final = 9


async def accounts_page(visit: Visit) -> web.Response:
    """List every account with its state."""
    now = visit.office.clock.now()
    rows = await console_queries.accounts(now)
    return render(visit, "accounts.html", {"rows": [_row(visit, row) for row in rows]})


def _row(visit: Visit, row: dict[str, Any]) -> dict[str, Any]:
    locked = sql.as_time(row["locked_until"])
    state = "disabled" if row["disabled_at"] is not None else "open"
    if state == "open" and locked is not None and locked > visit.office.clock.now():
        state = "locked"
    return row | {"shown": name_in(visit, row), "state": state, "created_at": sql.as_time(row["created_at"])}


async def give_account(visit: Visit) -> web.Response:
    """Give a person an account with a first password, which is shown once."""
    person = await person_by_id(visit)
    form = read_form(visit.posted, ("login",), 64)
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    try:
        account = await accounts.create_account(visit.office, person.id, form["login"], password)
    except Refused as refused:
        form.wrong("login", visit.refusal(refused))
        return await show_person(visit, person, form)
    return _show_password(visit, person, account, password)


def _show_password(visit: Visit, person: Person, account: Account, password: str, lost: int = 0) -> web.Response:
    back = f"/people/{person.public_id}"
    context = {"login": account.login, "password": password, "back": back, "lost": lost}
    return render(visit, "password.html", context)


async def reset_password(visit: Visit) -> web.Response:
    """Give an account a new password, shown once; every session of it ends, and it holds no keys any more."""
    person, account = await _account(visit)
    _check_other(visit, person)
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    lost = await accounts.set_password(visit.office, account.id, password)
    return _show_password(visit, person, account, password, lost)


async def disable(visit: Visit) -> web.Response:
    """Take the right to use the console away."""
    person, account = await _account(visit)
    _check_other(visit, person)
    await accounts.disable_account(visit.office, account.id)
    return go_on(visit, f"/people/{person.public_id}", "disabled")


async def enable(visit: Visit) -> web.Response:
    """Give the right to use the console back; also unlocks it."""
    person, account = await _account(visit)
    await accounts.enable_account(account.id)
    return go_on(visit, f"/people/{person.public_id}", "enabled")


async def _account(visit: Visit) -> tuple[Person, Account]:
    person = await person_by_id(visit)
    account = await Account.get_or_none(person_id=person.id)
    if account is None:
        raise NotThere
    return person, account


def _check_other(visit: Visit, person: Person) -> None:
    if person.id == visit.actor.person_id:
        raise NotAllowed("console.not_oneself")


async def give_role(visit: Visit) -> web.Response:
    """Give a person a role, in the reach of a unit where the role has one; nobody gives himself a role."""
    person = await person_by_id(visit)
    _check_other(visit, person)
    form = read_form(visit.posted, ("role", "unit"), 64)
    role = roles().by_id.get(form["role"])
    unit = await Unit.get_or_none(code=form["unit"]) if form["unit"] else None
    _check_role(visit, form, unit)
    if form.errors or role is None:
        return await show_person(visit, person, form)
    scope = unit.id if unit is not None and role.reach == "units" else None
    if not await Grant.filter(person_id=person.id, role=role.id, scope_id=scope).exists():
        await Grant.create(person_id=person.id, role=role.id, scope_id=scope)
    return go_on(visit, f"/people/{person.public_id}", "role_given")


def _check_role(visit: Visit, form: Form, unit: Unit | None) -> None:
    role = roles().by_id.get(form["role"])
    if role is None:
        form.wrong("role", visit.t("form.choose", field=visit.t("person.role")))
    elif role.reach == "units" and unit is None:
        form.wrong("unit", visit.t("person.role_needs_unit"))


async def take_role(visit: Visit) -> web.Response:
    """Take a role away; nobody takes one from himself."""
    person, number = await person_by_id(visit), visit.path("grant")
    _check_other(visit, person)
    if not number.isdecimal() or len(number) > 18:
        raise NotThere
    if not await Grant.filter(id=int(number), person_id=person.id).delete():
        raise NotThere
    await members.drop_unentitled(visit.office, visit.kinds)
    return go_on(visit, f"/people/{person.public_id}", "role_taken")
