"""Keeping a result: one UPDATE and its commit, by a connection that each worker keeps open."""

import os
import sqlite3
import threading
from datetime import UTC, datetime
from typing import Any

import psycopg

URL = os.environ["BASELINE_DATABASE_URL"]
_UPDATE = "UPDATE message SET state = 'accepted', state_at = ?, accepted_at = ?, provider_id = ? WHERE id = ?"
_own = threading.local()


def _connect() -> Any:
    """Open a connection; every commit goes to the disk."""
    if not URL.startswith("sqlite"):
        return psycopg.connect(URL, autocommit=True)
    connection = sqlite3.connect(URL.removeprefix("sqlite://"), isolation_level=None, timeout=30)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def keep(message_id: int, provider_id: str) -> None:
    """Write that the provider has a message."""
    if not hasattr(_own, "connection"):
        _own.connection = _connect()
    now = datetime.now(UTC)
    moment, statement = (now.isoformat(), _UPDATE) if URL.startswith("sqlite") else (now, _UPDATE.replace("?", "%s"))
    _own.connection.execute(statement, (moment, moment, provider_id, message_id))
