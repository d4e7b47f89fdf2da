"""`lianxin keys`: the service key file."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="The service key file.")


@app.command()
def new(path: Annotated[Path | None, typer.Argument(help="Where to write it; default: KEY_FILE")] = None) -> None:
    """Write a new key file that only its owner can read. An existing one is never overwritten."""
    from core.crypto import create_key_file

    target = path or _key_file()
    create_key_file(target)
    typer.echo(f"Written: {target}. Keep a copy apart from the data; without it no row can be read.")


@app.command()
def show() -> None:
    """Say whether the key file can be used; never its content."""
    from core.crypto import load_key_file

    load_key_file(_key_file())
    typer.echo(f"{_key_file()} can be used.")


def _key_file() -> Path:
    from service.settings import load_settings

    path = load_settings().key_file
    assert path is not None, "settings fill it"
    return path
