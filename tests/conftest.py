"""What every test may ask for: an empty migrated database of each sort, and an office with a clock moved by hand."""

import asyncio
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg
import pytest

import bot
import campaigns
import oversight
import people
import records
from core.clock import HandClock
from core.crypto import ServiceKey
from core.limits import Limits
from core.office import Office
from core.texts import Texts
from core.workdays import Calendar
from models.database import close_database, open_database
from models.migrate import migrate_database
from tests import postgres_server

STORY_NOW = datetime.fromisoformat("2026-09-14T08:00:00+08:00")
ZONE = ZoneInfo("Asia/Shanghai")
SIGNATURE = {"zh-Hans": "【星澜海关】", "zh-Hant": "【星瀾海關】", "en": "Xinglan Customs: "}


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    asyncio.run(migrate_database(f"sqlite://{path}"))
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgres_server.Server]:
    server = postgres_server.start()
    if server is None:
        pytest.skip("NO POSTGRESQL FOUND: half of the tests of rows is skipped. Install the package postgresql.")
    yield server
    server.stop()


async def _on_server(server: postgres_server.Server, statement: str) -> None:
    connection = await asyncpg.connect(server.url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def postgres_template(postgres: postgres_server.Server) -> str:
    name = f"template_{uuid.uuid4().hex[:12]}"
    asyncio.run(_on_server(postgres, f"CREATE DATABASE {name}"))
    asyncio.run(migrate_database(postgres.database(name)))
    return name


@pytest.fixture(scope="session")
def postgres_copying(postgres: postgres_server.Server) -> str:
    """How a small database is copied fastest: by files, where the server can be told (from version 15 on)."""

    async def version() -> int:
        connection = await asyncpg.connect(postgres.url)
        try:
            return int(connection.get_server_version().major)
        finally:
            await connection.close()

    return "STRATEGY FILE_COPY" if asyncio.run(version()) >= 15 else ""


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty migrated database, once for each sort."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "test.db")
        yield f"sqlite://{tmp_path / 'test.db'}"
        return
    server = request.getfixturevalue("postgres")
    template = request.getfixturevalue("postgres_template")
    postgres_copying = request.getfixturevalue("postgres_copying")
    name = f"test_{uuid.uuid4().hex[:12]}"
    asyncio.run(_on_server(server, f"CREATE DATABASE {name} TEMPLATE {template} {postgres_copying}"))
    yield server.database(name)
    asyncio.run(_on_server(server, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[str]:
    """An open, empty, migrated database, once for each sort; the value is its URL."""
    await open_database(database_url, pool=4)
    yield database_url
    await close_database()


@pytest.fixture
def clock() -> HandClock:
    """The clock of the story: Monday 14 September 2026, 08:00 in Shanghai."""
    return HandClock(STORY_NOW)


@pytest.fixture(scope="session")
def texts() -> Texts:
    return Texts.load(people.TEXTS, campaigns.TEXTS, oversight.TEXTS, bot.TEXTS, records.TEXTS)


@pytest.fixture(scope="session")
def limits() -> Limits:
    return Limits.load()


@pytest.fixture
def office(clock: HandClock, texts: Texts, limits: Limits) -> Office:
    """The sample agency with a fresh key."""
    return Office(
        clock=clock,
        key=ServiceKey([os.urandom(32)]),
        texts=texts,
        calendar=Calendar(),
        limits=limits,
        zone=ZONE,
        locale="zh-Hans",
        signature=SIGNATURE,
        public_url="http://127.0.0.1:8080",
    )
