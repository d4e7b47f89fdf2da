"""Named queries on lanes: their rows, their lease by the database's own clock, what they used today, the switch."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from models import sql, wake

LEASE_SECONDS = 30
STOPPED: Final = "sending_stopped"

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


async def insert(values: Sequence[Any], *, enabled: bool) -> int | None:
    """Insert a lane: name, channel, sender, credentials, rate, prefix, weight, cap_day. Return its id.

    None where a lane has this name.
    """
    found: int | None = await sql.value(
        "INSERT INTO lane (name, channel, sender, credentials, rate, prefix, weight, cap_day, enabled)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (name) DO NOTHING RETURNING id",
        *values,
        enabled,
    )
    return found


async def one(lane_id: int) -> dict[str, Any] | None:
    """Return channel, rate and credentials of a lane."""
    return await sql.row("SELECT channel, rate, credentials FROM lane WHERE id = $1", lane_id)


async def one_locked(lane_id: int) -> dict[str, Any] | None:
    """Return the same, and keep others from changing the lane until the transaction ends."""
    lock = " FOR UPDATE" if sql.is_postgres() else ""
    return await sql.row(f"SELECT channel, rate, credentials FROM lane WHERE id = $1{lock}", lane_id)


async def credentials_of(channel: str, *, but: int | None = None) -> list[bytes]:
    """Return the encrypted credentials of a channel's lanes that have their own, without those of one lane."""
    found = await sql.rows(
        "SELECT credentials FROM lane WHERE channel = $1 AND credentials IS NOT NULL AND id <> $2 ORDER BY id",
        channel,
        but or 0,
    )
    return [bytes(row["credentials"]) for row in found]


async def replace_credentials(lane_id: int, credentials: bytes) -> None:
    """Replace the encrypted credentials of a lane, and end the pause that the old ones led to."""
    await sql.execute("UPDATE lane SET credentials = $2, held_until = NULL WHERE id = $1", lane_id, credentials)


async def change(lane_id: int, values: Sequence[Any], *, enabled: bool) -> None:
    """Set rate, prefix, weight and cap_day of a lane, and whether it is on."""
    await sql.execute(
        "UPDATE lane SET rate = $2, prefix = $3, weight = $4, cap_day = $5, enabled = $6 WHERE id = $1",
        lane_id,
        *values,
        enabled,
    )


async def note_act(person_id: int, act: str, lane_id: int | None, at: datetime) -> None:
    """Keep what somebody did by hand."""
    await sql.execute(
        "INSERT INTO sending_act (person_id, act, lane_id, at) VALUES ($1, $2, $3, $4)", person_id, act, lane_id, at
    )


async def every(day: date) -> list[dict[str, Any]]:
    """Return all lanes with whether their lease is alive, what they `used` on a day, and whether all is `stopped`."""
    return await sql.rows(
        "SELECT l.id, l.name, l.channel, l.sender, l.credentials, l.rate, l.prefix, l.weight, l.cap_day, l.enabled,"
        " l.owner, l.held_until, l.last_error_at, COALESCE(d.used, 0) AS used,"
        f" COALESCE(l.owner IS NOT NULL AND l.lease_until > {_NOW[sql.is_postgres()]}, FALSE) AS alive,"
        f" EXISTS (SELECT 1 FROM service_stamp s WHERE s.name = '{STOPPED}') AS stopped"
        " FROM lane l LEFT JOIN lane_day d ON d.lane_id = l.id AND d.day = $1 ORDER BY l.id",
        day,
    )


async def spend(lane_id: int, day: date, units: int) -> None:
    """Count units against a day of a lane; fewer than nothing are given back."""
    await sql.execute(
        "INSERT INTO lane_day (lane_id, day, used) VALUES ($1, $2, $3) ON CONFLICT (lane_id, day) DO UPDATE"
        " SET used = CASE WHEN lane_day.used + $4::int > 0 THEN lane_day.used + $4::int ELSE 0 END",
        lane_id,
        day,
        max(units, 0),
        units,
    )


async def stop(value: str) -> bool:
    """Set the switch that stops all sending; False where it is set."""
    told = await sql.rows(
        "INSERT INTO service_stamp (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING RETURNING name",
        STOPPED,
        value,
    )
    return bool(told)


async def resume() -> bool:
    """Take the switch back; False where it was not set."""
    return bool(await sql.rows("DELETE FROM service_stamp WHERE name = $1 RETURNING name", STOPPED))


async def is_stopped() -> bool:
    """Say whether the switch is set."""
    return await sql.row("SELECT name FROM service_stamp WHERE name = $1", STOPPED) is not None


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
    """Prolong the lease; False where another epoch began. Also of a lane switched off: it finishes what it sends."""
    renewed = await sql.rows(
        "UPDATE lane SET lease_until = " + _UNTIL[sql.is_postgres()] + " WHERE id = $1 AND epoch = $2 RETURNING id",
        lane_id,
        epoch,
    )
    return bool(renewed)


async def release(lane_id: int, epoch: int) -> None:
    """Give the lane up and tell everybody, so that the next owner need not wait for the lease's end."""
    await sql.rows(
        "UPDATE lane SET owner = NULL, lease_until = NULL WHERE id = $1 AND epoch = $2 RETURNING id"
        + wake.and_tell("lanes"),
        lane_id,
        epoch,
    )


async def note_trouble(
    lane_id: int, credentials: bytes | None, code: str, at: datetime, held_until: datetime | None
) -> None:
    """Keep what went wrong last, and until when the provider asked to wait.

    Nothing is kept where the lane has other credentials meanwhile: they are not to wait for the trouble of the old.
    """
    await sql.execute(
        "UPDATE lane SET last_error = $2, last_error_at = $3, held_until = COALESCE($4::timestamptz, held_until)"
        " WHERE id = $1 AND (credentials = $5::bytea OR (credentials IS NULL AND $5::bytea IS NULL))",
        lane_id,
        code,
        at,
        held_until,
        credentials,
    )
