"""Opening and closing the database of a process.

`sqlite:///path/file.db` or `postgres://user@host/name`; anything else is refused with what to write.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tortoise import Tortoise
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.backends.base.executor import EXECUTOR_CACHE

from core.errors import InvalidSettings

MODEL_MODULES = [
    "models.org",
    "models.address",
    "models.lane",
    "models.inbound",
    "models.campaign",
    "models.outgoing",
    "models.sending",
    "models.record",
    "models.retention",
    "models.evidence",
    "models.returns",
    "models.reading",
    "models.register",
    "models.ledger",
    "models.pattern",
    "models.issue",
    "models.imported",
]
BUSY_MILLISECONDS = 10_000
IDLE_IN_TRANSACTION_MILLISECONDS = 15_000
"""How long a process that stands still may keep others from rows it has locked: less than the lease of a lane."""


def sqlite_path(url: str) -> Path | None:
    """Return the file of a SQLite URL, None for another database."""
    return Path(url.removeprefix("sqlite://")) if url.startswith("sqlite:") else None


def _connection_config(url: str, pool: int) -> dict[str, Any]:
    if path := sqlite_path(url):
        credentials = {
            "file_path": str(path),
            "busy_timeout": BUSY_MILLISECONDS,
            "synchronous": "FULL",
            "secure_delete": "ON",  # what is erased is overwritten, so that a copy of the file does not hold it
        }
        return {"engine": "models.sqlite", "credentials": credentials}
    if urlsplit(url).scheme not in {"postgres", "postgresql", "asyncpg"}:
        raise InvalidSettings("DATABASE_URL must begin with sqlite:// (a file) or postgres:// (a server).")
    config: dict[str, Any] = expand_db_url(url.replace("postgresql://", "postgres://", 1))
    limits = {"idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_MILLISECONDS)}
    config["credentials"] |= {"minsize": 1, "maxsize": pool, "server_settings": limits}
    return config | {"engine": "models.postgres"}


def tortoise_config(url: str, *, pool: int = 8) -> dict[str, Any]:
    """Return the configuration of the ORM for a database URL."""
    return {
        "connections": {"default": _connection_config(url, pool)},
        "apps": {
            "models": {"models": MODEL_MODULES, "default_connection": "default", "migrations": "models.migrations"}
        },
        "use_tz": True,
        "timezone": "UTC",
    }


async def open_database(url: str, *, pool: int = 8) -> None:
    """Make the database ready for this process; connections open at the first query. Migrations are another step."""
    if path := sqlite_path(url):
        path.parent.mkdir(parents=True, exist_ok=True)
    await Tortoise.init(config=tortoise_config(url, pool=pool), _enable_global_fallback=True)


async def close_database() -> None:
    """Close every connection of this process, so that another database may be opened."""
    await Tortoise.close_connections()
    EXECUTOR_CACHE.clear()  # the ORM keeps SQL by connection name, in the dialect of the database closed here
