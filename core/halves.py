"""A secret of 32 bytes in two halves on paper: either one alone tells nothing, both together are the secret.

The first half is random, the second is its XOR with the secret. Each is printed as 64 letters and digits (base32, in
groups of four) that name which half it is, of which secret, and a checksum that finds a slip of the pen.
"""

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass
from typing import Final, Literal

from core.errors import LianxinError

SECRET_BYTES: Final = 32
_MARK_BYTES: Final = 4
_CHECK_BYTES: Final = 3
_LENGTH: Final = 1 + _MARK_BYTES + SECRET_BYTES + _CHECK_BYTES
_GROUP: Final = 4
Which = Literal["A", "B"]


class BadHalf(LianxinError):
    """What was typed is no half, or not the two halves of one secret; the message says what to look at."""


@dataclass(frozen=True, slots=True, repr=False)
class Half:
    """One half: which of the two, the mark of the secret that it belongs to, its 32 bytes."""

    which: Which
    mark: bytes
    content: bytes

    def printed(self) -> str:
        """Return the half as it is printed: sixteen groups of four."""
        body = self.which.encode() + self.mark + self.content
        text = base64.b32encode(body + _check_of(body)).decode()
        return " ".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))


def split(secret: bytes, mark_of: bytes) -> tuple[Half, Half]:
    """Return the two halves of a secret; `mark_of` is something public by which they are known to belong together."""
    first, mark = os.urandom(SECRET_BYTES), _mark(mark_of)
    return Half("A", mark, first), Half("B", mark, _xor(first, secret))


def read_half(typed: str) -> Half:
    """Return the half that somebody typed; blanks, hyphens and case do not matter. Raises BadHalf."""
    text = "".join(typed.split()).replace("-", "").upper().replace("0", "O").replace("1", "I").replace("8", "B")
    try:
        raw = base64.b32decode(text)
    except binascii.Error:
        raise BadHalf("This is no half of a recovery key: it has 16 groups of 4 letters and digits 2 to 7.") from None
    body, check = raw[:-_CHECK_BYTES], raw[-_CHECK_BYTES:]
    if len(raw) != _LENGTH or body[:1] not in (b"A", b"B"):
        raise BadHalf("This is no half of a recovery key: it has 16 groups of 4 and begins with I.")
    if check != _check_of(body):
        raise BadHalf("There is a slip in this half: its checksum does not fit. Compare it with the paper.")
    which: Which = "A" if body[:1] == b"A" else "B"
    return Half(which, body[1 : 1 + _MARK_BYTES], body[1 + _MARK_BYTES :])


def joined(one: Half, other: Half, mark_of: bytes) -> bytes:
    """Return the secret of two halves, in either order. Raises BadHalf where they are not the two of this one."""
    for half in (one, other):
        if half.mark != _mark(mark_of):
            raise BadHalf(f"The half {half.which} belongs to another recovery key than the one of this installation.")
    if one.which == other.which:
        raise BadHalf(f"Both are the half {one.which}. The other half is with the other person.")
    return _xor(one.content, other.content)


def _mark(of: bytes) -> bytes:
    return hashlib.sha256(b"lianxin halves" + of).digest()[:_MARK_BYTES]


def _check_of(body: bytes) -> bytes:
    return hashlib.sha256(b"lianxin half" + body).digest()[:_CHECK_BYTES]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
