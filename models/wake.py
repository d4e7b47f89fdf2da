"""Wake-ups between the processes of one PostgreSQL, by LISTEN and NOTIFY. On SQLite there is one process alone.

A notice that is lost does no harm: every pump looks by itself every two seconds anyway.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, Literal

from tortoise import Tortoise

from models import sql

Sort = Literal["inbound", "outbox", "runs", "lanes"]
NAME: Final = "lianxin"
LOOK_SECONDS: Final = 30.0
LOOK_LIMIT_SECONDS: Final = 5.0


async def tell(sort: Sort) -> None:
    """Wake all processes for this sort of work, when the caller's transaction commits."""
    if sql.is_postgres():
        await sql.rows("SELECT pg_notify($1, $2) AS told", NAME, sort)


def and_tell(sort: Sort) -> str:
    """Return what to add after `RETURNING …` of an INSERT, so that it tells without a statement of its own."""
    return f", pg_notify('{NAME}', '{sort}') AS told" if sql.is_postgres() else ""


async def listen(begun: Callable[[], None], heard: Callable[[str], None]) -> None:
    """Hold a connection and call `heard` with each sort told; `begun` once it listens. PostgreSQL only.

    Never returns: raises what the database raises, or ConnectionError, when the connection is lost.
    """
    lost = asyncio.Event()
    async with Tortoise.get_connection("default").acquire_connection() as held, _listening(held, lost, heard):
        begun()
        while not lost.is_set():
            await _wait_or_look(held, lost)
    raise ConnectionError("the listening connection was lost")


@asynccontextmanager
async def _listening(held: Any, lost: asyncio.Event, heard: Callable[[str], None]) -> AsyncIterator[None]:
    def on_notice(_connection: Any, _process: int, _name: str, sort: str) -> None:
        heard(sort)

    def on_end(_connection: Any) -> None:
        lost.set()

    held.add_termination_listener(on_end)
    await held.add_listener(NAME, on_notice)
    try:
        yield
    finally:
        held.remove_termination_listener(on_end)
        async with asyncio.timeout(LOOK_LIMIT_SECONDS):  # a server that hangs must not hold up the end
            await held.remove_listener(NAME, on_notice)


async def _wait_or_look(held: Any, lost: asyncio.Event) -> None:
    """Wait for the end of the connection; now and then ask whether it is still there, for a cut line says nothing."""
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            await lost.wait()
    except TimeoutError:
        await held.execute("SELECT 1", timeout=LOOK_LIMIT_SECONDS)
