"""Bringing a database to the newest migration, safely: one at a time, with a copy before, and a check after.

* PostgreSQL: under an advisory lock, so that several processes may start it at once.
* SQLite: under a file lock, after `VACUUM INTO` a copy beside the file when there is something to lose.
"""

import fcntl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from tortoise import Tortoise
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget
from tortoise.migrations.schema_generator.state import State
from tortoise.migrations.schema_generator.state_apps import StateApps

from core.errors import LianxinError
from models import sql
from models.database import close_database, open_database, sqlite_path, tortoise_config

COPY_SUFFIX = ".before-migration"
ADVISORY_LOCK = 0x6C69616E78696E  # "lianxin"
APP = {"models": {"models": [], "migrations": "models.migrations", "default_connection": "default"}}


class MigrationBroken(LianxinError):
    """A migration left rows that point nowhere; the copy made before it is beside the database file."""


async def migrate_database(url: str) -> list[str]:
    """Apply what is missing; return the names of the migrations applied. The database is closed again afterwards."""
    await open_database(url, pool=2)
    try:
        async with _only_one(url):
            pending = await pending_migrations(url)
            if pending:
                await _copy_before(url)
                with _cheap_states():
                    await _executor(url).migrate([MigrationTarget(app_label="models", name="__latest__")])
                await _check_references()
            return pending
    finally:
        await close_database()


async def pending_migrations(url: str) -> list[str]:
    """Return the names of the migrations that the open database does not have yet.

    Raises what the database raises when it cannot be asked; the planning alone would take that for an empty database.
    """
    await sql.value("SELECT 1 AS one")
    steps = await _executor(url).plan([MigrationTarget(app_label="models", name="__latest__")])
    return [step.migration.name for step in steps]


def _executor(url: str) -> MigrationExecutor:
    return MigrationExecutor(Tortoise.get_connection("default"), tortoise_config(url)["apps"])


@contextmanager
def _cheap_states() -> Iterator[None]:
    """Keep the library from building all models anew, twice for every operation: nine seconds on an empty file.

    It copies the state before each operation and makes the queries of every model after it. What we allow in a
    migration (tests/models/test_migrate.py) asks for neither.
    """
    state: Any = State
    apps: Any = StateApps
    clone, build = state.clone, apps._build_initial_querysets
    state.clone, apps._build_initial_querysets = lambda self: self, lambda _: None
    try:
        yield
    finally:
        state.clone, apps._build_initial_querysets = clone, build


@asynccontextmanager
async def _only_one(url: str) -> AsyncIterator[None]:
    if path := sqlite_path(url):
        with Path(f"{path}.migrating").open("w") as lock:  # noqa: ASYNC230 - nothing else runs while migrating
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        return
    async with _advisory_lock():
        yield


@asynccontextmanager
async def _advisory_lock() -> AsyncIterator[None]:
    """Hold a session lock on a connection of its own, beside the pool that migrates."""
    async with Tortoise.get_connection("default").acquire_connection() as holder:
        await holder.execute("SELECT pg_advisory_lock($1)", ADVISORY_LOCK)
        try:
            yield
        finally:
            await holder.execute("SELECT pg_advisory_unlock($1)", ADVISORY_LOCK)


async def _copy_before(url: str) -> None:
    path = sqlite_path(url)
    if path is None or not await sql.value("SELECT count(*) FROM sqlite_master WHERE name = 'message'"):
        return
    copy = path.with_suffix(path.suffix + COPY_SUFFIX)
    copy.unlink(missing_ok=True)
    await sql.execute("VACUUM INTO $1", str(copy))


async def _check_references() -> None:
    if not sql.is_postgres() and await sql.rows("PRAGMA foreign_key_check"):
        raise MigrationBroken("The migration left rows that point nowhere. Restore the copy '*.before-migration'.")
