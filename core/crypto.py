"""Keys and ciphers: the service key, keyed hashes, the sealing of records to a group.

* `ServiceKey` protects what the service must read again: addresses, tokens, names, texts in flight (AES-256-GCM).
* `keyed_hash` makes a value findable without storing it (HMAC-SHA256, one sub-key per purpose).
* `seal_to` encrypts to the X25519 public key of a group, so that the service can write what it cannot read.
* `wrap` protects a private key by a secret that only its owner brings along: his password, the cookie of his browser.

Nothing here logs or prints; errors never hold plain text.
"""

import base64
import hashlib
import hmac
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import KeyFileError

KEY_BYTES = 32
NONCE_BYTES = 12
SEAL_VERSION = b"\x01"
_NOT_OPENED = "Something sealed cannot be opened: it was altered or belongs to another group."
_SEALED_KEY_BYTES = 1 + KEY_BYTES + NONCE_BYTES + KEY_BYTES + 16


def _derive(secret: bytes, purpose: str) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, None, b"lianxin " + purpose.encode()).derive(secret)


class ServiceKey:
    """The key of the service: the newest key encrypts, every listed one decrypts; the oldest makes the keyed hashes.

    The hash key stays with the oldest line, because hashes in rows cannot be recomputed without the plain value.
    """

    def __init__(self, keys: list[bytes]) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise KeyFileError(
                "The key file holds no usable key. Restore it, or make a new one with `lianxin keys new`."
            )
        self._ciphers = {hashlib.sha256(key).digest()[:4]: AESGCM(_derive(key, "rows")) for key in keys}
        self._newest = hashlib.sha256(keys[0]).digest()[:4]
        self._hash_secret = _derive(keys[-1], "hashes")

    def encrypt(self, plain: str | bytes) -> bytes:
        """Return key id, nonce and ciphertext of a text or bytes."""
        data = plain.encode() if isinstance(plain, str) else plain
        nonce = os.urandom(NONCE_BYTES)
        return self._newest + nonce + self._ciphers[self._newest].encrypt(nonce, data, None)

    def decrypt_bytes(self, blob: bytes) -> bytes:
        """Return what `encrypt` was given; raise KeyFileError when no listed key fits."""
        cipher = self._ciphers.get(bytes(blob[:4]))
        if cipher is None:
            raise KeyFileError("A row was written with a key that the key file does not hold. Add the older key to it.")
        try:
            return cipher.decrypt(blob[4 : 4 + NONCE_BYTES], blob[4 + NONCE_BYTES :], None)
        except InvalidTag as error:
            raise KeyFileError(
                "A row cannot be decrypted: it was altered or the key file is not the right one."
            ) from error

    def decrypt(self, blob: bytes) -> str:
        """Return the text that `encrypt` was given."""
        return self.decrypt_bytes(blob).decode()

    def keyed_hash(self, purpose: str, value: str) -> str:
        """Return 64 hex digits by which a value is found again; equal values of one purpose give equal hashes."""
        return hmac.new(self._hash_secret, f"{purpose}\0{value}".encode(), hashlib.sha256).hexdigest()

    def secret_for(self, purpose: str) -> bytes:
        """Return 32 bytes that belong to one purpose, for signing forms and cookies."""
        return hmac.new(self._hash_secret, f"secret\0{purpose}".encode(), hashlib.sha256).digest()


def new_key_line() -> str:
    """Return a fresh key as a line for the key file."""
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()


def create_key_file(path: Path) -> None:
    """Write a new key file that only its owner can read; raise KeyFileError when one is there already."""
    head = "# Lianxin service key. Newest first; keep old lines while rows need them. Back it up apart from the data\n"
    write_for_owner(path, head + new_key_line() + "\n")


def write_for_owner(path: Path, text: str) -> None:
    """Write a file that only its owner can read; raise KeyFileError when there is one already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyFileError(f"{path} exists already; a key file is never overwritten.") from None
    with os.fdopen(handle, "w") as file:
        file.write(text)


def load_key_file(path: Path) -> ServiceKey:
    """Read the key file: one base64 key a line, newest first.

    Raise KeyFileError when it is missing, wrong or readable by others.
    """
    try:
        mode = path.stat().st_mode
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        raise KeyFileError(
            f"The key file {path} is missing. Restore it from its backup; without it no row can be read."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileError(f"The key file {path} cannot be read ({type(error).__name__}).") from None
    if stat.S_IMODE(mode) & 0o077:
        raise KeyFileError(f"The key file {path} can be read by others. Run: chmod 600 {path}")
    try:
        keys = [base64.b64decode(line, validate=True) for line in lines if line.strip() and not line.startswith("#")]
    except ValueError:
        raise KeyFileError(f"The key file {path} holds a line that is no key. Restore it from its backup.") from None
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise KeyFileError(f"The key file {path} holds no usable key. Restore it from its backup.")
    return ServiceKey(keys)


@dataclass(frozen=True)
class Sealed:
    """A content under a data key of its own, and that key sealed to a group. Dropping `key` destroys the content."""

    key: bytes
    content: bytes

    def joined(self) -> bytes:
        """Return both in one, for a column that holds the whole."""
        return self.key + self.content

    @classmethod
    def of(cls, joined: bytes) -> "Sealed":
        """Return what `joined` gave."""
        return cls(bytes(joined[:_SEALED_KEY_BYTES]), bytes(joined[_SEALED_KEY_BYTES:]))


def new_pair() -> tuple[bytes, bytes]:
    """Return (public, private) raw bytes of a new X25519 pair, of a group or an account."""
    private = X25519PrivateKey.generate()
    return private.public_key().public_bytes_raw(), private.private_bytes_raw()


def seal_to(public: bytes, plain: bytes) -> Sealed:
    """Encrypt for the holders of a group's private key only; the writer cannot read it again."""
    data_key, key = new_sealed_key(public)
    nonce = os.urandom(NONCE_BYTES)
    return Sealed(key, SEAL_VERSION + nonce + AESGCM(data_key).encrypt(nonce, plain, None))


def new_sealed_key(public: bytes) -> tuple[bytes, bytes]:
    """Return a new data key, and the same sealed to a group."""
    data_key, once = os.urandom(KEY_BYTES), X25519PrivateKey.generate()
    once_public = once.public_key().public_bytes_raw()
    wrap = _wrapping_key(once.exchange(X25519PublicKey.from_public_bytes(public)), once_public, public)
    nonce = os.urandom(NONCE_BYTES)
    return data_key, SEAL_VERSION + once_public + nonce + AESGCM(wrap).encrypt(nonce, data_key, None)


def unseal(private: bytes, sealed: Sealed) -> bytes:
    """Return what was sealed; raise KeyFileError when the key does not fit or something was altered."""
    return open_part(open_sealed_key(private, sealed.key), sealed.content, None)


def open_sealed_key(private: bytes, key: bytes) -> bytes:
    """Return the data key that was sealed to a group; raise KeyFileError when the private key does not fit."""
    mine = X25519PrivateKey.from_private_bytes(private)
    once_public, rest = bytes(key[1:33]), bytes(key[33:])
    shared = mine.exchange(X25519PublicKey.from_public_bytes(once_public))
    wrap = _wrapping_key(shared, once_public, mine.public_key().public_bytes_raw())
    try:
        return AESGCM(wrap).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], None)
    except InvalidTag as error:
        raise KeyFileError(_NOT_OPENED) from error


def seal_part(data_key: bytes, plain: bytes, place: bytes) -> bytes:
    """Encrypt a part of something larger under its data key; it opens only at the same place."""
    nonce = os.urandom(NONCE_BYTES)
    return SEAL_VERSION + nonce + AESGCM(data_key).encrypt(nonce, plain, place)


def open_part(data_key: bytes, part: bytes, place: bytes | None) -> bytes:
    """Return a part that was sealed for this place; raise KeyFileError where it was altered or stands elsewhere."""
    body = bytes(part[1:])
    try:
        return AESGCM(data_key).decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], place)
    except InvalidTag as error:
        raise KeyFileError(_NOT_OPENED) from error


def _wrapping_key(shared: bytes, once_public: bytes, public: bytes) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, once_public + public, b"lianxin seal 1").derive(shared)


def public_of(private: bytes) -> bytes:
    """Return the public key that belongs to a private one."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def wrap(secret: bytes, purpose: str, plain: bytes) -> bytes:
    """Return nonce and ciphertext of a few bytes under a key of this purpose, derived from a secret of 32 bytes."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(_derive(secret, purpose)).encrypt(nonce, plain, None)


def unwrap(secret: bytes, purpose: str, blob: bytes) -> bytes | None:
    """Return what was wrapped; None where the secret is another one or something was altered."""
    try:
        return AESGCM(_derive(secret, purpose)).decrypt(bytes(blob[:NONCE_BYTES]), bytes(blob[NONCE_BYTES:]), None)
    except InvalidTag:
        return None
