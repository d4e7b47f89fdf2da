"""Prints reports off the event loop: at most two at a time, a few waiting, none longer than can be read on paper."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from typing import Final, TypeVar

from core.errors import Conflict, Refused
from core.office import Office
from oversight.printing import charts
from oversight.printing.csv_file import csv_file
from oversight.printing.docx_file import docx_file
from oversight.printing.paper import Lang, Paper, lay_out
from oversight.printing.pdf_file import pdf_file
from oversight.printing.xlsx_file import xlsx_file
from oversight.table import Report

AT_ONCE: Final = 2
MOST_WAITING: Final = 8
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Format:
    """A sort of file: its media type, how it is made, and how many rows it may have."""

    media: str
    make: Callable[[Paper], bytes]
    most_rows: int


FORMATS: Final[Mapping[str, Format]] = {
    "pdf": Format("application/pdf", pdf_file, 2_000),
    "docx": Format("application/vnd.openxmlformats-officedocument.wordprocessingml.document", docx_file, 2_000),
    "xlsx": Format("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx_file, 100_000),
    "csv": Format("text/csv; charset=utf-8", csv_file, 100_000),
}
_waiting = 0


async def print_file(office: Office, report: Report, format_name: str, lang: Lang) -> bytes:
    """Return a report as a file of one of FORMATS.

    Raises Refused where it has more rows than the format may have, Conflict where too many are being printed.
    """
    chosen = FORMATS[format_name]
    rows = len(report.rows) + sum(len(section.rows) for section in report.sections)
    if rows > chosen.most_rows:
        raise Refused("report.too_long", n=rows, max=chosen.most_rows)
    return await aside(lambda: chosen.make(lay_out(report, lang, office.texts, office.zone)))


async def draw(paper: Paper) -> list[str]:
    """Return the charts of a paper as SVG that may stand in a page. Raises Conflict as `print_file`."""
    return await aside(partial(_drawn, paper)) if paper.pictures else []


def _drawn(paper: Paper) -> list[str]:
    return [charts.svg_of(picture) for picture in paper.pictures]


async def aside(work: Callable[[], T]) -> T:
    """Do what takes long in a thread of the press. Raises Conflict where too much waits."""
    global _waiting
    if _waiting >= AT_ONCE + MOST_WAITING:
        raise Conflict("report.busy")
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_workers(), work)
    finally:
        _waiting -= 1


@cache
def _workers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, "press")
