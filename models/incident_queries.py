"""Named queries of incidents: opened once for each sort and lane, kept up to date, closed; and who is told."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from models import sql


async def still_open() -> list[dict[str, Any]]:
    """Return the incidents that are open: id, sort, lane_id, code, opened_at, last_at."""
    return await sql.rows(
        "SELECT id, sort, lane_id, code, opened_at, last_at FROM incident WHERE closed_at IS NULL ORDER BY id"
    )


async def begin(sort: str, lane_id: int | None, code: str | None, now: datetime) -> int | None:
    """Insert an incident; return its id, None where another process opened it."""
    found: int | None = await sql.value(
        "INSERT INTO incident (sort, lane_id, code, opened_at, last_at) VALUES ($1, $2, $3, $4, $4)"
        " ON CONFLICT DO NOTHING RETURNING id",
        sort,
        lane_id,
        code,
        now,
    )
    return found


async def go_on(incident_id: int, code: str | None, now: datetime) -> None:
    """Keep that the cause is still there."""
    await sql.execute(
        "UPDATE incident SET last_at = $2, code = $3 WHERE id = $1 AND closed_at IS NULL", incident_id, now, code
    )


async def end(incident_id: int, now: datetime) -> None:
    """Close an incident."""
    await sql.execute("UPDATE incident SET closed_at = $2 WHERE id = $1 AND closed_at IS NULL", incident_id, now)


async def addresses(person_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return the verified addresses of persons that can be reached: id, person_id, channel, lang; newest first."""
    marks = ", ".join(f"${number}" for number in range(1, 1 + len(person_ids)))
    return await sql.rows(
        "SELECT a.id, a.person_id, a.channel, p.lang FROM address a JOIN person p ON p.id = a.person_id"
        f" WHERE a.person_id IN ({marks or 'NULL'}) AND a.verified_at IS NOT NULL AND a.bad_at IS NULL"
        " ORDER BY a.person_id, a.verified_at DESC, a.id DESC",
        *person_ids,
    )


async def alerts_since(person_ids: Sequence[int], since: datetime) -> dict[int, int]:
    """Return how many alerts of incidents were made for each person since a moment."""
    marks = ", ".join(f"${number}" for number in range(2, 2 + len(person_ids)))
    rows = await sql.rows(
        f"SELECT person_id, COUNT(*) AS many FROM message WHERE person_id IN ({marks or 'NULL'})"
        " AND queued_at >= $1 AND dedupe_key LIKE 'incident:%' GROUP BY person_id",
        since,
        *person_ids,
    )
    return {int(row["person_id"]): int(row["many"]) for row in rows}


async def messages_by_key(keys: Sequence[str]) -> list[dict[str, Any]]:
    """Return the messages with these dedupe keys: id, dedupe_key, state, state_at."""
    marks = ", ".join(f"${number}" for number in range(1, 1 + len(keys)))
    return await sql.rows(
        f"SELECT id, dedupe_key, state, state_at FROM message WHERE dedupe_key IN ({marks or 'NULL'})", *keys
    )


async def listed(*, closed: bool, limit: int, offset: int) -> list[dict[str, Any]]:
    """Return incidents newest first, open ones or closed ones, with their lane's name and `total` of all pages."""
    return await sql.rows(
        "SELECT i.id, i.sort, i.code, i.opened_at, i.last_at, i.closed_at, l.name AS lane, l.channel,"
        " COUNT(*) OVER () AS total FROM incident i LEFT JOIN lane l ON l.id = i.lane_id"
        f" WHERE i.closed_at IS {'NOT NULL' if closed else 'NULL'} ORDER BY i.opened_at DESC, i.id DESC"
        " LIMIT $1 OFFSET $2",
        limit,
        offset,
    )
