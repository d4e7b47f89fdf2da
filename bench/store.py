"""Databases to measure on: prepared once, copied for each measurement, with commits that are really on the disk."""

import shutil
import sqlite3
import uuid
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from models import sql
from models.database import close_database, open_database
from models.migrate import migrate_database
from tests import postgres_server

Prepare = Callable[[], Awaitable[None]]
POSTGRES_OPTIONS = "-c fsync=on -c synchronous_commit=on -c full_page_writes=on -c max_connections=60"
_TOLD = ("server_version", "fsync", "synchronous_commit", "shared_buffers")


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[None]:
    """Open a database for the layers of the product, and close it again."""
    await open_database(url)
    try:
        yield
    finally:
        await close_database()


class Store(ABC):
    """One sort of database. A template is named for what is in it, and made when it is first asked for."""

    kind: str

    def __init__(self) -> None:
        self._templates: set[str] = set()

    @asynccontextmanager
    async def copy(self, template: str, prepare: Prepare) -> AsyncIterator[str]:
        """Give the URL of a fresh copy of a template; nothing is open yet inside the block."""
        if template not in self._templates:
            await self._make(template, prepare)
            self._templates.add(template)
        url = await self._copied(template)
        try:
            yield url
        finally:
            await self._drop(url)

    async def _make(self, template: str, prepare: Prepare) -> None:
        url = await self._empty(template)
        await migrate_database(url)
        async with opened(url):
            await prepare()
            await sql.execute("ANALYZE")

    @abstractmethod
    async def about(self) -> dict[str, str]:
        """Return the version and the settings that matter for durability."""

    @abstractmethod
    async def _empty(self, template: str) -> str: ...

    @abstractmethod
    async def _copied(self, template: str) -> str: ...

    @abstractmethod
    async def _drop(self, url: str) -> None: ...


class SqliteStore(Store):
    """Files in a folder, in WAL mode with synchronous FULL as the product opens them."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    async def about(self) -> dict[str, str]:
        """Return the version."""
        return {"server_version": sqlite3.sqlite_version, "journal": "WAL", "synchronous": "FULL"}

    async def _empty(self, template: str) -> str:
        return f"sqlite://{self._folder / template}.db"

    async def _copied(self, template: str) -> str:
        copy = self._folder / f"copy-{uuid.uuid4().hex}.db"
        shutil.copy(self._folder / f"{template}.db", copy)
        return f"sqlite://{copy}"

    async def _drop(self, url: str) -> None:
        path = Path(url.removeprefix("sqlite://"))
        for left in path.parent.glob(path.name + "*"):
            left.unlink()


class PostgresStore(Store):
    """Databases on a server that writes every commit to the disk."""

    kind = "postgres"

    def __init__(self, server: postgres_server.Server) -> None:
        super().__init__()
        self._server, self._own = server, uuid.uuid4().hex[:8]

    async def about(self) -> dict[str, str]:
        """Return version and settings, as the server tells them."""
        connection = await asyncpg.connect(self._server.url)
        try:
            return {name: str(await connection.fetchval(f"SHOW {name}")) for name in _TOLD}
        finally:
            await connection.close()

    async def _empty(self, template: str) -> str:
        name = self._name(template)
        await self._run(f"CREATE DATABASE {name}")
        return self._server.database(name)

    async def _copied(self, template: str) -> str:
        name = f"bench_copy_{uuid.uuid4().hex[:12]}"
        await self._run(f"CREATE DATABASE {name} TEMPLATE {self._name(template)}")
        return self._server.database(name)

    async def _drop(self, url: str) -> None:
        await self._run(f"DROP DATABASE {url.rsplit('/', 1)[1]} WITH (FORCE)")

    async def close(self) -> None:
        """Drop the templates."""
        for template in self._templates:
            await self._run(f"DROP DATABASE {self._name(template)} WITH (FORCE)")

    def _name(self, template: str) -> str:
        return f"bench_{self._own}_{template.replace('-', '_')}"

    async def _run(self, statement: str) -> None:
        connection = await asyncpg.connect(self._server.url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()
