"""What a trial begins with: a prepared installation of each sort, a copy of it, an account of its own at the provider.

The fixtures of these tests and the runner of many random kills (`tests.faults.many`) both build on this.
"""

import asyncio
import shutil
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp
import asyncpg

from models.database import close_database, open_database
from models.migrate import migrate_database
from tests import postgres_server
from tests.faults import prepared
from tests.faults.harness import Trial
from tests.faults.program import Program
from tests.faults.quick_start import Starter
from tests.messaging.sandbox_client import SandboxClient

LATENCY_MS = 20
RATE = 500
Begin = Callable[..., Awaitable[Trial]]


async def on_server(url: str, statement: str) -> None:
    """Say one statement to a PostgreSQL server, outside any transaction."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def prepared_sqlite(empty: Path, key_file: Path) -> Path:
    """Prepare a copy of an empty migrated file; return its path."""
    path = key_file.with_name("prepared.db")
    shutil.copy(empty, path)
    asyncio.run(prepared.prepare(f"sqlite://{path}", key_file))
    assert not Path(f"{path}-wal").exists(), "a copy of the file alone would be incomplete"
    return path


def prepared_postgres(server: postgres_server.Server, empty: str, key_file: Path, size: int = prepared.SIZE) -> str:
    """Prepare a copy of an empty migrated database; return its name."""
    name = f"prepared_{uuid.uuid4().hex[:12]}"
    asyncio.run(on_server(server.url, f"CREATE DATABASE {name} TEMPLATE {empty}"))
    asyncio.run(prepared.prepare(server.database(name), key_file, size))
    return name


def empty_sqlite(folder: Path) -> Path:
    """Make an empty migrated file."""
    path = folder / "empty.db"
    asyncio.run(migrate_database(f"sqlite://{path}"))
    return path


def empty_postgres(server: postgres_server.Server) -> str:
    """Make an empty migrated database; return its name."""
    name = f"empty_{uuid.uuid4().hex[:12]}"
    asyncio.run(on_server(server.url, f"CREATE DATABASE {name}"))
    asyncio.run(migrate_database(server.database(name)))
    return name


@contextmanager
def sqlite_copy(template: Path, folder: Path) -> Iterator[str]:
    """Give the URL of a copy of a file."""
    shutil.copy(template, folder / "trial.db")
    yield f"sqlite://{folder / 'trial.db'}"


@contextmanager
def postgres_copy(server: postgres_server.Server, template: str) -> Iterator[str]:
    """Give the URL of a copy of a database, and drop it afterwards."""
    name = f"trial_{uuid.uuid4().hex[:12]}"
    asyncio.run(on_server(server.url, f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield server.database(name)
    asyncio.run(on_server(server.url, f"DROP DATABASE {name} WITH (FORCE)"))


@asynccontextmanager
async def beginning(
    database_url: str, key_file: Path, sandbox_url: str, starter: Starter | None, folder: Path
) -> AsyncIterator[Begin]:
    """Make trials on a database: `await begin(rate=…)`. Afterwards programs end in order and logs are searched."""
    made: list[Trial] = []
    await open_database(database_url, pool=4)

    async def make(*, rate: int = RATE, latency_ms: int = LATENCY_MS, receipts: int = 2) -> Trial:
        provider = SandboxClient(sandbox_url, client, *account())
        settings = settings_of(database_url, key_file, provider, folder / "data", rate)
        trial = Trial(Program(folder, settings, starter), provider)
        trial.secrets |= {provider.token, *secrets_of(key_file)}
        made.append(trial)
        await _set_up(trial, latency_ms, receipts)
        return trial

    async with aiohttp.ClientSession() as client:
        try:
            yield make
            for trial in made:
                await _end(trial)
        finally:
            for trial in made:
                trial.program.end()
            await close_database()


async def _end(trial: Trial) -> None:
    if trial.program.is_running:
        assert await trial.program.stop() == 0
    await trial.check_log()
    await trial.provider.call("POST", "reset", account=trial.provider.account)


def account() -> tuple[str, str, str]:
    """Return an account SID, its token and a bot's, all new."""
    unique = uuid.uuid4().hex
    return f"AC{unique}", f"token-{unique[::-1]}", f"{int(unique[:12], 16)}:{unique}"


def settings_of(url: str, key_file: Path, provider: SandboxClient, data: Path, rate: int) -> Mapping[str, str]:
    """Return the settings of a program that works on this database with this provider."""
    return {
        "DATA_DIR": str(data),
        "DATABASE_URL": url,
        "KEY_FILE": str(key_file),
        "TIMEZONE": prepared.zone_of_midday(),
        "TWILIO__ACCOUNT_SID": provider.account,
        "TWILIO__AUTH_TOKEN": provider.token,
        "TWILIO__SENDER": provider.sender,
        "TWILIO__API_URL": provider.url,
        "TWILIO__RATE": str(rate),
        **prepared.SIGNATURE,
    }


def secrets_of(key_file: Path) -> list[str]:
    """Return what no log may hold: texts, what all names and numbers begin with, the key."""
    keys = [line for line in key_file.read_text().split("\n") if line and not line.startswith("#")]
    return [*prepared.TEXTS.values(), prepared.NAME.format(n=0)[:-3], prepared.number(0)[1:-3], *keys]


async def _set_up(trial: Trial, latency_ms: int, receipts: int) -> None:
    """The provider takes its time; its receipts come late, so many times, and again while nobody takes them."""
    provider = trial.provider
    await provider.set_up(f"{trial.program.url}/hooks/twilio/message")
    await provider.call("PUT", f"twilio/accounts/{provider.account}", retry_ms=500)
    await provider.call("PUT", "latency", twilio=latency_ms)
    trial.has_receipts = receipts > 0
    if not receipts:
        await provider.fault("lose_receipt")
        return
    await provider.fault("late_receipt", ms=300)
    if receipts == 2:
        await provider.fault("duplicate_receipt")
