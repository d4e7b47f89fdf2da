"""A report as CSV for spreadsheet programs: UTF-8 with its mark in front, one table under the other."""

import csv
import io
from collections.abc import Iterable
from typing import Final

from oversight.printing.paper import Figure, Paper, Table

BOM: Final = "\ufeff"
_ACTIVE: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def harmless(text: str) -> str:
    """Return a cell that no program takes for a formula: one that would begin one has an apostrophe in front."""
    return f"'{text}" if text.lstrip(" ").startswith(_ACTIVE) or text.startswith(_ACTIVE) else text


def csv_file(paper: Paper) -> bytes:
    """Return the file. Figures stand without thousands separators and unrounded signs, so that programs read them."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    for line in _lines(paper):
        writer.writerow(line)
    return (BOM + target.getvalue()).encode()


def _lines(paper: Paper) -> Iterable[list[str]]:
    yield [harmless(paper.office)]
    yield [harmless(paper.title)]
    for label, value in paper.head:
        yield [harmless(label), harmless(value)]
    for place, table in enumerate(paper.tables):
        yield []
        if place:
            yield [harmless(table.caption)]
        yield from _table(table)
        if not table.rows:
            yield [harmless(paper.empty)]
        if table.note:
            yield [harmless(table.note)]
    yield []
    for text in (*paper.sentences, *paper.notes):
        yield [harmless(text)]
    for label, value in paper.foot:
        yield [harmless(label), harmless(value)]


def _table(table: Table) -> Iterable[list[str]]:
    yield [harmless(head.text.replace("\n", " ")) for head in table.heads]
    for row in (*table.rows, *([table.total] if table.total else ()), *table.compared):
        yield [_cell(figure) for figure in row]


def _cell(figure: Figure) -> str:
    if figure.number is None:
        return harmless(figure.text)
    return figure.text if figure.text.endswith("%") else figure.text.replace(",", "")
