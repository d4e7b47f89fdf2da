"""Named queries on addresses and consent."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from models import sql
from models.fields import new_public_id


async def find(channel: str, identity_hash: str) -> int | None:
    """Return the id of the address with this hash."""
    found: int | None = await sql.value(
        "SELECT id FROM address WHERE channel = $1 AND identity_hash = $2", channel, identity_hash
    )
    return found


async def create(
    channel: str, identity: bytes, identity_hash: str, route: str | None, lang: str | None, now: datetime
) -> int:
    """Insert an address and return its id; of two at once both get the same."""
    await sql.rows(
        "INSERT INTO address (public_id, channel, identity, identity_hash, route, lang, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (channel, identity_hash) DO NOTHING RETURNING id",
        new_public_id(),
        channel,
        identity,
        identity_hash,
        route,
        lang,
        now,
    )
    found = await find(channel, identity_hash)
    if found is None:  # pragma: no cover - the row was inserted or was there
        raise LookupError("the address just written is not there")
    return found


async def mark_bad(address_id: int, code: str, now: datetime) -> None:
    """Note the provider's refusal."""
    await sql.execute("UPDATE address SET bad_at = $2, bad_code = $3 WHERE id = $1", address_id, now, code)


async def heard_from(address_id: int, lane_id: int) -> None:
    """Take the provider's refusal back, and note the lane that the address wrote to."""
    await sql.execute(
        "UPDATE address SET bad_at = NULL, bad_code = NULL, home_lane_id = $2 WHERE id = $1"
        " AND (bad_at IS NOT NULL OR home_lane_id IS NULL OR home_lane_id <> $2)",
        address_id,
        lane_id,
    )


async def unrouted(most: int) -> list[dict[str, Any]]:
    """Return id and identity of numbers whose route is not written."""
    return await sql.rows(
        "SELECT id, identity FROM address WHERE route IS NULL AND channel = 'sms' ORDER BY id LIMIT " + str(int(most))
    )


async def set_routes(routes: Sequence[tuple[int, str]]) -> None:
    """Write routes. `routes` holds (address id, route)."""
    if routes:
        await sql.execute_many("UPDATE address SET route = $2 WHERE id = $1 AND route IS NULL", routes)


async def set_consent(address_id: int, category: str, given: bool, source: str, now: datetime) -> None:
    """Write what an address said about a category; the last word counts."""
    await sql.rows(
        "INSERT INTO consent (address_id, category, given, source, at) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (address_id, category) DO UPDATE SET given = excluded.given, source = excluded.source,"
        " at = excluded.at RETURNING id",
        address_id,
        category,
        given,
        source,
        now,
    )


async def consent_given(address_id: int, category: str) -> bool | None:
    """Return what an address said about a category, None where nothing was said."""
    found: Any = await sql.value(
        "SELECT given FROM consent WHERE address_id = $1 AND category = $2", address_id, category
    )
    return None if found is None else bool(found)
