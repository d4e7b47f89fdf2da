"""`lianxin people`: units, staff and companies from CSV."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Units and staff.")
MOST_SHOWN = 50


@app.callback()
def _group() -> None:
    """Units and staff."""


@app.command("import")
def import_(
    units: Annotated[Path | None, typer.Option(help="CSV of units", exists=True, dir_okay=False)] = None,
    staff: Annotated[Path | None, typer.Option(help="CSV of staff", exists=True, dir_okay=False)] = None,
    companies: Annotated[Path | None, typer.Option(help="CSV of companies", exists=True, dir_okay=False)] = None,
    dry_run: Annotated[bool, typer.Option(help="Only report what would happen")] = False,
    possible_phones: Annotated[bool, typer.Option(help="Take numbers of the right length that are not in use")] = False,
) -> None:
    """Import units, staff and companies: every fault with its line and column, all or nothing, repeatable."""
    named = {"units": units, "staff": staff, "companies": companies}
    files = {name: path.read_bytes() for name, path in named.items() if path is not None}
    if not files:
        raise typer.BadParameter("name a file with --units, --staff or --companies")
    asyncio.run(_import(files, dry_run=dry_run, possible=possible_phones))


async def _import(files: Mapping[str, bytes], *, dry_run: bool, possible: bool) -> None:
    from people.importing import FILES, import_people
    from service.opening import open_installation
    from service.settings import load_settings

    settings = load_settings()
    async with open_installation(settings) as installation:
        report = await import_people(
            installation.office,
            units=files.get("units"),
            staff=files.get("staff"),
            companies=files.get("companies"),
            phones="possible" if possible else "valid",
            dry_run=dry_run,
        )
        for problem in report.problems[:MOST_SHOWN]:
            place = f"{problem.file}, line {problem.line}" + (f", {problem.column}" if problem.column else "")
            typer.echo(f"{place}: {problem.say(installation.office.texts, 'en')}", err=True)
    if not report.ok:
        typer.echo(f"{len(report.problems)} problem(s); nothing was written.", err=True)
        raise typer.Exit(1)
    for name, outcome in zip(FILES, (report.units, report.staff, report.companies), strict=True):
        typer.echo(
            f"{name}: {len(outcome.added)} new, {len(outcome.changed)} changed, {outcome.same} unchanged, "
            f"{len(outcome.missing)} not in the file (kept)"
        )
    typer.echo("Written." if report.written else "Dry run: nothing was written.")
