"""The command `lianxin`. Heavy imports stay inside the commands, so that `--help` answers at once.

Exit codes: 0 done, 1 refused or failed with the reason on standard error, 2 wrong use of the command line.
"""

import asyncio
import os
import sys
from typing import Annotated

import structlog
import typer

from core import logs
from core.errors import LianxinError, Refused
from service import account_cli, key_cli, ledger_cli, parcel_cli, people_cli, report_cli
from service.roles import ROLES

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(account_cli.app, name="account")
app.add_typer(people_cli.app, name="people")
app.add_typer(key_cli.app, name="keys")
app.add_typer(ledger_cli.app, name="ledger")
app.add_typer(parcel_cli.app, name="parcel")
app.add_typer(report_cli.app, name="report")


@app.callback()
def _about() -> None:
    """Lianxin 廉信: integrity reminders, complaints and the register of intercession over SMS and chat."""


@app.command()
def serve(
    roles: Annotated[str, typer.Option(help="Parts that this process runs, with commas between them.")] = ",".join(
        ROLES
    ),
) -> None:
    """Run the service: console, webhooks, bot, schedules and sending."""
    from service.runtime import run_service
    from service.settings import load_settings

    chosen = _roles(roles)
    asyncio.run(run_service(load_settings(), chosen))


def _roles(text: str) -> frozenset[str]:
    chosen = frozenset(part.strip() for part in text.split(",") if part.strip())
    if not chosen or not chosen <= set(ROLES):
        raise typer.BadParameter(f"write some of {', '.join(ROLES)}", param_hint="--roles")
    return chosen


@app.command()
def sandbox(
    listen: Annotated[str, typer.Option(help="Address and port; port 0 takes a free one.")] = "127.0.0.1:8090",
) -> None:
    """Run a local twin of the SMS and chat providers, with virtual phones. Nothing leaves this machine."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "sandbox", "--listen", listen])


@app.command()
def migrate() -> None:
    """Bring the database to the newest migration; safe to start several times at once."""
    from models.migrate import migrate_database
    from service.settings import load_settings

    settings = load_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    applied = asyncio.run(migrate_database(settings.database_url))
    typer.echo("\n".join(f"applied {name}" for name in applied) or "Nothing to do: the database is up to date.")


@app.command()
def check() -> None:
    """Check settings, key, database and every data file; change nothing but what a start would."""
    from service.checking import check_everything
    from service.settings import load_settings

    for line in asyncio.run(check_everything(load_settings())):
        typer.echo(line)


@app.command()
def demo(
    once: Annotated[
        bool, typer.Option("--once", help="Do the guided round by itself, print the books and end.")
    ] = False,
    port: Annotated[int, typer.Option(help="Port of the tour page; 0 takes a free one.")] = 8088,
    gateway: Annotated[
        bool, typer.Option("--gateway", help="Send SMS by a carrier's HTTP interface in place of Twilio.")
    ] = False,
) -> None:
    """Show it all on this machine, without any account: phones, console, sample organisation."""
    from service.demo.supervisor import run_demo

    raise typer.Exit(asyncio.run(run_demo(once=once, port=port, gateway=gateway)))


def main() -> None:
    """Run the command line; tell errors of ours in plain sentences."""
    logs.set_up()
    os.umask(0o077)
    try:
        app()
    except Refused as error:
        typer.echo(_sentence(error), err=True)
        raise SystemExit(1) from None
    except LianxinError as error:
        typer.echo(str(error) or type(error).__name__, err=True)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except Exception:  # a slip of ours: its places are told, its message may quote what is private
        structlog.get_logger().exception("command.broke")
        raise SystemExit(1) from None


def _sentence(error: Refused) -> str:
    from console.words import sentence_of

    return sentence_of(error, "en")
