"""Trials: a copy of the prepared installation, the program on it, an account of its own at a shared sandbox."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests import postgres_server
from tests.faults import beginning
from tests.faults.beginning import Begin
from tests.faults.quick_start import Starter
from tests.messaging import sandbox_client
from tests.messaging.conftest import lines, sandbox, session, stage

__all__ = ["Begin", "lines", "sandbox", "session", "stage"]


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("faults") / "service.key"


@pytest.fixture(scope="session")
def prepared_sqlite(sqlite_template: Path, key_file: Path) -> Path:
    return beginning.prepared_sqlite(sqlite_template, key_file)


@pytest.fixture(scope="session")
def prepared_postgres(postgres: postgres_server.Server, postgres_template: str, key_file: Path) -> str:
    return beginning.prepared_postgres(postgres, postgres_template, key_file)


@pytest.fixture(params=["sqlite", "postgres"])
def prepared_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a copy of the prepared database, once for each sort."""
    if request.param == "sqlite":
        with beginning.sqlite_copy(request.getfixturevalue("prepared_sqlite"), tmp_path) as url:
            yield url
        return
    server, template = request.getfixturevalue("postgres"), request.getfixturevalue("prepared_postgres")
    with beginning.postgres_copy(server, template) as url:
        yield url


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    process, url = sandbox_client.start()
    yield url
    process.terminate()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


@pytest.fixture(scope="session")
def starter() -> Iterator[Starter]:
    """What starts the program quickly."""
    found = Starter()
    yield found
    found.stop()


@pytest.fixture
async def begin(
    prepared_url: str, key_file: Path, sandbox_url: str, starter: Starter, tmp_path: Path
) -> AsyncIterator[Begin]:
    """Make the trial of a test: `await begin(rate=…)`. Afterwards the program ends in order and its log is searched."""
    async with beginning.beginning(prepared_url, key_file, sandbox_url, starter, tmp_path) as make:
        yield make
