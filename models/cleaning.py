"""Making sure that what was erased is gone from the files of the database too, as far as the database can do it.

SQLite overwrites erased rows in its file (`secure_delete`), but its write-ahead log keeps what was written until it is
folded in; PostgreSQL keeps dead rows until they are vacuumed. What backups hold, no database can erase.
"""

from typing import Final

import structlog
from tortoise.exceptions import OperationalError

from models import sql

_HOLD_KEYS: Final = ("key_group", "account", "console_session", "group_member")

log = structlog.get_logger()


async def fold_log() -> None:
    """Fold SQLite's log into the file and empty it; where others keep it busy, later. PostgreSQL does so by itself."""
    if not sql.is_postgres():
        await _tried("PRAGMA wal_checkpoint(TRUNCATE)")


async def drop_old_keys() -> None:
    """Leave no old version of what holds keys in the files. Outside of transactions only."""
    await fold_log()
    for table in _HOLD_KEYS if sql.is_postgres() else ():
        await _tried(f"VACUUM {table}")


async def _tried(statement: str) -> None:
    try:
        await sql.rows(statement)
    except OperationalError as error:
        log.info("cleaning.put_off", error=type(error).__name__)


async def clean_everything() -> None:
    """Rewrite the whole database, so that nothing erased is left in its files. Takes as long as a copy of it."""
    if sql.is_postgres():
        await sql.rows("VACUUM FULL")
        return
    await sql.rows("VACUUM")
    await fold_log()
