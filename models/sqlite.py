"""The SQLite backend of the ORM, with BEGIN IMMEDIATE: two processes then wait for each other instead of failing.

A deferred transaction that turns into a writer fails at once with "database is locked" when another one wrote
meanwhile; an immediate one waits for the busy time set on the connection.
"""

import asyncio
import sqlite3

from tortoise.backends.base.client import TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.connection import get_connections
from tortoise.exceptions import OperationalError


class ImmediateTransaction(SqliteTransactionWrapper):
    """A transaction that takes the write lock when it begins."""

    async def begin(self) -> None:
        """Begin; raise OperationalError when another process keeps the lock longer than the busy time.

        Whoever is cancelled meanwhile leaves nothing begun: the statement goes on in the connection's thread.
        """
        try:
            await self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise OperationalError(error) from error
        except asyncio.CancelledError:
            await self._connection.rollback()
            raise

    async def commit(self) -> None:
        """Commit; what could not be committed (a full disk) is rolled back, so that the connection stays usable."""
        try:
            await super().commit()
        except sqlite3.Error as error:
            await self.rollback()
            raise OperationalError(error) from error


class ImmediateContext(SqliteTransactionContext):
    """Gives the connection back also where a transaction could not begin; the ORM's own keeps it for ever."""

    async def __aenter__(self) -> TransactionalDBClient:
        """Begin. Raises OperationalError as `ImmediateTransaction.begin` does."""
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            await self.connection.begin()
        except BaseException:
            self._trxlock.release()
            raise
        self.token = get_connections().set(self.connection_name, self.connection)
        connection: TransactionalDBClient = self.connection
        return connection


class ImmediateClient(SqliteClient):
    """A connection whose transactions begin as writers."""

    def _in_transaction(self) -> TransactionContext:
        return ImmediateContext(ImmediateTransaction(self), self._lock)


client_class = ImmediateClient
