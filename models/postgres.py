"""The PostgreSQL backend of the ORM, whose transactions give their connection back also where they do not begin.

The ORM's own keeps the connection for ever when its BEGIN fails (a lost connection) or is cancelled (a time limit): a
few of these empty the pool, and every later query waits without end.
"""

from typing import Any

from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import TransactionalDBClient, TransactionContext, TransactionContextPooled
from tortoise.connection import get_connections


class PooledContext(TransactionContextPooled):
    """A transaction on a connection of the pool."""

    async def __aenter__(self) -> TransactionalDBClient:
        """Begin; what the driver raises goes on, with the connection back in the pool."""
        await self.ensure_connection()
        pool = self.client._parent._pool
        self.client._connection = await pool.acquire()
        try:
            await self.client.begin()
        except BaseException:
            await pool.release(self.client._connection)
            raise
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        """End it. The task leaves the transaction before anything is waited for that may be cancelled.

        Else a task that is cancelled here and goes on would ask a connection that is no longer its own, for ever.
        """
        try:
            if not self.client._finalized:
                await (self.client.commit() if kind is None else self.client.rollback())
        finally:
            get_connections().reset(self.token)
            await self.client._parent._pool.release(self.client._connection)


class PooledClient(AsyncpgDBClient):
    """A pool of connections that none of its transactions keeps."""

    def _in_transaction(self) -> TransactionContext:
        return PooledContext(TransactionWrapper(self), self._pool_init_lock)


client_class = PooledClient
