"""Named queries on running processes: their heartbeat by the database's own clock, who of them sends."""

from typing import Any, Final

from models import sql, wake

GONE_SECONDS: Final = 20

_NOW = {True: "now()", False: "strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')"}
_SILENT = {
    True: f"seen_at < now() - interval '{GONE_SECONDS} seconds'",
    False: f"seen_at < strftime('%Y-%m-%d %H:%M:%f+00:00', 'now', '-{GONE_SECONDS} seconds')",
}


async def beat(name: str, roles: str) -> None:
    """Say that a process runs, and forget those that are silent; one that begins tells the others."""
    now = _NOW[sql.is_postgres()]
    known: list[Any] = await sql.rows(f"UPDATE process SET seen_at = {now} WHERE name = $1 RETURNING name", name)
    if not known:
        await sql.rows(
            f"INSERT INTO process (name, roles, started_at, seen_at) VALUES ($1, $2, {now}, {now}) RETURNING name"
            + wake.and_tell("lanes"),
            name,
            roles,
        )
    await sql.execute(f"DELETE FROM process WHERE {_SILENT[sql.is_postgres()]}")


async def leave(name: str) -> None:
    """Forget a process that ends."""
    await sql.execute("DELETE FROM process WHERE name = $1", name)


async def senders() -> list[str]:
    """Return the names of the processes that send and are not silent."""
    rows = await sql.rows(
        f"SELECT name FROM process WHERE roles LIKE '%send%' AND NOT ({_SILENT[sql.is_postgres()]}) ORDER BY name"
    )
    return [str(row["name"]) for row in rows]
