"""How wide a text is in columns of a fixed font: a Chinese character takes two."""

import unicodedata
from collections.abc import Iterable
from typing import Final

from oversight.printing.paper import Table

_NARROWEST: Final = 6
WIDEST: Final = 44
"""More characters than this are broken into lines."""
_WIDEST_OF_MANY: Final = 30
_MANY: Final = 10


def width_of(text: str) -> int:
    """Return the width of the widest line of a text."""
    return max((sum(_width(each) for each in line) for line in text.split("\n")), default=0)


def _width(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def column_widths(table: Table) -> list[int]:
    """Return a width for each column of a table, in characters: what its figures take, and the words of its head.

    A head may be broken between its words, and Chinese anywhere; text that is longer than WIDEST is broken too.
    """
    most = WIDEST if len(table.heads) <= _MANY else _WIDEST_OF_MANY
    return [min(max(_head_width(head), *figures, _NARROWEST), most) for head, figures in _columns(table)]


def _columns(table: Table) -> Iterable[tuple[str, list[int]]]:
    rows = [*table.rows, *([table.total] if table.total else []), *table.compared]
    for place, head in enumerate(table.heads):
        yield head.text, [width_of(row[place].text) for row in rows] or [0]


def _head_width(text: str) -> int:
    """The longest of its words; a Chinese one may stand in two lines."""
    return max((_word_width(word) for word in text.split()), default=0)


def _word_width(word: str) -> int:
    width = width_of(word)
    return width if width == len(word) else -(-width // 4) * 2


def lines_of(text: str, width: int) -> int:
    """Return how many lines a text takes in a column."""
    return sum(max(-(-width_of(line) // width), 1) for line in text.split("\n"))
