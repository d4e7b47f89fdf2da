"""Named queries about who did what, from the ledger: added up by person, kind and half hour."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from models import sql
from models.ledger_append import HEAD_ID

HALF_HOUR: Final = 1800
_BY_TWO: Final = (
    "proposed",
    "export_asked",
    "export_approved",
    "count_proposed",
    "counted",
    "report_prepared",
    "report_issued",
)
"""What takes two persons, besides the moves that a second one confirmed."""
_TAKEN_AWAY: Final = ("export_taken", "printed")
_OWN: Final = (
    "EXISTS (SELECT 1 FROM ledger_entry f WHERE f.record_id = e.record_id AND f.event = 'filed' AND f.actor = e.actor)"
)


async def by_half_hour(
    begin: datetime, end: datetime, sealed: Mapping[str, Sequence[str]], without: Sequence[str]
) -> list[dict[str, Any]]:
    """Return (actor, kind, moment, entries, count, sealed, two_person, exports) by half hours with something done.

    `count` are records opened, `sealed` those of which a field of `sealed` (by kind) was seen. Left out are what
    is about a record in which one of `without` is named, the system's own entries, and what somebody did to the record
    that he filed himself: an audit of access must not tell who filed something.
    """
    values = sql.Values()
    span = f"e.at >= {values.put(begin)} AND e.at < {values.put(end)}"
    marks = ", ".join(values.put(each) for each in without)
    match = f"m.record_id = e.record_id AND m.field = '@recused' AND m.hash IN ({marks})"
    named = f"EXISTS (SELECT 1 FROM record_match m WHERE {match})"
    seen = " OR ".join(_seen(values, kind, fields) for kind, fields in sealed.items() if fields) or "FALSE"
    rows = await sql.rows(
        f"SELECT e.actor, r.kind, {_half_hour()} AS half, COUNT(*) AS entries,"
        " COUNT(CASE WHEN e.event = 'read' THEN 1 END) AS count,"
        f" COUNT(CASE WHEN e.event = 'read' AND ({seen}) THEN 1 END) AS sealed,"
        f" COUNT(CASE WHEN e.event IN ({sql.words(_BY_TWO)})"
        " OR (e.event = 'moved' AND d.detail LIKE '%\"first\":%') THEN 1 END)"
        f" AS two_person, COUNT(CASE WHEN e.event IN ({sql.words(_TAKEN_AWAY)}) THEN 1 END) AS exports"
        " FROM ledger_entry e LEFT JOIN record r ON r.id = e.record_id LEFT JOIN ledger_detail d ON d.seq = e.seq"
        f" WHERE {span} AND e.actor <> 'system' AND NOT {_OWN}{f' AND NOT {named}' if without else ''}"
        " GROUP BY e.actor, r.kind, half ORDER BY half, e.actor",
        *values.given,
    )
    return [{**row, "moment": datetime.fromtimestamp(int(row["half"]) * HALF_HOUR, UTC)} for row in rows]


def _seen(values: sql.Values, kind: str, fields: Sequence[str]) -> str:
    marks = " OR ".join(f"d.detail LIKE {values.put(f'%{chr(34)}{name}{chr(34)}%')}" for name in fields)
    return f"(r.kind = {values.put(kind)} AND ({marks}))"


def _half_hour() -> str:
    if sql.is_postgres():
        return f"CAST(FLOOR(EXTRACT(EPOCH FROM e.at) / {HALF_HOUR}) AS BIGINT)"
    return f"CAST(strftime('%s', e.at) AS INTEGER) / {HALF_HOUR}"


async def log_id() -> str | None:
    """Return the id of the book, None where nothing was ever written."""
    found = await sql.value(f"SELECT log_id FROM ledger_head WHERE id = {HEAD_ID}")
    return None if found is None else str(found)
