"""Passwords: what they must be, and argon2 in two threads, so that signing in never stalls the loop.

A hash takes 160 ms and 64 MB; more than two at a time would let a crowd of guesses take the machine.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import Refused

LEAST: Final = 10
MOST: Final = 200
_COMMON: Final = frozenset({"1234567890", "0123456789", "qwertyuiop", "password12", "password123", "lianxin123"})
_HASHER = PasswordHasher()
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


def _verify(password_hash: str | None, password: str) -> bool:
    if password_hash is None:
        _HASHER.hash(password)
        return False
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
