"""A report on a page: which periods can be chosen, the table and its charts, the files that it can be had as."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from aiohttp import web

from console.visit import Visit
from core.errors import NotThere
from oversight import periods
from oversight.issuing import note_printed
from oversight.printing import figures
from oversight.printing.paper import LANGS, lay_out
from oversight.printing.press import FORMATS, draw, print_file
from oversight.table import Period, Report

KEPT: Final = (("month", 13), ("quarter", 8), ("half", 4), ("year", 6))
"""How many periods of each sort the chooser lists, the latest first."""


def period_of(visit: Visit) -> Period:
    """Return the period that a page was asked for: two days, else a written one, else the last whole month.

    Raises Refused where what was asked for is no period.
    """
    first, last = visit.query("first"), visit.query("last")
    if first and last:
        return periods.parse_period(f"{first}..{last}")
    written = visit.query("period")
    return periods.parse_period(written) if written else last_of(visit, "month")


def last_of(visit: Visit, kind: str) -> Period:
    """Return the last period of a sort that has ended."""
    return periods.before(_current(visit, kind))


def _current(visit: Visit, kind: str) -> Period:
    today = visit.office.today()
    quarter, half = (today.month + 2) // 3, (today.month + 5) // 6
    written = {"month": f"{today:%Y-%m}", "quarter": f"{today:%Y}Q{quarter}", "half": f"{today:%Y}H{half}"}
    return periods.parse_period(written.get(kind, f"{today:%Y}"))


def choices(visit: Visit) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield each sort of period with the periods that can be chosen: as they are written, and their names."""
    for kind, many in KEPT:
        period, found = _current(visit, kind), []
        for _ in range(many):
            found.append((periods.text_of(period), periods.titles_of(period)[visit.lang]))
            period = periods.before(period)
        yield kind, found


async def shown(visit: Visit, report: Report) -> Mapping[str, Any]:
    """Return what the template of a report needs: the laid-out paper in the language of the page, its charts drawn."""
    paper = lay_out(report, visit.lang, visit.office.texts, visit.office.zone)
    pictures = zip(paper.pictures, await draw(paper), strict=True)
    return {
        "paper": paper,
        "pictures": list(pictures),
        "way": figures.way,
        "formats": tuple(FORMATS),
        "langs": tuple(LANGS),
    }


async def file_of(visit: Visit, report: Report) -> web.Response:
    """Return a report as the file that was asked for, and write into the ledger that it left.

    Raises NotThere for a format or language that there is not, Refused where it cannot be printed so.
    """
    form, lang = visit.query("format"), visit.query("lang")
    if form not in FORMATS or lang not in LANGS:
        raise NotThere
    made = await print_file(visit.office, report, form, lang)
    await note_printed(visit.office, visit.actor.person_id, report, form, lang)
    name = f"{report.id}-{periods.text_of(report.period)}-{lang}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=made, headers=headers | {"Content-Type": FORMATS[form].media})
