"""Appending to the ledger: the last thing in a transaction, by one statement that compares and moves the one head row.

What a leaf is made of stands in `core.ledger_leaf`.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.exceptions import IntegrityError

from core.ledger_leaf import SALT_BYTES, Entry, canonical_json, commitment_of, leaf_of
from core.merkle import Frontier
from models import sql

HEAD_ID = 1


@dataclass(frozen=True, slots=True)
class _Head:
    """The end of a book, as this process saw it last."""

    log_id: str
    tree: Frontier
    root: str


_last: _Head | None = None
"""Saves reading the head; it may be out of date, or of a transaction that was undone: the statement compares it."""

_VALUES = "seq, at, event, record_id, actor, commitment, leaf"
_APPEND_SQLITE = (
    f"INSERT INTO ledger_append ({_VALUES}, salt, detail, frontier, root, log_id, root_before) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
)
_APPEND_POSTGRES = (
    "WITH head AS (UPDATE ledger_head SET size = $1::bigint + 1, frontier = $10, root = $11 "
    f"WHERE id = {HEAD_ID} AND log_id = $12 AND size = $1::bigint AND root = $13 RETURNING id), "
    f"entry AS (INSERT INTO ledger_entry ({_VALUES}) "
    "SELECT $1::bigint, $2::timestamptz, $3::text, $4::bigint, $5::text, $6::text, $7::text FROM head) "
    "INSERT INTO ledger_detail (seq, salt, detail) SELECT $1::bigint, $8::bytea, $9::text FROM head RETURNING seq"
)


async def append(record_id: int | None, event: str, actor: str, detail: Mapping[str, Any], at: datetime) -> int:
    """Append one entry and return its sequence, from 0. Call it last in the caller's transaction.

    `actor` is a pseudonym, `detail` holds clear facts only: states, ids of fields, commitments of sealed content.
    """
    global _last
    salt, content = secrets.token_bytes(SALT_BYTES), canonical_json({**detail, "record": record_id})
    commitment = commitment_of(salt, content)
    for head in (_last, None):  # what was remembered may be wrong; what is locked is not
        before = head or await _lock_head()
        entry = Entry(before.tree.size, at, event, actor, commitment)
        leaf = leaf_of(before.log_id, entry)
        tree = before.tree.append(leaf)
        after = _Head(before.log_id, tree, tree.root().hex())
        if await _appended(before, after, entry, record_id, leaf.hex(), salt, content.decode()):
            _last = after
            return entry.seq
    raise RuntimeError("the locked head of the ledger has moved")


async def _appended(
    head: _Head, after: _Head, entry: Entry, record_id: int | None, leaf: str, salt: bytes, content: str
) -> bool:
    """Write an entry, unless the book ends otherwise than this process thought."""
    row = (entry.seq, entry.at, entry.event, record_id, entry.actor, entry.commitment, leaf, salt, content)
    ends = (after.tree.to_bytes(), after.root, head.log_id, head.root)
    if sql.is_postgres():
        return bool(await sql.rows(_APPEND_POSTGRES, *row, *ends))
    try:
        await sql.execute(_APPEND_SQLITE, *row, *ends)
    except IntegrityError as error:
        if "the head has moved" not in str(error):
            raise
        return False
    return True


async def _lock_head() -> _Head:
    """Return the end of the book from its row, which stays locked; a new book begins here."""
    lock = " FOR UPDATE" if sql.is_postgres() else ""
    query = f"SELECT log_id, size, frontier, root FROM ledger_head WHERE id = {HEAD_ID}{lock}"
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
    return _Head(
        str(head["log_id"]), Frontier.from_bytes(int(head["size"]), bytes(head["frontier"])), str(head["root"])
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
