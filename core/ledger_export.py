"""A ledger as a file: one JSON value a line, each written in the one way that there is.

First the book's head, then its entries, then its signed checkpoints. Without details it holds nothing that says what
happened to whom: times, sorts of events, pseudonyms and hashes.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

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
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def read_head(line: str) -> Head:
    """Read the first line. Raises NoExport."""
    try:
        value = json.loads(line)
        head = Head(str(value["log_id"]), int(value["size"]), bytes.fromhex(value["frontier"]), str(value["root"]))
    except (ValueError, TypeError, KeyError) as error:
        raise NoExport from error
    if line != head_line(head):
        raise NoExport
    return head


def read_rest(lines: Iterable[str]) -> Iterator[Row | str]:
    """Give the entries as rows, then the notes of checkpoints as text. Raises Broken at a line that is neither."""
    for number, line in enumerate(lines, start=2):
        try:
            value = json.loads(line)
            if line != _line(value):
                raise ValueError
            yield str(value["checkpoint"]) if tuple(value) == ("checkpoint",) else _row(value)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise Broken(f"line {number} of the file is not written as an export writes it") from None


def _row(value: dict[str, Any]) -> Row:
    if tuple(value) != ENTRY:
        raise ValueError
    at = datetime.fromisoformat(value["at"])
    entry = Entry(value["seq"], at, value["event"], value["actor"], value["commitment"])
    salt = None if value["salt"] is None else base64.b64decode(value["salt"], validate=True)
    row = Row(entry, value["leaf"], value["record"], salt, value["detail"])
    if entry_line(row, details=True) != _line(value):
        raise ValueError
    return row
