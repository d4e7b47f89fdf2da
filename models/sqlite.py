"""The SQLite backend of the ORM, with BEGIN IMMEDIATE: two processes then wait for each other instead of failing.

A deferred transaction that turns into a writer fails at once with "database is locked" when another one wrote
meanwhile; an immediate one waits for the busy time set on the connection.
"""

import sqlite3

from tortoise.backends.base.client import TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.exceptions import OperationalError


class ImmediateTransaction(SqliteTransactionWrapper):
    """A transaction that takes the write lock when it begins."""

    async def begin(self) -> None:
        """Begin; raise OperationalError when another process keeps the lock longer than the busy time."""
        try:
            await self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise OperationalError(error) from error


class ImmediateClient(SqliteClient):
    """A connection whose transactions begin as writers."""

    def _in_transaction(self) -> TransactionContext:
        return SqliteTransactionContext(ImmediateTransaction(self), self._lock)


client_class = ImmediateClient
