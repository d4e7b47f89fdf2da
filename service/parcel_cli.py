"""`lianxin parcel`: what the receiver of a sealed parcel does. It needs no database, no settings and no service."""

import json
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Keys for sealed parcels, and opening them.")


@app.command()
def key(
    path: Annotated[Path, typer.Argument(help="Where to write the private key; it stays with the receiver")],
) -> None:
    """Make a pair of keys: the private one is written, readable by its owner alone, the public one is shown."""
    from core.crypto import new_pair, write_for_owner
    from records.parcels import key_text

    public, private = new_pair()
    write_for_owner(path, key_text(private) + "\n")
    typer.echo(f"Written: {path}. Keep it; without it no parcel can be opened. Tell the sender the public key:")
    typer.echo(key_text(public))


@app.command("open")
def open_(
    parcel: Annotated[Path, typer.Argument(help="The parcel, as it was handed over")],
    key: Annotated[Path, typer.Option(help="The file of the private key")],
) -> None:
    """Show what a parcel holds."""
    from core.errors import KeyFileError
    from records.parcels import open_parcel, read_key

    try:
        opened = open_parcel(read_key(key.read_text()), parcel.read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileError(f"The file cannot be read: {error}") from error
    typer.echo(json.dumps(opened, ensure_ascii=False, indent=1))
