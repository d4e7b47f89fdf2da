"""`lianxin report`: reports as files for whoever may have them, and the tables that they are made from besides.

Printing asks for the login and password of an account: a file holds what this person may see, and the ledger says so.
"""

import asyncio
import os
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(no_args_is_help=True, help="Reports as files, and what they are made from.")
PASSWORD_VARIABLE = "LIANXIN_PASSWORD"
MOST_SHOWN = 50


@app.command("list")
def list_() -> None:
    """List the reports of this installation: id, title, and the roles that may have each."""

    async def work(installation: Any) -> None:
        for one in installation.reports.by_id.values():
            roles = ", ".join((*one.audience, *(["public"] if one.public else [])))
            typer.echo(f"{one.id:<18} {one.titles['en']} {one.titles['zh-Hans']} ({roles})")

    _with_installation(work)


@app.command("print")
def print_(
    report: Annotated[str, typer.Argument(help="Its id, as `lianxin report list` shows it: R01")],
    period: Annotated[str, typer.Option(help="2026-09, 2026Q3, 2026H1, 2026 or 2026-09-01..2026-09-15")],
    out: Annotated[Path, typer.Option(help="Where to write it; an existing file is never overwritten.")],
    login: Annotated[str, typer.Option(help="The account that it is printed for; its password is asked for.")],
    format_: Annotated[str, typer.Option("--format", help="pdf, docx, xlsx or csv")] = "pdf",
    lang: Annotated[str, typer.Option(help="zh-Hans, zh-Hant, en, both or both-Hant")] = "both",
) -> None:
    """Print a report into a file. Scripts give the password in LIANXIN_PASSWORD."""
    from oversight.printing.paper import LANGS
    from oversight.printing.press import FORMATS

    if format_ not in FORMATS:
        raise typer.BadParameter(f"write one of {', '.join(FORMATS)}", param_hint="--format")
    if lang not in LANGS:
        raise typer.BadParameter(f"write one of {', '.join(LANGS)}", param_hint="--lang")
    if out.exists():
        raise typer.BadParameter(f"{out} exists already; a file is never overwritten", param_hint="--out")
    password = os.environ.get(PASSWORD_VARIABLE) or str(typer.prompt("Password", hide_input=True))
    _with_installation(lambda installation: _print(installation, report, period, out, login, password, format_, lang))
    typer.echo(f"Written: {out}")


async def _print(
    installation: Any, report_id: str, written: str, out: Path, login: str, password: str, form: str, lang: str
) -> None:
    from core.errors import NotAllowed, Refused
    from oversight import issuing, reports
    from oversight.periods import parse_period
    from oversight.printing.press import print_file
    from people.access import actor_of, check_may
    from people.accounts import sign_in

    office, known = installation.office, installation.reports
    period = parse_period(written)
    entered = await sign_in(office, login, password)
    actor = await actor_of(office, entered.account.person_id)
    check_may(actor, "totals.view")
    if report_id not in known.by_id:
        raise Refused("report.unknown", item=report_id)
    if not reports.may_have(known.get(report_id), actor):
        raise NotAllowed("people.not_allowed")
    report = await reports.make(office, known, report_id, period, actor)
    made = await print_file(office, report, form, lang)  # type: ignore[arg-type]
    await issuing.note_printed(office, actor.person_id, report, form, lang)
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        target.write(made)


@app.command("import")
def import_(
    table: Annotated[str, typer.Argument(help="sanctions, appraisals, survey or matters")],
    file: Annotated[Path, typer.Argument(help="CSV file", exists=True, dir_okay=False)],
) -> None:
    """Import a table that reports read: every fault with its line and column, all or nothing, repeatable."""
    from oversight.importing import TABLES, import_table

    if table not in TABLES:
        raise typer.BadParameter(f"write one of {', '.join(TABLES)}", param_hint="TABLE")

    async def work(installation: Any) -> None:
        outcome = await import_table(installation.office, table, file.read_bytes())
        for problem in outcome.problems[:MOST_SHOWN]:
            place = f"{problem.file}, line {problem.line}" + (f", {problem.column}" if problem.column else "")
            typer.echo(f"{place}: {problem.say(installation.office.texts, 'en')}", err=True)
        if outcome.problems:
            typer.echo(f"{len(outcome.problems)} problem(s); nothing was written.", err=True)
            raise typer.Exit(1)
        typer.echo(f"{table}: {outcome.rows} rows.")

    _with_installation(work)


def _with_installation(work: Any) -> None:
    from service.opening import open_installation
    from service.settings import load_settings

    async def run() -> None:
        async with open_installation(load_settings()) as installation:
            await work(installation)

    asyncio.run(run())
