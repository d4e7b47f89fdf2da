"""Appending to the ledger: the last thing in a transaction, under the lock of the one head row.

A leaf is the RFC 6962 leaf hash of canonical bytes: log id, sequence, time, event, actor pseudonym, commitment. The
commitment is SHA-256 of a salt and the canonical JSON of the detail, so that the detail can be destroyed while the
proof stays.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.merkle import Frontier, leaf_hash
from models import sql

HEAD_ID = 1
SALT_BYTES = 16
VERSION = "lianxin ledger 1"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a leaf is made of, as it stands in a row."""

    seq: int
    at: datetime
    event: str
    actor: str
    commitment: str


def canonical_json(detail: Mapping[str, Any]) -> bytes:
    """Return the one way to write a detail: sorted keys, no blanks, UTF-8."""
    return json.dumps(detail, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def commitment_of(salt: bytes, content: bytes) -> str:
    """Return the salted commitment of a content, 64 hex digits."""
    return hashlib.sha256(salt + content).hexdigest()


def canonical_bytes(log_id: str, entry: Entry) -> bytes:
    """Return the bytes whose leaf hash goes into the tree: one JSON list."""
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    parts = [VERSION, log_id, entry.seq, at, entry.event, entry.actor, entry.commitment]
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()


def recompute(log_id: str, entries: Iterable[Entry]) -> Frontier:
    """Return the tree that entries in the order of their sequence make up."""
    tree = Frontier()
    for entry in entries:
        tree = tree.append(leaf_hash(canonical_bytes(log_id, entry)))
    return tree


async def append(record_id: int | None, event: str, actor: str, detail: Mapping[str, Any], at: datetime) -> int:
    """Append one entry and return its sequence, from 0. Call it last in the caller's transaction.

    `actor` is a pseudonym, `detail` holds clear facts only: states, ids of fields, commitments of sealed content.
    """
    log_id, tree = await _lock_head()
    salt, content = secrets.token_bytes(SALT_BYTES), canonical_json({**detail, "record": record_id})
    entry = Entry(tree.size, at, event, actor, commitment_of(salt, content))
    leaf = leaf_hash(canonical_bytes(log_id, entry))
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


async def entries() -> list[Entry]:
    """Return every entry in order. For small books and tests."""
    found = await sql.rows("SELECT seq, at, event, actor, commitment FROM ledger_entry ORDER BY seq")
    return [Entry(row["seq"], _moment(row["at"]), row["event"], row["actor"], row["commitment"]) for row in found]


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
