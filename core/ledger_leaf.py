"""What a leaf of the ledger is made of. Pure: the append and the verification share nothing else.

A leaf is the RFC 6962 leaf hash of canonical bytes: log id, sequence, time, event, actor pseudonym, commitment. The
commitment is SHA-256 of a salt and the canonical JSON of the detail, so that the detail can be destroyed while the
proof stays.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import orjson

from core.merkle import leaf_hash

VERSION: Final = "lianxin ledger 1"
SALT_BYTES: Final = 16


class Entry(NamedTuple):
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


def moment_text(at: datetime) -> str:
    """Return a time as a leaf holds it: UTC, microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def canonical_bytes(log_id: str, entry: Entry) -> bytes:
    """Return the bytes whose leaf hash goes into the tree: one JSON list."""
    return orjson.dumps([VERSION, log_id, entry.seq, moment_text(entry.at), entry.event, entry.actor, entry.commitment])


def leaf_of(log_id: str, entry: Entry) -> bytes:
    """Return the leaf hash of an entry."""
    return leaf_hash(canonical_bytes(log_id, entry))
