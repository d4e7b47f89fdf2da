"""Checkpoints of a ledger in the form of C2SP (c2sp.org/tlog-checkpoint): origin, size, root, each on its line."""

import base64
import binascii
from dataclasses import dataclass

from core.merkle import HASH_BYTES
from core.signed_note import BadNote, Signer, Verifier, open_note


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What is signed: a log of that origin had that many entries, and the tree over them that root."""

    origin: str
    size: int
    root: bytes

    def signed(self, signer: Signer) -> str:
        """Return it as a signed note."""
        return signer.sign(f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n")

    @staticmethod
    def open(note: str, verifier: Verifier) -> "Checkpoint":
        """Read a signed checkpoint; lines after the third are passed over. Raises BadNote."""
        return Checkpoint.parse(open_note(note, verifier))

    @staticmethod
    def parse(text: str) -> "Checkpoint":
        """Read the text of a checkpoint. Raises BadNote."""
        lines = text.split("\n")
        try:
            origin, size, root = lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True)
        except (IndexError, ValueError, binascii.Error):
            raise BadNote("this is no checkpoint: origin, size and root are expected") from None
        if not origin or str(size) != lines[1] or size < 0 or len(root) != HASH_BYTES:
            raise BadNote("this is no checkpoint: origin, size and root are expected")
        return Checkpoint(origin, size, root)
