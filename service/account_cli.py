"""`lianxin account`: the right to use the console. Makes the first administrator."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import typer

from core.errors import LianxinError, NotThere

app = typer.Typer(no_args_is_help=True, help="Accounts of the console.")
PASSWORD_VARIABLE = "LIANXIN_NEW_PASSWORD"


class NoSuchAccount(LianxinError):
    """No account or person can be meant by that; the message says what to do."""


@app.command()
def add(
    login: Annotated[str, typer.Argument(help="What he signs in with")],
    staff_no: Annotated[str | None, typer.Option(help="Staff number of somebody imported")] = None,
    name: Annotated[str | None, typer.Option(help="Name of somebody who is not in the staff list")] = None,
    role: Annotated[list[str] | None, typer.Option(help="Role to give; may be repeated")] = None,
) -> None:
    """Give somebody an account. The first administrator: lianxin account add admin --name "…" --role sysadmin."""
    if (staff_no is None) == (name is None):
        raise typer.BadParameter("name the person by --staff-no or by --name")
    password = _ask_password()
    asyncio.run(_with_office(lambda office: _add(office, login, staff_no, name, role or [], password)))
    typer.echo(f"{login} may sign in now.")


@app.command()
def password(
    login: Annotated[str, typer.Argument()],
    even_if_lost: Annotated[
        bool, typer.Option("--even-if-lost", help="Also where nobody else holds a key: what it opens is lost for ever.")
    ] = False,
) -> None:
    """Set a new password; ends every session of the account and unlocks it. It holds no key of a register any more."""
    given = _ask_password()
    asyncio.run(_with_office(lambda office: _set_password(office, login, given, even_if_lost=even_if_lost)))


@app.command()
def disable(login: Annotated[str, typer.Argument()]) -> None:
    """Take the right away and end every session."""
    asyncio.run(_with_office(lambda office: _disable(office, login)))
    typer.echo(f"{login} can no longer sign in.")


@app.command("list")
def list_() -> None:
    """List the accounts with their roles; never a name."""
    asyncio.run(_with_office(_list))


def _ask_password() -> str:
    """Read it from the environment for scripts, else ask twice without showing it."""
    if given := os.environ.get(PASSWORD_VARIABLE):
        return given
    return str(typer.prompt("Password (10 characters or more)", hide_input=True, confirmation_prompt=True))


async def _with_office(work: Callable[[Any], Coroutine[Any, Any, None]]) -> None:
    from service.opening import open_installation
    from service.settings import load_settings

    async with open_installation(load_settings()) as installation:
        await work(installation.office)


async def _add(
    office: Any, login: str, staff_no: str | None, name: str | None, roles: list[str], password: str
) -> None:
    from models import sql
    from models.org import Account
    from people.accounts import create_account
    from people.passwords import check_password

    check_password(login, password)
    if await Account.exists(login=login.strip().casefold()):
        raise NoSuchAccount(
            f"The login {login} is taken. Choose another, or set its password: lianxin account password"
        )
    async with sql.transaction():
        person_id = await _person(office, staff_no, name)
        await _grant(person_id, roles)
    await create_account(office, person_id, login, password)


async def _person(office: Any, staff_no: str | None, name: str | None) -> int:
    from models.org import Person

    if staff_no is None:
        person = await Person.create(kind="external", name=office.key.encrypt(name or ""), lang=office.locale)
        return int(person.id)
    found = await Person.get_or_none(staff_no=staff_no)
    if found is None:
        raise NoSuchAccount(f"Nobody has the staff number {staff_no}. Import the staff first: lianxin people import")
    return int(found.id)


async def _grant(person_id: int, wanted: list[str]) -> None:
    from models.org import Grant
    from people.roles import roles

    for role in wanted:
        if role not in roles().by_id:
            raise NoSuchAccount(f"There is no role {role}. Roles: {', '.join(sorted(roles().by_id))}")
        await Grant.get_or_create(person_id=person_id, role=role, scope_id=None)


async def _account_id(login: str) -> int:
    from models.org import Account

    account = await Account.get_or_none(login=login.strip().casefold())
    if account is None:
        raise NoSuchAccount(f"There is no account {login}. See: lianxin account list")
    return int(account.id)


async def _set_password(office: Any, login: str, password: str, *, even_if_lost: bool) -> None:
    from people.accounts import set_password

    lost = await set_password(office, await _account_id(login), password, even_if_lost=even_if_lost)
    typer.echo("Done; every session of this account has ended.")
    if lost:
        typer.echo("It opens no sealed records until somebody who holds the key admits it again (console, Keys).")


async def _disable(office: Any, login: str) -> None:
    from people.accounts import disable_account

    try:
        await disable_account(office, await _account_id(login))
    except NotThere:
        raise NoSuchAccount(f"There is no account {login}.") from None


async def _list(_office: Any) -> None:
    from models.org import Account, Grant

    for account in await Account.all().order_by("login"):
        granted = await Grant.filter(person_id=account.person_id).values_list("role", flat=True)
        state = "disabled" if account.disabled_at else "active"
        typer.echo(f"{account.login}\t{state}\t{', '.join(sorted(map(str, granted)))}")
