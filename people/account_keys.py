"""The key pair of an account: its private half opens what is sealed to the account, and only its password opens that.

| where the private key lies | under |
|---|---|
| `account.private_key` | what argon2id makes of the password, with a salt of its own |
| `console_session.private_key` | what HKDF makes of the token that the cookie alone holds |

The service holds neither, so a copy of database and key file opens nothing of it.
"""

import os
from dataclasses import dataclass
from typing import Final

from core.crypto import new_pair, unwrap, wrap
from core.errors import KeyFileError
from people.passwords import SALT_BYTES, derive_key

_VERSION: Final = b"\x01"
_BY_PASSWORD: Final = "account key by password"
_BY_SESSION: Final = "account key by session"


@dataclass(frozen=True, slots=True, repr=False)
class AccountKey:
    """The private key of an account, opened: in memory only, for one request or one command. Never shown."""

    account_id: int
    private: bytes

    def __repr__(self) -> str:
        """Tell whose key it is, never the key."""
        return f"AccountKey(account_id={self.account_id})"


@dataclass(frozen=True, slots=True, repr=False)
class NewKey:
    """A pair just made: the public key, the private one wrapped by the password, and the private one itself."""

    public: bytes
    wrapped: bytes
    private: bytes


async def new_key(password: str) -> NewKey:
    """Make the pair of an account."""
    public, private = new_pair()
    return NewKey(public, await wrapped_by(password, private), private)


async def wrapped_by(password: str, private: bytes) -> bytes:
    """Return a private key wrapped by a password: version, salt, nonce and ciphertext."""
    salt = os.urandom(SALT_BYTES)
    return _VERSION + salt + wrap(await derive_key(password, salt), _BY_PASSWORD, private)


async def opened_by(password: str, wrapped: bytes) -> bytes:
    """Return the private key that a password opens; raise KeyFileError where it was altered.

    The password was found right before: the two belong together.
    """
    salt, blob = bytes(wrapped[1 : 1 + SALT_BYTES]), bytes(wrapped[1 + SALT_BYTES :])
    private = unwrap(await derive_key(password, salt), _BY_PASSWORD, blob)
    if private is None:
        raise KeyFileError("The key of an account does not open by its password: the row was altered. Set a new one.")
    return private


def kept_for_session(key: AccountKey, token: str) -> bytes:
    """Return the private key wrapped by a session's token."""
    return wrap(token.encode(), _BY_SESSION, key.private)


def opened_in_session(account_id: int, kept: bytes | None, token: str) -> AccountKey | None:
    """Return the key that a session's token opens; None where the session holds none."""
    private = unwrap(token.encode(), _BY_SESSION, bytes(kept)) if kept is not None else None
    return AccountKey(account_id, private) if private is not None else None
