"""Signed notes in the form of C2SP (c2sp.org/signed-note), with Ed25519: a text, an empty line, signature lines.

A signature line is `— name base64(key hash || signature)`; the key hash is the first four bytes of SHA-256 over name,
line feed, 0x01 and the public key. A verifier key is written `name+key hash in hex+base64(0x01 || public key)`.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from core.errors import LianxinError

ED25519: Final = b"\x01"
HASH_BYTES: Final = 4
KEY_BYTES: Final = 32
DASH: Final = "\u2014 "


class BadNote(LianxinError):
    """A note or a verifier key is not written as it must be, or nobody we trust signed it. Its text says which."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A name and the public key that stands for it."""

    name: str
    public: bytes

    @property
    def key_hash(self) -> bytes:
        """The four bytes by which a signature line names its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:HASH_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_hash.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    @staticmethod
    def parse(text: str) -> "Verifier":
        """Read a verifier key. Raises BadNote."""
        parts = text.strip().split("+", 2)
        raw = _decoded(parts[2]) if len(parts) == 3 else b""
        if len(raw) != 1 + KEY_BYTES or raw[:1] != ED25519 or not _is_name(parts[0]):
            raise BadNote("this is no verifier key: it is written name+8 hex digits+base64")
        found = Verifier(parts[0], raw[1:])
        if parts[1] != found.key_hash.hex():
            raise BadNote("the verifier key does not fit its own check digits: it was copied wrongly")
        return found


class Signer:
    """A private key under a name."""

    def __init__(self, name: str, private: bytes) -> None:
        if not _is_name(name):
            raise BadNote("the name of a signer has neither blanks nor +")
        self._private = Ed25519PrivateKey.from_private_bytes(private)
        self.verifier = Verifier(name, self._private.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """Return the note of a text, which must end with a line feed."""
        if not text.endswith("\n"):
            raise ValueError("the text of a note ends with a line feed")
        signature = base64.b64encode(self.verifier.key_hash + self._private.sign(text.encode())).decode()
        return f"{text}\n{DASH}{self.verifier.name} {signature}\n"


def new_private() -> bytes:
    """Return a new private key, 32 bytes."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def open_note(note: str, verifier: Verifier) -> str:
    """Return the text of a note that the verifier's key signed. Lines of other signers are passed over.

    Raises BadNote where it is no note, where that key did not sign it, or where one of its signatures is wrong.
    """
    text, lines = split(note)
    is_signed = False
    for line in lines:
        name, raw = _signature(line)
        if name != verifier.name or raw[:HASH_BYTES] != verifier.key_hash:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(verifier.public).verify(raw[HASH_BYTES:], text.encode())
        except InvalidSignature:
            raise BadNote("its signature does not fit: the text was altered") from None
        is_signed = True
    if not is_signed:
        raise BadNote("the given key did not sign it")
    return text


def split(note: str) -> tuple[str, list[str]]:
    """Return text and signature lines of a note. Raises BadNote."""
    text, gap, signatures = note.rpartition("\n\n")
    lines = signatures.split("\n")
    if not gap or not text or lines[-1] or len(lines) < 2 or any(ord(each) < 0x20 and each != "\n" for each in note):
        raise BadNote("this is no signed note: a text, an empty line and signature lines are expected")
    return text + "\n", lines[:-1]


def _signature(line: str) -> tuple[str, bytes]:
    name, blank, encoded = line.removeprefix(DASH).partition(" ")
    raw = _decoded(encoded)
    if not line.startswith(DASH) or not blank or not _is_name(name) or len(raw) <= HASH_BYTES:
        raise BadNote("a signature line is not written as it must be")
    return name, raw


def _decoded(text: str) -> bytes:
    """Return what base64 stands for, nothing where it is not the one way to write it."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return raw if base64.b64encode(raw).decode() == text else b""


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(each.isspace() for each in name)
