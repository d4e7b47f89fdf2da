"""Appending to the ledger: the last thing in a transaction, under the lock of the one head row.

What a leaf is made of stands in `core.ledger_leaf`.
"""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.ledger_leaf import SALT_BYTES, Entry, canonical_json, commitment_of, leaf_of
from core.merkle import Frontier
from models import sql

HEAD_ID = 1


async def append(record_id: int | None, event: str, actor: str, detail: Mapping[str, Any], at: datetime) -> int:
    """Append one entry and return its sequence, from 0. Call it last in the caller's transaction.

    `actor` is a pseudonym, `detail` holds clear facts only: states, ids of fields, commitments of sealed content.
    """
    log_id, tree = await _lock_head()
    salt, content = secrets.token_bytes(SALT_BYTES), canonical_json({**detail, "record": record_id})
    entry = Entry(tree.size, at, event, actor, commitment_of(salt, content))
    leaf = leaf_of(log_id, entry)
    await sql.execute(
        "INSERT INTO ledger_entry (seq, at, event, record_id, actor, commitment, leaf) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        entry.seq,
        at,
        event,
        record_id,
        actor,
        entry.commitment,
        leaf.hex(),
    )
    await sql.execute(
        "INSERT INTO ledger_detail (seq, salt, detail) VALUES ($1, $2, $3)", entry.seq, salt, content.decode()
    )
    await _move_head(tree.append(leaf))
    return entry.seq


async def _lock_head() -> tuple[str, Frontier]:
    lock = " FOR UPDATE" if sql.is_postgres() else ""
    query = f"SELECT log_id, size, frontier FROM ledger_head WHERE id = {HEAD_ID}{lock}"
    head = await sql.row(query)
    if head is None:
        await sql.execute(
            "INSERT INTO ledger_head (id, log_id, size, frontier, root) VALUES ($1, $2, 0, $3, $4) "
            "ON CONFLICT (id) DO NOTHING",
            HEAD_ID,
            secrets.token_hex(16),
            b"",
            Frontier().root().hex(),
        )
        head = await sql.row(query)
    assert head is not None
    return str(head["log_id"]), Frontier.from_bytes(int(head["size"]), bytes(head["frontier"]))


async def _move_head(tree: Frontier) -> None:
    await sql.execute(
        "UPDATE ledger_head SET size = $1, frontier = $2, root = $3 WHERE id = $4",
        tree.size,
        tree.to_bytes(),
        tree.root().hex(),
        HEAD_ID,
    )


async def history(record_id: int) -> list[dict[str, Any]]:
    """Return (seq, at, event, detail) of a record's entries in order; `detail` is None once it was destroyed."""
    found = await sql.rows(
        "SELECT e.seq, e.at, e.event, d.detail FROM ledger_entry e LEFT JOIN ledger_detail d ON d.seq = e.seq "
        "WHERE e.record_id = $1 ORDER BY e.seq",
        record_id,
    )
    return [{**row, "at": _moment(row["at"]), "detail": json.loads(row["detail"] or "null")} for row in found]


async def count_since(record_id: int, event: str, since: datetime) -> int:
    """Return how many entries of an event a record has after a moment."""
    query = "SELECT COUNT(*) AS n FROM ledger_entry WHERE record_id = $1 AND event = $2 AND at > $3"
    return int(await sql.value(query, record_id, event, since))


def _moment(stored: Any) -> datetime:
    moment = sql.as_time(stored)
    assert moment is not None
    return moment
