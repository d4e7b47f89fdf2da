"""R09: how units came out in the appraisals of local bodies, from the imported list."""

from typing import Final

from models import imported_queries
from oversight import periods
from oversight.making import Body, Making, said
from oversight.table import Cell, Titles

FIRST: Final = 5
"""Up to which rank a unit counts as among the first."""


async def appraisals(making: Making) -> Body:
    """Return every unit that was appraised in the years of the period, and how many did well."""
    found = await imported_queries.appraisals(making.period.first.year, making.period.last.year)
    columns = tuple(cell.column for cell in making.cells())
    rows = []
    for each in found:
        first, commended = int(each["rank"] <= FIRST), int(bool(each["commended"]))
        score = None if each["score"] is None else each["score"] / 100
        rows.append((each["unit_code"], each["level"], each["bodies"], each["rank"], first, commended, score))
    top = sum(1 for row in rows if row[4] or row[5])
    total: tuple[Cell, ...] = ("", "", None, None, sum(row[4] for row in rows), sum(row[5] for row in rows), None)
    sentence = said(making, {}, period=periods.titles_of(making.period), n=_same(len(rows)), top=_same(top))
    return Body(columns, tuple(rows), total, sentence)


def _same(number: int) -> Titles:
    return dict.fromkeys(("zh-Hans", "zh-Hant", "en"), str(number))
