"""Named queries on lanes: the first ones, their lease by the database's own clock, what the provider asked for."""

from datetime import datetime
from typing import Any

from models import sql

LEASE_SECONDS = 30

_NOW = {True: "now()", False: "strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')"}
_UNTIL = {
    True: f"now() + interval '{LEASE_SECONDS} seconds'",
    False: f"strftime('%Y-%m-%d %H:%M:%f+00:00', 'now', '+{LEASE_SECONDS} seconds')",
}


async def ensure(name: str, channel: str, sender: str, rate: float) -> int:
    """Insert the lane, or bring its sender and rate up to date; return its id."""
    found: int = await sql.value(
        "INSERT INTO lane (name, channel, sender, rate) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (name) DO UPDATE SET channel = excluded.channel, sender = excluded.sender, rate = excluded.rate"
        " RETURNING id",
        name,
        channel,
        sender,
        rate,
    )
    return found


async def take(lane_id: int, owner: str, *, alone: bool) -> dict[str, Any] | None:
    """Make `owner` the owner under a new epoch where nobody else holds the lane (or always, when `alone`).

    Return its epoch and held_until, or None where another one holds it.
    """
    return await sql.row(
        "UPDATE lane SET owner = $2, epoch = epoch + 1, lease_until = " + _UNTIL[sql.is_postgres()] + " WHERE id = $1"
        " AND enabled"
        + (
            ""
            if alone
            else f" AND (owner IS NULL OR owner = $2 OR lease_until IS NULL OR lease_until < {_NOW[sql.is_postgres()]})"
        )
        + " RETURNING epoch, held_until",
        lane_id,
        owner,
    )


async def renew(lane_id: int, epoch: int) -> bool:
    """Prolong the lease; False where another epoch began or the lane was switched off."""
    renewed = await sql.rows(
        "UPDATE lane SET lease_until = "
        + _UNTIL[sql.is_postgres()]
        + " WHERE id = $1 AND epoch = $2 AND enabled RETURNING id",
        lane_id,
        epoch,
    )
    return bool(renewed)


async def release(lane_id: int, epoch: int) -> None:
    """Give the lane up, so that the next owner need not wait for the lease's end."""
    await sql.execute("UPDATE lane SET owner = NULL, lease_until = NULL WHERE id = $1 AND epoch = $2", lane_id, epoch)


async def note_trouble(lane_id: int, code: str, at: datetime, held_until: datetime | None) -> None:
    """Keep what went wrong last, and until when the provider asked to wait."""
    await sql.execute(
        "UPDATE lane SET last_error = $2, last_error_at = $3, held_until = COALESCE($4::timestamptz, held_until)"
        " WHERE id = $1",
        lane_id,
        code,
        at,
        held_until,
    )
