"""Proofs that one entry stands in the book under a checkpoint, without the rest of the book.

The path is that of RFC 6962, section 2.1.1, the file that of C2SP (c2sp.org/tlog-proof); its `extra` line carries the
entry itself, so that the one file and the public key are all that a verifier needs.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from core.checkpoint import Checkpoint
from core.ledger_leaf import Entry, commitment_of, leaf_of, moment_text
from core.ledger_proof import ORIGIN, Broken, Row
from core.merkle import HASH_BYTES, Frontier, node_hash
from core.signed_note import BadNote, Verifier, split

FORMAT: Final = "c2sp.org/tlog-proof@v1"
FIELDS: Final = ("at", "event", "actor", "commitment", "salt", "detail")


class NoProof(Exception):
    """A file is no proof of an entry, or is written in another way than a proof is."""


@dataclass(frozen=True, slots=True)
class Inclusion:
    """One entry, the path from it to the root, and the signed checkpoint that has this root. Without a salt and a
    detail it says when something happened, not what."""

    entry: Entry
    path: tuple[bytes, ...]
    note: str
    salt: bytes | None = None
    detail: str | None = None

    def __str__(self) -> str:
        """Return the file."""
        extra = base64.b64encode(_extra(self).encode()).decode()
        hashes = "".join(f"{base64.b64encode(each).decode()}\n" for each in self.path)
        return f"{FORMAT}\nextra {extra}\nindex {self.entry.seq}\n{hashes}\n{self.note}"

    def verify(self, verifier: Verifier) -> Checkpoint:
        """Return the checkpoint under which the entry stands. Raises Broken where it does not."""
        try:
            checkpoint = Checkpoint.open(self.note, verifier)
        except BadNote as error:
            raise Broken(f"the checkpoint of the proof: {error}") from None
        seq = self.entry.seq
        if self.salt is not None and self.detail is not None:
            if commitment_of(self.salt, self.detail.encode()) != self.entry.commitment:
                raise Broken("its detail was altered", seq)
        elif (self.salt, self.detail) != (None, None):
            raise Broken("half of its detail is missing", seq)
        log_id = checkpoint.origin.removeprefix(ORIGIN.format(log_id=""))
        if not 0 <= seq < checkpoint.size or root_of(leaf_of(log_id, self.entry), seq, checkpoint.size, self.path) != (
            checkpoint.root
        ):
            raise Broken("it does not stand under this checkpoint: it or the path was altered", seq)
        return checkpoint


def path_of(leaves: Iterable[bytes], index: int, size: int) -> tuple[bytes, ...]:
    """Return the path of a leaf, nearest sibling first, from the first `size` leaf hashes in order.

    They are read once and one is kept at a time. Raises ValueError where there are fewer, or the index is none of them.
    """
    if not 0 <= index < size:
        raise ValueError("no such entry in a tree of that size")
    siblings = _siblings(index, size)
    trees = dict.fromkeys(siblings, Frontier())
    in_order = iter(sorted(siblings))
    current = next(in_order, None)
    seen = 0
    for seen, leaf in enumerate(leaves, start=1):
        at = seen - 1
        if current is not None and at >= current[1]:
            current = next(in_order, None)
        if current is not None and at >= current[0]:
            trees[current] = trees[current].append(leaf)
        if seen == size:
            break
    if seen < size:
        raise ValueError("there are fewer entries than the tree counts")
    return tuple(trees[each].root() for each in siblings)


def _siblings(index: int, size: int) -> list[tuple[int, int]]:
    """Return the ranges [first, end) of leaves under each sibling on the way up, the nearest first."""
    found, first, end = [], 0, size
    while end - first > 1:
        middle = first + (1 << ((end - first - 1).bit_length() - 1))
        if index < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((first, middle))
            first = middle
    return found[::-1]


def root_of(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root to which a path leads (RFC 9162, section 2.1.3.2), None where it has another length."""
    node, last, root = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if node & 1 or node == last:
            root = node_hash(sibling, root)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        node, last = node >> 1, last >> 1
    return root if last == 0 else None


def inclusion_of(row: Row, path: tuple[bytes, ...], note: str, *, details: bool) -> Inclusion:
    """Make the proof of an entry, with what it commits to or without."""
    return Inclusion(row.entry, path, note, *((row.salt, row.detail) if details else (None, None)))


def read_inclusion(text: str) -> Inclusion:
    """Read a proof, in the one way it is written. Raises NoProof."""
    try:
        head, note = text.split("\n\n", 1)
        form, extra, index, *hashes = head.split("\n")
        value = json.loads(base64.b64decode(extra.removeprefix("extra "), validate=True))
        proof = _made(value, int(index.removeprefix("index ")), tuple(_hash(each) for each in hashes), note)
        split(note)
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error, BadNote) as error:
        raise NoProof from error
    if form != FORMAT or str(proof) != text:
        raise NoProof
    return proof


def _extra(proof: Inclusion) -> str:
    entry = proof.entry
    salt = None if proof.salt is None else base64.b64encode(proof.salt).decode()
    values = (moment_text(entry.at), entry.event, entry.actor, entry.commitment, salt, proof.detail)
    return json.dumps(dict(zip(FIELDS, values, strict=True)), ensure_ascii=False, separators=(",", ":"))


def _made(value: dict[str, Any], seq: int, path: tuple[bytes, ...], note: str) -> Inclusion:
    if tuple(value) != FIELDS:
        raise ValueError
    entry = Entry(seq, datetime.fromisoformat(value["at"]), value["event"], value["actor"], value["commitment"])
    salt = None if value["salt"] is None else base64.b64decode(value["salt"], validate=True)
    return Inclusion(entry, path, note, salt, value["detail"])


def _hash(text: str) -> bytes:
    raw = base64.b64decode(text, validate=True)
    if len(raw) != HASH_BYTES:
        raise ValueError
    return raw
