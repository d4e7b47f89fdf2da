"""A process that stands still inside a transaction keeps its rows from others for a while only. PostgreSQL."""

import asyncio

import asyncpg
import pytest
from tortoise.exceptions import BaseORMException

from models import database, sql
from models.database import close_database, open_database
from models.org import ServiceStamp

LOCK = "SELECT name FROM service_stamp WHERE name = 'row' FOR UPDATE"


async def _stands_still(holds: asyncio.Event, may_end: asyncio.Event) -> None:
    async with sql.transaction():
        await sql.rows(LOCK)
        holds.set()
        await may_end.wait()
        await sql.rows(LOCK)


async def test_a_row_is_free_again_when_its_holder_stands_still(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if not sql.is_postgres():
        pytest.skip("SQLite has one process")
    await ServiceStamp.create(name="row", value="x")
    await close_database()
    monkeypatch.setattr(database, "IDLE_IN_TRANSACTION_MILLISECONDS", 300)
    await open_database(db)
    holds, may_end = asyncio.Event(), asyncio.Event()
    holder = asyncio.create_task(_stands_still(holds, may_end))
    await holds.wait()
    async with asyncio.timeout(20), sql.transaction():
        assert await sql.rows(LOCK) == [{"name": "row"}]
    may_end.set()
    with pytest.raises((BaseORMException, asyncpg.PostgresError, asyncpg.InterfaceError)):
        await holder
    assert await ServiceStamp.all().count() == 1, "the pool goes on"
