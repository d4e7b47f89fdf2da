"""Databases to measure on: prepared once, copied for each measurement, with commits that are really on the disk."""

import shutil
import sqlite3
import uuid
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from models import sql
from models.database import close_database, open_database
from models.migrate import migrate_database
from tests import postgres_server

POSTGRES_OPTIONS = (
    "-c fsync=on -c synchronous_commit=on -c full_page_writes=on -c max_connections=60 -c max_wal_size=4GB"
)
_TOLD = ("server_version", "fsync", "synchronous_commit", "shared_buffers", "max_wal_size")
_COPIES_FILES_SINCE = 15


@dataclass(frozen=True)
class Template:
    """What a database holds before something is measured: made once by `write`, from `base` or from nothing."""

    name: str
    write: Callable[[], Awaitable[None]]
    base: "Template | None" = None


async def _nothing() -> None:
    pass


EMPTY = Template("empty", _nothing)
"""Migrated, without a row."""


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[None]:
    """Open a database for the layers of the product, and close it again."""
    await open_database(url)
    try:
        yield
    finally:
        await close_database()


class Store(ABC):
    """One sort of database. A template is made when it is first asked for."""

    kind: str

    def __init__(self) -> None:
        self._templates: set[str] = set()

    @asynccontextmanager
    async def copy(self, template: Template) -> AsyncIterator[str]:
        """Give the URL of a fresh copy of a template; nothing is open yet inside the block."""
        await self.prepare(template)
        url = await self._copied(template.name, self._name(f"copy-{uuid.uuid4().hex[:12]}"))
        try:
            yield url
        finally:
            await self._drop(url)

    async def prepare(self, template: Template) -> None:
        """Make a template where there is none yet; a full measurement does not wait for it then."""
        if template.name in self._templates:
            return
        if template.base is None:
            url = await self._empty(self._name(template.name))
            await migrate_database(url)
        else:
            await self.prepare(template.base)
            url = await self._copied(template.base.name, self._name(template.name))
        async with opened(url):
            await template.write()
            if sql.is_postgres():  # as its autovacuum does; a file in service is never analysed
                await sql.execute("VACUUM ANALYZE")
        self._templates.add(template.name)

    @abstractmethod
    async def about(self) -> dict[str, str]:
        """Return the version and the settings that matter for durability."""

    @abstractmethod
    async def close(self) -> None:
        """Leave nothing behind but what the caller's folder holds."""

    @abstractmethod
    def _name(self, template: str) -> str: ...

    @abstractmethod
    async def _empty(self, name: str) -> str: ...

    @abstractmethod
    async def _copied(self, template: str, name: str) -> str: ...

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

    async def close(self) -> None:
        """Nothing: the folder is not ours."""

    def _name(self, template: str) -> str:
        return template

    async def _empty(self, name: str) -> str:
        return f"sqlite://{self._path(name)}"

    async def _copied(self, template: str, name: str) -> str:
        shutil.copy(self._path(self._name(template)), self._path(name))
        return f"sqlite://{self._path(name)}"

    async def _drop(self, url: str) -> None:
        path = Path(url.removeprefix("sqlite://"))
        for left in path.parent.glob(path.name + "*"):
            left.unlink()

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.db"


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

    async def close(self) -> None:
        """Drop the templates."""
        for template in self._templates:
            await self._run(f"DROP DATABASE {self._name(template)} WITH (FORCE)")

    def _name(self, template: str) -> str:
        return f"bench_{self._own}_{template.replace('-', '_')}"

    async def _empty(self, name: str) -> str:
        await self._run(f"CREATE DATABASE {name}")
        return self._server.database(name)

    async def _copied(self, template: str, name: str) -> str:
        await self._run(f"CREATE DATABASE {name} TEMPLATE {self._name(template)}", copies_files=True)
        return self._server.database(name)

    async def _drop(self, url: str) -> None:
        await self._run(f"DROP DATABASE {url.rsplit('/', 1)[1]} WITH (FORCE)")

    async def _run(self, statement: str, *, copies_files: bool = False) -> None:
        connection = await asyncpg.connect(self._server.url)
        try:
            if copies_files and connection.get_server_version().major >= _COPIES_FILES_SINCE:
                statement += " STRATEGY FILE_COPY"
            await connection.execute(statement)
        finally:
            await connection.close()
