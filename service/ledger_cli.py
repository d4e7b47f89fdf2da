"""`lianxin ledger`: checkpoints, exports and the verification of the book (docs/ledger.md)."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(no_args_is_help=True, help="The provable book of everything that happened to records.")
SOUND, BROKEN, CANNOT_TELL = range(3)


@app.command()
def key() -> None:
    """Print the public key that checkpoints are verified with. Keep it outside of this machine."""
    from core.office import Office
    from models import ledger_read
    from records.checkpoints import signer

    async def work(office: Office) -> None:
        head = await ledger_read.head()
        if head is None:
            typer.echo("The book is empty: its key is made with its first entry.", err=True)
            raise typer.Exit(1)
        typer.echo(str((await signer(office, head.log_id)).verifier))

    _with_office(work)


@app.command()
def checkpoint(
    svg: Annotated[Path | None, typer.Option(help="Also write its QR code here, as a picture.")] = None,
    qr: Annotated[bool, typer.Option("--qr", help="Also print its QR code.")] = False,
) -> None:
    """Sign the book as it is now and print it: one that is kept outside proves that nothing was removed later."""
    import segno

    from core.office import Office
    from records import checkpoints

    async def work(office: Office) -> None:
        made = await checkpoints.make(office)
        if made is None:
            typer.echo("The book is empty: there is nothing to sign yet.", err=True)
            raise typer.Exit(1)
        typer.echo(made.note, nl=False)
        if qr:
            segno.make(made.note, error="m").terminal(compact=True)
        if svg:
            segno.make(made.note, error="m").save(str(svg), kind="svg", scale=4)

    _with_office(work)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="Where to write it; an existing file is never overwritten.")],
    details: Annotated[
        bool, typer.Option("--details", help="With the facts that entries commit to, for inspectors only.")
    ] = False,
) -> None:
    """Sign the book and write it to a file, to be verified elsewhere."""
    from core.office import Office
    from records import checkpoints
    from records.ledger_check import export_lines

    async def work(office: Office) -> None:
        await checkpoints.make(office)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as target:
            async for line in export_lines(details=details):
                target.write(line)
        typer.echo(f"Written: {file}")

    _with_office(work)


@app.command()
def prove(
    entry: Annotated[int, typer.Argument(help="The number of the entry, as a record's page or an export gives it.")],
    details: Annotated[
        bool, typer.Option("--details", help="With the facts that the entry commits to, for inspectors only.")
    ] = False,
) -> None:
    """Sign the book and print the proof that one entry stands in it: a court needs this alone, not the book."""
    from core.office import Office
    from records import checkpoints
    from records.ledger_check import CannotTell
    from records.ledger_check import prove as proof_of

    async def work(office: Office) -> None:
        made = await checkpoints.make(office)
        if made is None:
            raise CannotTell("The book is empty: nothing has happened to any record yet.")
        typer.echo(str(await proof_of(entry, made.note, details=details)), nl=False)

    with _exit_codes():
        _with_office(work)


@app.command()
def verify(
    file: Annotated[Path | None, typer.Option(help="An export; without it the database is verified.")] = None,
    proof: Annotated[
        Path | None, typer.Option(help="The proof of one entry, as `lianxin ledger prove` printed it.")
    ] = None,
    key: Annotated[
        str, typer.Option(help="The public key as `lianxin ledger key` printed it, or a file with it.")
    ] = "",
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint that was kept outside; may be given several times.")
    ] = None,
) -> None:
    """Verify the whole book. Exit code 0: sound; 1: broken, the first bad place is named; 2: it cannot be told."""
    with _exit_codes():
        typer.echo(_proved(proof, key, checkpoint or []) if proof else _verified(file, key, checkpoint or []))


@contextmanager
def _exit_codes() -> Iterator[None]:
    """Say what is broken, or why it cannot be told, and end with the code for it."""
    from core.ledger_proof import Broken
    from records.ledger_check import CannotTell

    try:
        yield
    except Broken as error:
        typer.echo(f"BROKEN: {error}.", err=True)
        raise typer.Exit(BROKEN) from None
    except CannotTell as error:
        typer.echo(f"Cannot tell: {error}", err=True)
        raise typer.Exit(CANNOT_TELL) from None


def _proved(path: Path, key: str, checkpoints: list[Path]) -> str:
    from core.ledger_leaf import moment_text
    from records import ledger_check

    verifier = _verifier(key)
    outside = ledger_check.opened([_text(path).strip() + "\n" for path in checkpoints], verifier)
    proof, checkpoint = ledger_check.verify_proof(path, verifier, outside)
    entry = proof.entry
    said = [
        f"SOUND: entry {entry.seq} ({entry.event}, {moment_text(entry.at)}) "
        f"stands in a book of {checkpoint.size} entries.",
        f"Its detail: {proof.detail}" if proof.detail else "Its detail is not in the proof.",
    ]
    return "\n".join(said)


def _verified(file: Path | None, key: str, checkpoints: list[Path]) -> str:
    from records import ledger_check
    from records.ledger_check import CannotTell

    verifier = _verifier(key)
    outside = ledger_check.opened([_text(path).strip() + "\n" for path in checkpoints], verifier)  # chats trim ends
    sound = (
        ledger_check.verify_file(file, verifier, outside)
        if file
        else _with_database(lambda: ledger_check.verify_database(verifier, outside))
    )
    if sound.entries and not sound.signed:
        raise CannotTell(
            "The entries fit together, but no checkpoint covers them: whoever wrote them all anew is not seen."
        )
    kept = max((each.size for each in outside), default=0)
    said = [
        f"SOUND: {sound.entries} entries, {sound.without_detail} of them without their detail.",
        f"The first {sound.signed} are under a signed checkpoint, the first {kept} under one from outside.",
    ]
    if not kept:
        said.append("Without a checkpoint from outside, a book cut off at an older checkpoint is not seen.")
    return "\n".join(said)


def _verifier(key: str) -> Any:
    from core.signed_note import BadNote, Verifier
    from records.ledger_check import CannotTell

    if not key:
        raise CannotTell(
            "Give the public key with --key, from outside of this machine: a key from here proves nothing."
        )
    try:
        return Verifier.parse(_text(Path(key)) if "+" not in key else key)
    except BadNote as error:
        raise CannotTell(f"{error}.") from None


def _text(path: Path) -> str:
    from records.ledger_check import CannotTell

    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CannotTell(f"{path} cannot be read ({type(error).__name__}).") from None


def _with_office(work: Callable[[Any], Awaitable[None]]) -> None:
    from service.opening import open_installation
    from service.settings import load_settings

    async def run() -> None:
        async with open_installation(load_settings()) as installation:
            await work(installation.office)

    asyncio.run(run())


def _with_database(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Open the database alone: verifying needs no service key."""
    from models.database import close_database, open_database, sqlite_path
    from records.ledger_check import CannotTell
    from service.settings import load_settings

    settings = load_settings()
    path = sqlite_path(settings.database_url)
    if path is not None and not path.exists():
        raise CannotTell(f"There is no database at {path}.")

    async def run() -> Any:
        await open_database(settings.database_url)
        try:
            return await work()
        finally:
            await close_database()

    return asyncio.run(run())
