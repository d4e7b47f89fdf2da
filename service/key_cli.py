"""`lianxin keys`: the service key file, the keys of the registers, the recovery key in two halves."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.errors import LianxinError, NotAllowed, NotThere

if TYPE_CHECKING:
    from core.halves import Half
    from service.opening import Installation

app = typer.Typer(no_args_is_help=True, help="The service key file, and the keys of the registers.")


class NoSuchKey(LianxinError):
    """There is no group, account or recovery key that could be meant; the message says what to do."""


@app.command()
def new(path: Annotated[Path | None, typer.Argument(help="Where to write it; default: KEY_FILE")] = None) -> None:
    """Write a new key file that only its owner can read. An existing one is never overwritten."""
    from core.crypto import create_key_file

    target = path or _key_file()
    create_key_file(target)
    typer.echo(f"Written: {target}. Keep a copy apart from the data; without it no row can be read.")


@app.command()
def show() -> None:
    """Say whether the key file can be used, never its content; and how many hold the key of each register."""
    from core.crypto import load_key_file

    load_key_file(_key_file())
    typer.echo(f"{_key_file()} can be used.")
    asyncio.run(_with_installation(_show))


@app.command()
def recovery(
    replace: Annotated[bool, typer.Option("--replace", help="Make a new one; the halves of the old open nothing.")] = (
        False
    ),
) -> None:
    """Make the recovery key, once, and show its two halves: one each for two persons, on paper, shown only now."""
    asyncio.run(_with_installation(lambda installation: _make_recovery(installation, replace=replace)))


@app.command()
def recover(
    group: Annotated[str, typer.Argument(help="Key group, as `lianxin keys show` lists it")],
    account: Annotated[str, typer.Option(help="Login of the account that gets the key")],
) -> None:
    """Give an account the key of a register by both halves of the recovery key."""
    asyncio.run(_with_installation(lambda installation: _recover(installation, group, account)))


@app.command()
def clean() -> None:
    """Rewrite the database so that nothing erased is left in its files. Stop the service first."""
    asyncio.run(_with_installation(_clean))
    typer.echo("Done. Backups and copies made before still hold what they held: destroy those that you do not need.")


def _key_file() -> Path:
    from service.settings import load_settings

    path = load_settings().key_file
    assert path is not None, "settings fill it"
    return path


async def _with_installation(work: "Callable[[Installation], Coroutine[None, None, None]]") -> None:
    from service.opening import open_installation
    from service.settings import load_settings

    async with open_installation(load_settings()) as installation:
        await work(installation)


async def _show(_installation: "Installation") -> None:
    from models.member_queries import standing

    for row in await standing():
        held = f"held by {row['members']}" if row["members"] else "nobody holds it yet"
        typer.echo(f"{row['name']}: {held}, recovery key: {'yes' if row['recoverable'] else 'no'}")


async def _make_recovery(installation: "Installation", *, replace: bool) -> None:
    from core.crypto import new_pair
    from core.halves import split
    from models.record import RecoveryKey
    from records.members import make_recovery

    if not replace and await RecoveryKey.exists():
        raise NoSuchKey("There is a recovery key already. Where its halves are lost: lianxin keys recovery --replace")
    public, private = new_pair()
    for half in split(private, public):
        _show_half(half)
    at_once = await make_recovery(installation.office, public)  # only once both are on paper
    opens = ", ".join(at_once) or "no register yet"
    typer.echo(f"It opens at once: {opens}; every other one when somebody who holds its key has signed in next.")


def _show_half(half: "Half") -> None:
    import segno

    typer.echo(f"\nHalf {half.which} of the recovery key, for the {_WHOSE[half.which]} person alone:\n")
    typer.echo(f"  {half.printed()}\n")
    segno.make(half.printed().replace(" ", ""), error="m").terminal(compact=True)
    typer.prompt("Written down or printed? Press Enter, and it is gone", default="", show_default=False)
    if sys.stdout.isatty():
        typer.echo(_WIPE, nl=False)


_WIPE = "\x1b[2J\x1b[3J\x1b[H"
"""Empties a terminal, also what was scrolled away."""
_WHOSE = {"A": "first", "B": "second"}


async def _recover(installation: "Installation", group: str, login: str) -> None:
    from core.halves import joined, read_half
    from models.org import Account
    from models.record import KeyGroup, RecoveryKey
    from records.members import recover as by_recovery

    key = await RecoveryKey.all().order_by("-id").first()
    if key is None:
        raise NoSuchKey("This installation has no recovery key. Make one while somebody holds the keys.")
    if not await KeyGroup.exists(name=group):
        raise NoSuchKey(f"There is no key group {group}. See: lianxin keys show")
    account = await Account.get_or_none(login=login.strip().casefold()).prefetch_related("person")
    if account is None:
        raise NoSuchKey(f"There is no account {login}. See: lianxin account list")
    one, other = (read_half(typer.prompt(f"{which} half", hide_input=True)) for which in ("One", "Other"))
    private = joined(one, other, bytes(key.public_key))
    try:
        await by_recovery(installation.office, installation.kinds, group, account, private)
    except (NotAllowed, NotThere):
        raise NoSuchKey(f"No role of {login} reads what {group} handles, or the account is disabled.") from None
    typer.echo(f"{login} holds the key of {group} now. It opens from the next page on.")


async def _clean(_installation: "Installation") -> None:
    from models.cleaning import clean_everything

    await clean_everything()
