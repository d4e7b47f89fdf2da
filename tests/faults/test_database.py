"""F15: SQLite locked longer than its busy time; PostgreSQL's connections cut inside transactions."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import pytest

from core.clock import HandClock
from messaging import webhooks
from models import database, sql
from models.database import close_database, sqlite_path
from models.inbound import Inbound
from models.outgoing import Attempt
from tests import postgres_server
from tests.faults.conftest import Begin
from tests.faults.oracle import accepted, check, drain
from tests.faults.test_provider import MANY, told
from tests.messaging.conftest import Stage

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ON_POSTGRES = pytest.mark.parametrize("prepared_url", ["postgres"], indirect=True)
DRIVER = "+8613800000001"


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Another process writes and does not come to an end."""
    path = sqlite_path(url)
    assert path is not None
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


async def texted(stage: Stage, **more: str) -> dict[str, object]:
    path = f"phones/{DRIVER}/send"
    sent: dict[str, object] = await stage.sandbox.call("POST", path, account=stage.sandbox.account, text="投诉", **more)
    return sent


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The busy time is over soon."""
    monkeypatch.setattr(database, "BUSY_MILLISECONDS", 100)


@ON_SQLITE
async def test_f15_locked_longer_than_the_busy_time_the_provider_repeats(
    impatient: None, db: str, stage: Stage
) -> None:
    with locked(db):
        first = await texted(stage)
        assert first["webhook_status"] == 503
    again = await texted(stage, sid=str(first["sid"]))
    assert again["webhook_status"] == 200
    assert await Inbound.all().count() == 1


@ON_SQLITE
async def test_f15_what_was_given_up_while_it_waited_keeps_no_lock(
    db: str, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The webhook's own limit ends the waiting; the statement goes on in its thread and gets the lock after that."""
    with monkeypatch.context() as patch:
        patch.setattr(webhooks, "STORE_SECONDS", 0.1)
        with locked(db):
            asked = asyncio.create_task(texted(stage))
            await asyncio.sleep(0.5)
        first = await asked
        assert first["webhook_status"] == 503
    with locked(db):
        pass
    again = await texted(stage, sid=str(first["sid"]))
    assert again["webhook_status"] == 200
    assert await Inbound.all().count() == 1


async def cut_in_transactions(connection: asyncpg.Connection, many: int) -> None:
    """Cut connections that are inside a transaction, so many of them. This process rests meanwhile, so none is ours."""
    cut = 0
    while cut < many:
        cut += await connection.fetchval(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
        )
        await asyncio.sleep(0.002)


@pytest.mark.kill
@ON_POSTGRES
async def test_f15_connections_cut_inside_transactions(begin: Begin, prepared_url: str) -> None:
    trial = await begin(rate=200, receipts=1)
    trial.gives_up_receipts = True
    await trial.program.start()
    knife = await asyncpg.connect(prepared_url)
    for many in (50, 150, 250, 350):
        await trial.until_accepted(many)
        await cut_in_transactions(knife, 3)
    await knife.close()
    await trial.finish()
    verdict = await trial.judge()
    assert verdict.problems == ()
    assert "wake.lost" in trial.program.log or trial.program.is_running


@pytest.mark.kill
@ON_POSTGRES
async def test_f15_the_server_dies_and_comes_back(
    begin: Begin, prepared_url: str, postgres: postgres_server.Server
) -> None:
    """An immediate stop, as a crash: what was committed is there again, what was not is settled as after a kill."""
    if postgres.restart is None:
        pytest.skip("the PostgreSQL of these tests is not ours to restart")
    trial = await begin(rate=200, receipts=1)
    trial.gives_up_receipts = True
    name = prepared_url.rpartition("/")[2]
    await sql.connection().execute_script(f"ALTER DATABASE {name} SET synchronous_commit = on")
    await trial.program.start()
    await trial.until_accepted(150)
    await asyncio.to_thread(postgres.restart)
    await close_database()
    await database.open_database(prepared_url, pool=4)
    await trial.finish()
    verdict = await trial.judge()
    assert verdict.problems == ()
    assert trial.program.is_running


@ON_SQLITE
@pytest.mark.parametrize("seconds", [0.4, 6.0], ids=["settled-in-the-end", "given-up"])
async def test_f15_locked_while_messages_are_on_their_way(
    impatient: None, db: str, stage: Stage, clock: HandClock, seconds: float
) -> None:
    """Accepted there, not to be written down here: settled as soon as can be, else `unknown`; never sent again."""
    await stage.sandbox.fault("delay", ms=400)
    await told(stage, "sms")
    sending = asyncio.create_task(stage.send())
    async with asyncio.timeout(10):
        while await Attempt.all().count() < MANY:
            await asyncio.sleep(0.01)
    with locked(db):
        await asyncio.sleep(seconds)
    with contextlib.suppress(Exception):
        await sending
    await drain(stage, clock)
    assert len(await accepted(stage)) == MANY
    states = await check(stage)
    assert states["queued"] == states["sending"] == 0
