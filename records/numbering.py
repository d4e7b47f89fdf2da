"""Giving a record its number: counted or drawn; the unique column decides, however many file at once."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from tortoise.exceptions import IntegrityError

from core.numbers import RecordNumber, next_sequence
from core.office import Office
from models import record_queries, sql
from records.kind import Kind

TRIES: Final = 60
T = TypeVar("T")


async def with_number(office: Office, kind: Kind, insert: Callable[[str], Awaitable[T]]) -> T:
    """Insert a row under the next number of its kind that is still free, in the caller's transaction.

    `insert` raises IntegrityError when another filing took the number meanwhile; then another one is tried.
    """
    for attempt in range(TRIES):
        number = str(RecordNumber(kind.prefix, office.today(), await _sequence(office, kind, attempt)))
        try:
            async with sql.transaction():
                return await insert(number)
        except IntegrityError:
            continue
    raise RuntimeError("no free record number was found")


async def _sequence(office: Office, kind: Kind, attempt: int) -> int:
    if kind.sequence == "counter":
        return await record_queries.next_in_day(kind.prefix, office.today())
    if attempt < TRIES // 2:
        return next_sequence((), "random")
    return 10_000 + secrets.randbelow(90_000)  # so many misses in a row mean that four digits are used up
