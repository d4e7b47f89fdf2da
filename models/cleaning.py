"""Making sure that what was erased is gone from the files of the database too, as far as the database can do it.

SQLite overwrites erased rows in its file (`secure_delete`), but its write-ahead log keeps what was written until it is
folded in; PostgreSQL keeps dead rows until they are vacuumed. What backups hold, no database can erase.
"""

import structlog
from tortoise.exceptions import OperationalError

from models import sql

log = structlog.get_logger()


async def drop_old_pages() -> None:
    """Fold SQLite's log into the file and empty it, or vacuum what holds keys; what others keep busy is left for later.

    Outside of transactions only.
    """
    statements = _POSTGRES if sql.is_postgres() else ("PRAGMA wal_checkpoint(TRUNCATE)",)
    for statement in statements:
        try:
            await sql.rows(statement)
        except OperationalError as error:
            log.info("cleaning.put_off", error=type(error).__name__)


_POSTGRES = ("VACUUM key_group", "VACUUM account", "VACUUM console_session", "VACUUM group_member")


async def clean_everything() -> None:
    """Rewrite the whole database, so that nothing erased is left in its files. Takes as long as a copy of it."""
    if sql.is_postgres():
        await sql.rows("VACUUM FULL")
        return
    await sql.rows("VACUUM")
    await sql.rows("PRAGMA wal_checkpoint(TRUNCATE)")
