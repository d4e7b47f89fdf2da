"""Trials: a copy of the prepared installation, the program on it, an account of its own at a shared sandbox."""

import asyncio
import shutil
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from models.database import close_database, open_database
from tests import postgres_server
from tests.faults import prepared
from tests.faults.harness import Trial
from tests.faults.program import Program
from tests.faults.quick_start import Starter
from tests.faults.random_plan import ASKED, HEAD, LINES, RULE
from tests.messaging import sandbox_client
from tests.messaging.sandbox_client import SandboxClient

LATENCY_MS = 20
RATE = 500
Begin = Callable[..., Awaitable[Trial]]


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("faults") / "service.key"


@pytest.fixture(scope="session")
def prepared_sqlite(sqlite_template: Path, key_file: Path) -> Path:
    path = key_file.with_name("prepared.db")
    shutil.copy(sqlite_template, path)
    asyncio.run(prepared.prepare(f"sqlite://{path}", key_file))
    assert not Path(f"{path}-wal").exists(), "a copy of the file alone would be incomplete"
    return path


@pytest.fixture(scope="session")
def prepared_postgres(postgres: postgres_server.Server, postgres_template: str, key_file: Path) -> str:
    name = f"prepared_{uuid.uuid4().hex[:12]}"
    asyncio.run(_on_server(postgres, f"CREATE DATABASE {name} TEMPLATE {postgres_template}"))
    asyncio.run(prepared.prepare(postgres.database(name), key_file))
    return name


async def _on_server(server: postgres_server.Server, statement: str) -> None:
    connection = await asyncpg.connect(server.url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(params=["sqlite", "postgres"])
def prepared_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a copy of the prepared database, once for each sort."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("prepared_sqlite"), tmp_path / "trial.db")
        yield f"sqlite://{tmp_path / 'trial.db'}"
        return
    server, template = request.getfixturevalue("postgres"), request.getfixturevalue("prepared_postgres")
    name = f"trial_{uuid.uuid4().hex[:12]}"
    asyncio.run(_on_server(server, f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield server.database(name)
    asyncio.run(_on_server(server, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    process, url = sandbox_client.start()
    yield url
    process.terminate()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


@pytest.fixture(scope="session")
def starter() -> Iterator[Starter | None]:
    """What starts the program quickly; None where kills were asked for: then it is started by its command."""
    if ASKED:
        yield None
        return
    found = Starter()
    yield found
    found.stop()


@pytest.fixture
async def begin(
    prepared_url: str, key_file: Path, sandbox_url: str, starter: Starter | None, tmp_path: Path
) -> AsyncIterator[Begin]:
    """Make the trial of a test: `await begin(rate=…)`. Afterwards the program ends in order and its log is searched."""
    made: list[Trial] = []
    await open_database(prepared_url, pool=4)

    async def make(*, rate: int = RATE, latency_ms: int = LATENCY_MS, receipts: int = 2) -> Trial:
        provider = SandboxClient(sandbox_url, client, *_account())
        settings = _settings(prepared_url, key_file, provider, tmp_path / "data", rate)
        trial = Trial(Program(tmp_path, settings, starter), provider)
        trial.secrets |= {provider.token, *_secrets(key_file)}
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


def _account() -> tuple[str, str, str]:
    unique = uuid.uuid4().hex
    return f"AC{unique}", f"token-{unique[::-1]}", f"{int(unique[:12], 16)}:{unique}"


def _settings(url: str, key_file: Path, provider: SandboxClient, data: Path, rate: int) -> dict[str, str]:
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


def _secrets(key_file: Path) -> list[str]:
    """What no log may hold: texts, what all names and numbers begin with, the key."""
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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the random kills came to: the table of docs/faults.md."""
    if LINES:
        terminalreporter.section("random kills")
        terminalreporter.write_line("\n".join([HEAD, RULE, *LINES]))
