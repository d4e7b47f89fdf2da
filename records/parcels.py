"""Sealed parcels for another body: a small JSON file that only the holder of the receiver's private key opens.

The receiver makes a pair with `lianxin parcel key` and tells its public half, 43 characters of base64. The file holds
`format` (`lianxin parcel 1`), `to` (that public key), `key` and `content`, base64: a data key sealed to the receiver by
X25519 and HKDF-SHA256, and the content under it, AES-256-GCM, as `core.crypto.seal_to` makes them.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, Final

from core.crypto import Sealed, seal_to, unseal
from core.errors import KeyFileError

FORMAT: Final = "lianxin parcel 1"
KEY_BYTES: Final = 32


def key_text(key: bytes) -> str:
    """Return a raw key as it is told and typed: base64 for addresses, without padding."""
    return base64.urlsafe_b64encode(key).decode().rstrip("=")


def read_key(text: str) -> bytes:
    """Return the raw key that a text holds. Raises KeyFileError for anything else."""
    given = text.strip()
    try:
        key = base64.b64decode(given + "=" * (-len(given) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES or not any(key):
        raise KeyFileError("This is no key: 43 letters, digits, - and _ are expected.")
    return key


def is_public_key(text: str) -> bool:
    """Return whether a text may be a public key."""
    try:
        read_key(text)
    except KeyFileError:
        return False
    return True


def make_parcel(public_key: str, content: Mapping[str, Any]) -> str:
    """Return the file that holds a content sealed to a public key. Raises KeyFileError where it is none."""
    public = read_key(public_key)
    sealed = seal_to(public, json.dumps(content, ensure_ascii=False, sort_keys=True).encode())
    parts = {"key": base64.b64encode(sealed.key).decode(), "content": base64.b64encode(sealed.content).decode()}
    return json.dumps({"format": FORMAT, "to": key_text(public), **parts}, indent=1)


def open_parcel(private_key: bytes, file: str) -> dict[str, Any]:
    """Return what a parcel holds. Raises KeyFileError where the file is none, was altered, or is for another key."""
    try:
        parcel = json.loads(file)
        if parcel["format"] != FORMAT:
            raise KeyError(FORMAT)
        sealed = Sealed(base64.b64decode(parcel["key"]), base64.b64decode(parcel["content"]))
        opened: dict[str, Any] = json.loads(unseal(private_key, sealed))
    except (ValueError, KeyError, TypeError) as error:
        raise KeyFileError("This file is no parcel, or it was cut short.") from error
    return opened
