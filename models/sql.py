"""Plain SQL for both databases: `$1` placeholders, rows as dicts, times as aware UTC.

Every statement of the project stands in a module of `models`; the other layers call functions, never SQL. Inside
`transaction()` these functions use its connection by themselves.
"""

import json
import re
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from tortoise import connections
from tortoise.backends.base.client import BaseDBAsyncClient, TransactionalDBClient
from tortoise.transactions import in_transaction

_PLACEHOLDER = re.compile(r"\$(\d+)")
_CASTS = re.compile(r"::[a-z]+(\[\])?")


def connection() -> BaseDBAsyncClient:
    """Return the connection of this task: the transaction's inside one."""
    client: BaseDBAsyncClient = connections.get("default")
    return client


def transaction() -> AbstractAsyncContextManager[TransactionalDBClient]:
    """Open a transaction, or a savepoint inside one. Start no task and wait for nothing slow inside it."""
    return in_transaction("default")


def is_postgres() -> bool:
    """Return whether the database is PostgreSQL."""
    return bool(connection().capabilities.dialect == "postgres")


@lru_cache(maxsize=1024)
def _for_sqlite(sql: str) -> str:
    return _PLACEHOLDER.sub(r"?\1", _CASTS.sub("", sql))


def _prepare(sql: str, client: BaseDBAsyncClient) -> str:
    return sql if client.capabilities.dialect == "postgres" else _for_sqlite(sql)


def ids(given: Iterable[int]) -> str:
    """Return ids as the inside of `IN (…)`; none match nothing."""
    return ", ".join(str(int(each)) for each in sorted(given)) or "NULL"


def words(given: Iterable[str]) -> str:
    """Return words of the code, never of a person, as the inside of `IN (…)`."""
    return ", ".join(f"'{word}'" for word in given)


class Values:
    """The values of a statement in the making; `put` returns the placeholder of a value."""

    def __init__(self) -> None:
        self.given: list[Any] = []

    def put(self, value: Any, cast: str = "") -> str:
        """Return the placeholder of one more value."""
        self.given.append(value)
        return f"${len(self.given)}{'::' + cast if cast else ''}"


async def rows(sql: str, *values: Any) -> list[dict[str, Any]]:
    """Run a statement that returns rows (SELECT, or RETURNING). `::type` casts are dropped on SQLite."""
    client = connection()
    return await client.execute_query_dict(_prepare(sql, client), list(values))


async def row(sql: str, *values: Any) -> dict[str, Any] | None:
    """Return the first row or None."""
    found = await rows(sql, *values)
    return found[0] if found else None


async def value(sql: str, *values: Any) -> Any:
    """Return the first column of the first row, or None."""
    found = await row(sql, *values)
    return next(iter(found.values())) if found else None


async def execute(sql: str, *values: Any) -> int:
    """Run a statement that returns no rows; return how many rows it changed."""
    client = connection()
    count, _ = await client.execute_query(_prepare(sql, client), list(values))
    return count


async def execute_many(sql: str, values: Sequence[Sequence[Any]]) -> None:
    """Run one statement for each sequence of values."""
    client = connection()
    await client.execute_many(_prepare(sql, client), [list(each) for each in values])


@lru_cache(maxsize=64)
def _table(columns: str, dialect: str) -> str:
    named = [column.split() for column in columns.split(", ")]
    if dialect == "postgres":
        return f"v AS (SELECT * FROM json_to_recordset($1::text::json) AS t ({columns}))"
    values = ", ".join(f"value ->> '{name}' AS {name}" for name, _ in named)
    return f"v AS (SELECT {values} FROM json_each($1))"


def listed(columns: str) -> str:
    """Return `v AS (…)`, for WITH: the rows of `$1`, which `as_list` made. `columns` are "name type, name type".

    The statement's text does not depend on how many rows there are, so the database prepares it once.
    """
    return _table(columns, str(connection().capabilities.dialect))


def as_list(rows: Sequence[dict[str, Any]]) -> str:
    """Return rows of plain values and moments as one value for `listed`."""
    return json.dumps(rows, default=_written, separators=(",", ":"))


def _written(moment: datetime) -> str:
    return moment.isoformat(" ")  # as the driver of SQLite writes it, so that moments in rows stay comparable


def as_time(stored: Any) -> datetime | None:
    """Return a moment that came from a row as aware UTC; None stays None."""
    if stored is None:
        return None
    moment = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
