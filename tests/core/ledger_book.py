"""A small book in memory, and what somebody who wants to alter it can do."""

from datetime import UTC, datetime, timedelta

from core.checkpoint import Checkpoint
from core.ledger_export import checkpoint_line, entry_line, head_line
from core.ledger_leaf import Entry, canonical_json, commitment_of, leaf_of
from core.ledger_proof import Head, Row, origin_of
from core.merkle import Frontier
from core.signed_note import Signer

LOG_ID = "5eed" * 8
SIGNER = Signer(origin_of(LOG_ID), bytes(range(32)))
START = datetime(2026, 9, 14, tzinfo=UTC)


def make_row(seq: int, event: str = "filed") -> Row:
    """Make an entry with its detail."""
    salt, record = seq.to_bytes(16), seq % 7
    detail = canonical_json({"record": record, "state": "received"})
    entry = Entry(seq, START + timedelta(seconds=seq), event, f"actor{seq % 3}", commitment_of(salt, detail))
    return Row(entry, leaf_of(LOG_ID, entry).hex(), record, salt, detail.decode())


def make_book(size: int) -> list[Row]:
    return [make_row(seq) for seq in range(size)]


def tree_of(rows: list[Row]) -> Frontier:
    tree = Frontier()
    for row in rows:
        tree = tree.append(leaf_of(LOG_ID, row.entry))
    return tree


def head_of(rows: list[Row]) -> Head:
    tree = tree_of(rows)
    return Head(LOG_ID, tree.size, tree.to_bytes(), tree.root().hex())


def checkpoint_of(rows: list[Row]) -> Checkpoint:
    return Checkpoint(origin_of(LOG_ID), len(rows), tree_of(rows).root())


def rehashed(row: Row, **changes: object) -> Row:
    """Change an entry as somebody does who knows how leaves are made."""
    entry = row.entry._replace(**changes)  # type: ignore[arg-type]
    return row._replace(entry=entry, leaf=leaf_of(LOG_ID, entry).hex())


def exported(rows: list[Row], *, details: bool = True) -> str:
    lines = [head_line(head_of(rows)), *(entry_line(row, details=details) for row in rows)]
    return "".join([*lines, checkpoint_line(checkpoint_of(rows).signed(SIGNER))])
