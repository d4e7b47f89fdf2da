"""R13: what was handed to another body and came back, without any content: numbers, days, results."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from core.clock import local_day
from models import report_queries
from models.report_queries import Figure
from oversight.counting import days_of
from oversight.making import Body, Making
from oversight.places import place_in
from oversight.table import Titles
from records.kind import Kind

KIND: Final = "transfer"
SIGNED_FOR: Final = "签收"
MOST_ROWS: Final = 5000
_YES: Titles = {"zh-Hans": "按时", "zh-Hant": "按時", "en": "in time"}
_NO: Titles = {"zh-Hans": "逾期", "zh-Hant": "逾期", "en": "late"}
_NAMES: Final = {
    "sent": "entered.sent",
    "received": "receipt_at",
    "late": "late",
    "result": "result_code",
    "state": "state",
}


async def transfers(making: Making) -> Body:
    """Return the transfers sent in the period, in order; the bodies and the parcel stand sealed in the record."""
    kind = making.reports.kinds.get(KIND)
    places = {key: place for key, name in _NAMES.items() if (place := place_in(kind, name)) is not None}
    figure = Figure("sent", by=places["sent"], days=days_of(making.office, making.period))
    found = await report_queries.listed(making.reader.selections[KIND], figure, places, MOST_ROWS)
    columns = tuple(cell.column for cell in making.cells())
    rows = [_row(making, kind, each) for each in found]
    return Body(columns, tuple(tuple(row[column.id] for column in columns) for row in rows))


def _row(making: Making, kind: Kind, found: Mapping[str, Any]) -> dict[str, Any]:
    received = _day(making, found.get("received"))
    late = SIGNED_FOR in (found.get("late") or "")
    return {
        "no": found["number"],
        "sent": _day(making, found["sent"]),
        "received": received,
        "limit": None if received is None else _NO if late else _YES,
        "result": found.get("result") or "",
        "state": kind.states[found["state"]].titles,
    }


def _day(making: Making, text: str | None) -> dt.date | None:
    """A moment of the engine stands in UTC, one that somebody gave on his own day."""
    if not text:
        return None
    moment = dt.datetime.fromisoformat(text)
    return local_day(moment, making.office.zone) if moment.tzinfo else moment.date()
