"""Reading the ledger as a whole, in slices, and keeping its checkpoints."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from core.ledger_leaf import Entry
from core.ledger_proof import Head, Row
from models import sql
from models.ledger_append import HEAD_ID

SLICE = 1000
BROKEN_STAMP = "ledger_broken"


async def head() -> Head | None:
    """Return the head of the book; None where nothing was ever written."""
    row = await sql.row(f"SELECT log_id, size, frontier, root FROM ledger_head WHERE id = {HEAD_ID}")
    return None if row is None else Head(str(row["log_id"]), int(row["size"]), bytes(row["frontier"]), str(row["root"]))


async def rows(since: int = 0) -> AsyncIterator[Row]:
    """Give every entry from a sequence on, in order, a slice at a time."""
    while True:
        found = await sql.rows(
            "SELECT e.seq, e.at, e.event, e.record_id, e.actor, e.commitment, e.leaf, d.salt, d.detail"
            " FROM ledger_entry e LEFT JOIN ledger_detail d ON d.seq = e.seq"
            f" WHERE e.seq >= $1 ORDER BY e.seq LIMIT {SLICE}",
            since,
        )
        for row in found:
            yield _row(row)
        if len(found) < SLICE:
            return
        since = found[-1]["seq"] + 1


def _row(row: dict[str, Any]) -> Row:
    at = sql.as_time(row["at"])
    assert at is not None
    salt = None if row["salt"] is None else bytes(row["salt"])
    entry = Entry(int(row["seq"]), at, row["event"], row["actor"], row["commitment"])
    return Row(entry, row["leaf"], row["record_id"], salt, row["detail"])


async def notes() -> list[str]:
    """Return every signed checkpoint, the oldest first: one a day or a hundred entries."""
    return [str(row["note"]) for row in await sql.rows("SELECT note FROM ledger_checkpoint ORDER BY size")]


async def last_checkpoint() -> dict[str, Any] | None:
    """Return (size, frontier, note, made_at) of the newest checkpoint."""
    row = await sql.row("SELECT size, frontier, note, made_at FROM ledger_checkpoint ORDER BY size DESC LIMIT 1")
    return None if row is None else {**row, "frontier": bytes(row["frontier"]), "made_at": sql.as_time(row["made_at"])}


async def keep_checkpoint(size: int, frontier: bytes, note: str, made_at: datetime) -> bool:
    """Keep a signed checkpoint; False where one of that size is there already."""
    kept = await sql.rows(
        "INSERT INTO ledger_checkpoint (size, frontier, note, made_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (size) DO NOTHING RETURNING size",
        size,
        frontier,
        note,
        made_at,
    )
    return bool(kept)


async def stamp(name: str) -> str | None:
    """Return a value about this installation."""
    found: str | None = await sql.value("SELECT value FROM service_stamp WHERE name = $1", name)
    return found


async def keep_stamp(name: str, value: str) -> str:
    """Keep a value unless there is one already; return the one that stands."""
    await sql.execute(
        "INSERT INTO service_stamp (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", name, value
    )
    found = await stamp(name)
    assert found is not None
    return found


async def is_broken() -> bool:
    """Return whether the book was found altered when it was to be signed last."""
    return await stamp(BROKEN_STAMP) is not None


async def set_broken(*, broken: bool) -> None:
    """Keep whether the book was found altered."""
    if broken:
        await keep_stamp(BROKEN_STAMP, "1")
    else:
        await sql.execute("DELETE FROM service_stamp WHERE name = $1", BROKEN_STAMP)
