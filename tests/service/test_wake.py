"""One process wakes the pumps of another at its commit: LISTEN and NOTIFY on PostgreSQL, nothing on SQLite."""

import asyncio
import contextlib
import dataclasses
import uuid
from collections.abc import AsyncIterator

import asyncpg
import pytest

from core.office import Office
from core.wake import WakeUp, WakeUps
from messaging import addresses, inbox, lanes, outbox
from messaging.channel import Arrival
from messaging.outbox import NewMessage
from models import sql, wake
from service import wake_listener

ON_POSTGRES = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
SECONDS = 20.0


@pytest.fixture
async def here(db: str) -> AsyncIterator[WakeUps]:
    """The wake-ups of a process that listens; those of `office` are the other one's."""
    wakes = WakeUps()
    listening = asyncio.create_task(wake_listener.run(wakes, pauses=(0.01,)))
    await woken(wakes.runs, past=0)  # it listens
    yield wakes
    listening.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await listening


async def woken(one: WakeUp, past: int) -> None:
    async with asyncio.timeout(SECONDS):
        while one.turn == past:
            await one.wait_past(past, SECONDS)


async def message(office: Office) -> NewMessage:
    address_id = await addresses.find_or_create_id(office, "sms", "+8613800000001")
    return NewMessage(uuid.uuid4().hex, "sms", address_id, "service", "zh-Hans", "x")


@ON_POSTGRES
async def test_what_is_to_be_said_wakes_others_at_the_commit_alone(office: Office, here: WakeUps) -> None:
    new, before = await message(office), here.outbox.turn
    with contextlib.suppress(KeyError):
        async with sql.transaction():
            await outbox.enqueue(office, dataclasses.replace(new, dedupe_key="undone"))
            raise KeyError
    runs = here.runs.turn
    async with sql.transaction():
        await wake.tell("runs")
    await woken(here.runs, runs)
    assert here.outbox.turn == before, "what was undone wakes nobody"
    async with sql.transaction():
        assert await outbox.enqueue(office, new)
        assert not await outbox.enqueue(office, new)
    await woken(here.outbox, before)


@ON_POSTGRES
async def test_what_came_in_wakes_the_bot_of_another_process(office: Office, here: WakeUps) -> None:
    lane = await lanes.ensure_lane("sms", "+1", 1)
    before = here.inbound.turn
    assert await inbox.receive(office, lane, Arrival("sms", "SM1", "+8613800000001", "text", "你好"))
    await woken(here.inbound, before)


@ON_POSTGRES
async def test_a_lost_connection_is_made_again_and_everybody_looks(office: Office, here: WakeUps, db: str) -> None:
    before = here.outbox.turn
    operator = await asyncpg.connect(db)
    killed = await operator.fetchval(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
    )
    assert killed == 1
    await woken(here.outbox, before)
    before = here.runs.turn
    await operator.execute("NOTIFY lianxin, 'nothing that we know'")
    await operator.execute("NOTIFY lianxin, 'runs'")
    await woken(here.runs, before)
    await operator.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_on_sqlite_nobody_is_told(office: Office, db: str) -> None:
    await wake.tell("runs")
    assert wake.and_tell("outbox") == ""
    assert await outbox.enqueue(office, await message(office))


@ON_POSTGRES
async def test_it_ends_when_it_is_told_to_also_with_a_dead_connection(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(asyncpg.Connection, "remove_listener", breaks)
    wakes = WakeUps()
    listening = asyncio.create_task(wake_listener.run(wakes))
    await woken(wakes.runs, past=0)
    listening.cancel()
    async with asyncio.timeout(SECONDS):
        with contextlib.suppress(asyncio.CancelledError):
            await listening
    assert listening.cancelled()
