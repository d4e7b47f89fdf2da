"""Checks that rows of units and of staff share. Each adds what is wrong to a list and returns what it read. Pure."""

import re
from collections.abc import Collection
from typing import Final

from people.csv_table import Problem, Row

_ID: Final = re.compile(r"[A-Za-z0-9._-]+")
_FORMULA: Final = ("=", "@", "+", "-", "\t")


class Checks:
    """The problems of one file while it is read."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._seen: dict[tuple[str, str], int] = {}

    def wrong(self, row: Row, column: str, key: str, **values: object) -> None:
        """Note what is wrong with a cell."""
        self.problems.append(Problem(self.file, row.line, column, key, values))

    def code(self, row: Row, column: str, *, most: int = 32, needed: bool = True) -> str:
        """Return an id such as a staff number."""
        text = row[column]
        if not text and needed:
            self.wrong(row, column, "import.empty_cell")
        elif len(text) > most:
            self.wrong(row, column, "import.too_long", max=most)
        elif text and not _ID.fullmatch(text):
            self.wrong(row, column, "import.bad_id")
        return text

    def words(self, row: Row, column: str, *, most: int = 120, needed: bool = False) -> str:
        """Return a text such as a name; one that a spreadsheet would run as a formula is refused."""
        text = row[column]
        if not text and needed:
            self.wrong(row, column, "import.empty_cell")
        elif len(text) > most:
            self.wrong(row, column, "import.too_long", max=most)
        elif text.startswith(_FORMULA):
            self.wrong(row, column, "import.formula")
        return text

    def choice(self, row: Row, column: str, allowed: Collection[str], default: str) -> str:
        """Return one of a list; the default where the cell is empty."""
        text = row[column] or default
        if text not in allowed:
            self.wrong(row, column, "import.choice", range=" ".join(allowed))
        return text

    def once(self, row: Row, column: str, value: str) -> None:
        """Note a value that an earlier line has already."""
        first = self._seen.setdefault((column, value), row.line)
        if value and first != row.line:
            self.wrong(row, column, "import.twice", n=first)


def parts(text: str) -> tuple[str, ...]:
    """Return what stands between semicolons, each once."""
    return tuple(dict.fromkeys(one.strip() for one in text.replace("；", ";").split(";") if one.strip()))
