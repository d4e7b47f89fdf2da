"""The Merkle tree of RFC 6962, kept as its frontier so that one leaf is appended in a handful of hashes.

`leaf_hash` and `node_hash` are those of section 2.1; a `Frontier` is the list of the roots of the perfect subtrees
that make up the tree, largest first.
"""

import hashlib
from dataclasses import dataclass

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Return SHA-256(0x00 || data), the hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 || left || right), the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True)
class Frontier:
    """A tree of `size` leaves, by the roots of its perfect subtrees, largest first."""

    size: int = 0
    roots: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> "Frontier":
        """Return the tree with one more leaf hash."""
        roots = [*self.roots, leaf]
        carry = self.size
        while carry & 1:
            right = roots.pop()
            roots[-1] = node_hash(roots[-1], right)
            carry >>= 1
        return Frontier(self.size + 1, tuple(roots))

    def root(self) -> bytes:
        """Return the root hash of the tree."""
        if not self.roots:
            return EMPTY_ROOT
        root = self.roots[-1]
        for left in reversed(self.roots[:-1]):
            root = node_hash(left, root)
        return root

    def to_bytes(self) -> bytes:
        """Return the roots one after the other."""
        return b"".join(self.roots)

    @staticmethod
    def from_bytes(size: int, data: bytes) -> "Frontier":
        """Return the frontier that `to_bytes` wrote; raise ValueError when it cannot be one of that size."""
        roots = tuple(data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES))
        if len(data) % HASH_BYTES or len(roots) != size.bit_count():
            raise ValueError("not a frontier of that size")
        return Frontier(size, roots)
