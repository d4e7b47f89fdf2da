"""A ledger as a file: one JSON value a line, each written in the one way that there is.

First the book's head, then its entries, then its signed checkpoints. Without details it holds nothing that says what
happened to whom: times, sorts of events, pseudonyms and hashes.
"""

import base64
from datetime import datetime
from typing import Any, Final

import orjson

from core.ledger_leaf import Entry, moment_text
from core.ledger_proof import Broken, Head, Row

FORMAT: Final = "lianxin ledger export 1"
HEAD: Final = ("format", "log_id", "size", "frontier", "root")
ENTRY: Final = ("seq", "at", "event", "record", "actor", "commitment", "leaf", "salt", "detail")


class NoExport(Exception):
    """A file is no export of a ledger at all."""


def head_line(head: Head) -> str:
    """Return the first line."""
    return _line(dict(zip(HEAD, (FORMAT, head.log_id, head.size, head.frontier.hex(), head.root), strict=True)))


def entry_line(row: Row, *, details: bool) -> str:
    """Return the line of an entry; without details also its record is left out."""
    entry = row.entry
    salt = base64.b64encode(row.salt).decode() if details and row.salt is not None else None
    given = (
        *(entry.seq, moment_text(entry.at), entry.event, row.record_id if details else None, entry.actor),
        *(entry.commitment, row.leaf, salt, row.detail if details else None),
    )
    return _line(dict(zip(ENTRY, given, strict=True)))


def checkpoint_line(note: str) -> str:
    """Return the line of a signed checkpoint."""
    return _line({"checkpoint": note})


def _line(value: dict[str, Any]) -> str:
    return orjson.dumps(value).decode() + "\n"


def read_head(line: str) -> Head:
    """Read the first line. Raises NoExport."""
    try:
        value = orjson.loads(line)
        head = Head(str(value["log_id"]), int(value["size"]), bytes.fromhex(value["frontier"]), str(value["root"]))
    except (ValueError, TypeError, KeyError) as error:
        raise NoExport from error
    if line != head_line(head):
        raise NoExport
    return head


def is_checkpoint(line: str) -> bool:
    """Return whether a line is one of a checkpoint, by its beginning alone."""
    return line.startswith('{"checkpoint":')


def read_checkpoint(line: str) -> str:
    """Return the note of a checkpoint's line. Raises Broken."""
    try:
        value = orjson.loads(line)
        if tuple(value) != ("checkpoint",) or line != _line(value):
            raise ValueError
        return str(value["checkpoint"])
    except (ValueError, TypeError):
        raise Broken("the line of a checkpoint is not written as an export writes it") from None


def read_entry(line: str, number: int) -> Row:
    """Return the row of an entry's line, the `number`th of the file. Raises Broken."""
    try:
        value = orjson.loads(line)
        if tuple(value) != ENTRY or orjson.dumps(value) + b"\n" != line.encode():
            raise ValueError
        seq, at, event, record, actor, commitment, leaf, salt, detail = value.values()
        moment, raw = datetime.fromisoformat(at), None if salt is None else base64.b64decode(salt, validate=True)
        if moment_text(moment) != at or (raw is not None and base64.b64encode(raw).decode() != salt):
            raise ValueError
        return Row(Entry(int(seq), moment, event, actor, commitment), leaf, record, raw, detail)
    except (ValueError, TypeError):
        raise Broken(f"line {number} of the file is not written as an export writes it") from None
