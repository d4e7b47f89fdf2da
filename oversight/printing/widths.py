"""How wide a text is in columns of a fixed font: a Chinese character takes two."""

import unicodedata
from collections.abc import Iterable
from typing import Final

from oversight.printing.paper import Table

_NARROWEST: Final = 6
WIDEST: Final = 44


def width_of(text: str) -> int:
    """Return the width of the widest line of a text."""
    return max((sum(_width(each) for each in line) for line in text.split("\n")), default=0)


def _width(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def column_widths(table: Table) -> list[int]:
    """Return a width for each column of a table, in characters, within what can be read."""
    return [_fitting(width_of(each) for each in column) for column in _columns(table)]


def _columns(table: Table) -> Iterable[list[str]]:
    rows = [*table.rows, *([table.total] if table.total else []), *table.compared]
    for place, head in enumerate(table.heads):
        yield [head.text, *(row[place].text for row in rows)]


def _fitting(widths: Iterable[int]) -> int:
    return min(max(max(widths, default=0), _NARROWEST), WIDEST)
