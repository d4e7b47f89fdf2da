"""Passwords: what they must be, and argon2 in two threads, so that signing in never stalls the loop.

A hash takes 160 ms and 64 MB; more than two at a time would let a crowd of guesses take the machine.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type, hash_secret_raw

from core.errors import Refused

LEAST: Final = 10
MOST: Final = 200
_COMMON: Final = frozenset({"1234567890", "0123456789", "qwertyuiop", "password12", "password123", "lianxin123"})
SALT_BYTES: Final = 16
_HASHER = PasswordHasher()
_KEY: Final = {"time_cost": 3, "memory_cost": 65536, "parallelism": 4, "hash_len": 32}
"""What turns a password into a key. Kept keys were made with it: another cost needs a version beside their salt."""
_THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")


def check_password(login: str, password: str) -> None:
    """Raise Refused for a password that is too short, too long, the login itself, one character, or a common one."""
    if len(password) < LEAST:
        raise Refused("account.password_short", n=LEAST)
    if len(password) > MOST:
        raise Refused("account.password_long", n=MOST)
    plain = password.casefold()
    if plain == login.casefold() or plain in _COMMON or len(set(plain)) < 4:
        raise Refused("account.password_easy")


async def hash_password(password: str) -> str:
    """Return the argon2id hash of a password."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _HASHER.hash, password)


async def matches(password_hash: str | None, password: str) -> bool:
    """Return whether a password fits a hash; None takes just as long and never fits."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _verify, password_hash, password[:MOST])


async def derive_key(password: str, salt: bytes) -> bytes:
    """Return the 32 bytes that a password gives with a salt: they open what the account alone may open."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _derive, password[:MOST], salt)


def _derive(password: str, salt: bytes) -> bytes:
    return hash_secret_raw(password.encode(), salt, type=Type.ID, **_KEY)


def _verify(password_hash: str | None, password: str) -> bool:
    if password_hash is None:
        _HASHER.hash(password)
        return False
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
