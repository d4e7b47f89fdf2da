"""Named queries of retention: what is over, destroying its content, holds, and texts that were kept long enough."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from models import sql

_NOT_HELD = "NOT EXISTS (SELECT 1 FROM record_hold h WHERE h.record_id = r.id AND h.ended_at IS NULL)"
_ERASE = (
    "UPDATE statement SET key = NULL, sealed = $2, salt = NULL WHERE record_id = $1",
    "UPDATE evidence SET key = NULL, provider_file = NULL WHERE record_id = $1",
    "DELETE FROM evidence_chunk WHERE evidence_id IN (SELECT id FROM evidence WHERE record_id = $1)",
    "DELETE FROM record_match WHERE record_id = $1 AND field NOT IN ('@owner', '@recused')",
    "UPDATE ledger_detail SET salt = NULL, detail = NULL"
    " WHERE seq IN (SELECT seq FROM ledger_entry WHERE record_id = $1)",
)


async def over(kind: str, closed_before: datetime, limit: int) -> list[int]:
    """Return records of a kind that were closed before a moment, are not on hold and not erased yet."""
    rows = await sql.rows(
        "SELECT r.id FROM record r WHERE r.kind = $1 AND r.closed_at IS NOT NULL AND r.erased_at IS NULL"
        f" AND r.closed_at < $2 AND {_NOT_HELD} ORDER BY r.closed_at, r.id LIMIT $3",
        kind,
        closed_before,
        limit,
    )
    return [int(row["id"]) for row in rows]


async def is_held(record_id: int) -> bool:
    """Return whether a hold on a record is open."""
    return bool(await sql.value("SELECT 1 FROM record_hold WHERE record_id = $1 AND ended_at IS NULL", record_id))


async def hold(record_id: int, reason: str, now: datetime) -> bool:
    """Open a hold; False where one is open already."""
    made = await sql.rows(
        "INSERT INTO record_hold (record_id, reason, set_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (record_id) WHERE ended_at IS NULL DO NOTHING RETURNING id",
        record_id,
        reason,
        now,
    )
    return bool(made)


async def release(record_id: int, now: datetime) -> bool:
    """End the open hold of a record; False where none is open."""
    query = "UPDATE record_hold SET ended_at = $2 WHERE record_id = $1 AND ended_at IS NULL RETURNING id"
    return bool(await sql.rows(query, record_id, now))


async def holds(record_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return the open holds (reason, set_at) of some records, by record."""
    rows = await sql.rows(
        "SELECT record_id, reason, set_at FROM record_hold"
        f" WHERE ended_at IS NULL AND record_id IN ({sql.ids(record_ids)})"
    )
    return {int(row["record_id"]): {"reason": row["reason"], "set_at": sql.as_time(row["set_at"])} for row in rows}


async def destroy(record_id: int) -> None:
    """Destroy the keys and content of a record: statements, files, hashes, what its ledger entries commit to.

    The hashes of its owner and of who is named in it stay, so that neither comes to see what is left of it.
    """
    for statement in _ERASE:
        values = (record_id, b"") if "$2" in statement else (record_id,)
        await sql.execute(statement, *values)


async def old_texts(table: str, moment: str, after_id: int, before: datetime, limit: int) -> list[int]:
    """Return the next rows of a table after an id whose `moment` lies before one; rows stand in the order of time."""
    rows = await sql.rows(
        f"SELECT id, {moment} < $2 AS old FROM {table} WHERE id > $1 ORDER BY id LIMIT $3", after_id, before, limit
    )
    found = []
    for row in rows:
        if not row["old"]:
            break
        found.append(int(row["id"]))
    return found


async def destroy_texts(table: str, ids: Sequence[int]) -> int:
    """Destroy the texts of some messages that came in or went out; return how many had one."""
    more = ", carried = NULL" if table == "inbound" else ""
    return await sql.execute(f"UPDATE {table} SET body = NULL{more} WHERE body IS NOT NULL AND id IN ({sql.ids(ids)})")
