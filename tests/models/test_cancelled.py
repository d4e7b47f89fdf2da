"""A task that is cancelled anywhere in a transaction leaves the connection usable: there is only one."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from models import sql
from models.database import close_database, open_database

STEPS = 30
"""More turns of the loop than a transaction of two statements takes."""


@pytest.fixture
async def one_connection(database_url: str) -> AsyncIterator[None]:
    await open_database(database_url, pool=1)
    yield
    await close_database()


async def _in_a_transaction() -> None:
    async with sql.transaction():
        await sql.rows("SELECT 1 AS one")
        await sql.rows("SELECT 2 AS two")


@pytest.mark.parametrize("pause", [0.0, 0.001])
async def test_a_cancelled_transaction_gives_its_connection_back(one_connection: None, pause: float) -> None:
    for turns in range(STEPS):
        task = asyncio.create_task(_in_a_transaction())
        for _ in range(turns):
            await asyncio.sleep(0)
        await asyncio.sleep(pause)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        async with asyncio.timeout(10):
            assert await sql.value("SELECT 3 AS three") == 3
            await _in_a_transaction()


async def _cancelled_and_goes_on() -> object:
    try:
        await _in_a_transaction()
    except asyncio.CancelledError:
        task = asyncio.current_task()
        assert task is not None
        task.uncancel()
    return await sql.value("SELECT 4 AS four")


@pytest.mark.parametrize("pause", [0.0, 0.001])
async def test_a_task_that_goes_on_after_it_was_cancelled_is_out_of_its_transaction(
    one_connection: None, pause: float
) -> None:
    for turns in range(STEPS):
        task = asyncio.create_task(_cancelled_and_goes_on())
        for _ in range(turns):
            await asyncio.sleep(0)
        await asyncio.sleep(pause)
        task.cancel()
        async with asyncio.timeout(10):
            with contextlib.suppress(asyncio.CancelledError):  # where it was cancelled in its last statement
                assert await task == 4
