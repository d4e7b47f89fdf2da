"""Whether a ledger is what it was: every leaf computed again, the tree built again, compared with signed checkpoints.

Pure. Rows come one after the other, in the order in which the book gives them; the first bad place ends it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

import orjson

from core.checkpoint import Checkpoint
from core.errors import LianxinError
from core.ledger_leaf import Entry, commitment_of, leaf_of
from core.merkle import Frontier

ORIGIN: Final = "lianxin/{log_id}"


class Broken(LianxinError):
    """The book was altered. `seq` is the first bad entry as far as it can be told, None where it is not an entry."""

    def __init__(self, why: str, seq: int | None = None) -> None:
        super().__init__(why if seq is None else f"entry {seq}: {why}")
        self.why, self.seq = why, seq


class Row(NamedTuple):
    """An entry as a database or an export holds it. Salt and detail are None where they were destroyed or left out."""

    entry: Entry
    leaf: str
    record_id: int | None
    salt: bytes | None
    detail: str | None


@dataclass(frozen=True, slots=True)
class Head:
    """What the book says of itself: its id, how many entries, the tree over them."""

    log_id: str
    size: int
    frontier: bytes
    root: str


@dataclass(frozen=True, slots=True)
class Sound:
    """What was shown: so many entries, the first `signed` of them under a checkpoint, so many without their detail."""

    entries: int
    signed: int
    without_detail: int


def origin_of(log_id: str) -> str:
    """Return the name under which a book signs."""
    return ORIGIN.format(log_id=log_id)


class Verification:
    """One run over a book. `take` each row, then `finish`; both raise Broken at the first bad place."""

    def __init__(self, log_id: str, checkpoints: Iterable[Checkpoint]) -> None:
        self._log_id = log_id
        self._tree = Frontier()
        self._signed = 0
        self._without_detail = 0
        self._roots: dict[int, bytes] = {}
        for each in checkpoints:
            self._expect(each)
        self._compare()

    def _expect(self, checkpoint: Checkpoint) -> None:
        if checkpoint.origin != origin_of(self._log_id):
            raise Broken(f"the checkpoint of {checkpoint.size} entries belongs to another book")
        if self._roots.setdefault(checkpoint.size, checkpoint.root) != checkpoint.root:
            raise Broken(f"two checkpoints of {checkpoint.size} entries differ: there are two histories")

    def take(self, row: Row) -> None:
        """Check the next row. Raises Broken."""
        seq, expected = row.entry.seq, self._tree.size
        if seq != expected:
            raise Broken(f"it is missing, entry {seq} stands in its place", expected)
        leaf = leaf_of(self._log_id, row.entry)
        if leaf.hex() != row.leaf:
            raise Broken("it was altered: its hash is another", seq)
        self._check_detail(row)
        self._tree = self._tree.append(leaf)
        self._compare()

    def _check_detail(self, row: Row) -> None:
        if row.salt is None and row.detail is None:
            self._without_detail += 1
            return
        if row.salt is None or row.detail is None:
            raise Broken("half of its detail is missing", row.entry.seq)
        if commitment_of(row.salt, row.detail.encode()) != row.entry.commitment:
            raise Broken("its detail was altered", row.entry.seq)
        if orjson.loads(row.detail).get("record") != row.record_id:
            raise Broken("it was moved to another record", row.entry.seq)

    def _compare(self) -> None:
        size = self._tree.size
        if size not in self._roots:
            return
        if self._tree.root() != self._roots[size]:
            raise Broken(
                f"the checkpoint of {size} entries says otherwise: something in entries {self._signed} to {size - 1} "
                "was altered, with its hashes",
                self._signed,
            )
        self._signed = size

    def finish(self, head: Head) -> Sound:
        """Compare the end of the book with its head and with checkpoints beyond it. Raises Broken."""
        size = self._tree.size
        beyond = max(self._roots, default=0)
        if beyond > size:
            raise Broken(f"the book ends here, and a checkpoint was signed over {beyond} entries", size)
        if head.size != size:
            raise Broken(f"the head counts {head.size} entries, the book has {size}", min(head.size, size))
        if head.root != self._tree.root().hex() or head.frontier != self._tree.to_bytes():
            raise Broken("the head of the book holds another tree than its entries make")
        return Sound(size, self._signed, self._without_detail)
