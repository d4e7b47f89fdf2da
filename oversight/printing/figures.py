"""One cell of a report in words of one language. Only the wording is made here; nothing is counted."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Literal
from zoneinfo import ZoneInfo

from oversight.table import Cell, Hidden, Shape

SMALL: Final = "<5"
DERIVED: Final = "…"
NUMBERS: Final[frozenset[Shape]] = frozenset({"count", "money", "wan", "rate", "number"})
_MONEY: Final = Decimal(100)
_WAN: Final = Decimal(1_000_000)

Way = Literal["left", "right"]


def shown(cell: Cell, shape: Shape, lang: str, zone: ZoneInfo) -> str:
    """Return a cell as it is read: 529,800.00, 94.74%, <5; nothing for None. Moments are local, to the minute."""
    if isinstance(cell, Hidden):
        return DERIVED if cell.derived else SMALL
    if cell is None:
        return ""
    if isinstance(cell, Mapping):
        return cell[lang]
    if isinstance(cell, dt.datetime):
        return f"{cell.astimezone(zone):%Y-%m-%d %H:%M}"
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return cell if isinstance(cell, str) else _number(number_of(cell, shape), shape)


def number_of(cell: int | float, shape: Shape) -> Decimal:
    """Return the number that a spreadsheet holds: yuan for fen, 万元 for fen, a fraction for a rate."""
    exact = Decimal(str(cell))
    return exact / {"money": _MONEY, "wan": _WAN}.get(shape, Decimal(1))


def _number(value: Decimal, shape: Shape) -> str:
    if shape == "rate":
        return f"{value:.2%}"
    return f"{value:,}" if shape == "count" else f"{value:,.2f}"


def way(shape: Shape) -> Way:
    """Return to which side a column of this shape stands."""
    return "right" if shape in NUMBERS else "left"
