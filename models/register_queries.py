"""Named queries about what registers keep beside their records."""

from datetime import datetime

from models import sql


async def of_year(kind: str, year: int, day_field: str, amount_field: str) -> tuple[int, int]:
    """Return how many records of a kind have a day of a year in a field, and the sum of an amount in minor units."""
    row = await sql.row(
        "SELECT COUNT(*) AS n, COALESCE(SUM((facts::json ->> $4::text)::bigint), 0) AS amount FROM record "
        "WHERE kind = $1 AND facts::json ->> $3::text LIKE $2::text",
        kind,
        f"{year:04}-%",
        day_field,
        amount_field,
    )
    assert row is not None
    return int(row["n"]), int(row["amount"])


async def has_value(kind: str, record_id: int, field: str, value: str) -> bool:
    """Return whether another record of a kind has a value in a clear field."""
    query = "SELECT 1 AS found FROM record WHERE kind = $1 AND id <> $2 AND facts::json ->> $3::text = $4::text LIMIT 1"
    return await sql.row(query, kind, record_id, field, value) is not None


async def exports_over(now: datetime) -> list[str]:
    """Return the public ids of the lists that were approved and whose time is over."""
    rows = await sql.rows("SELECT public_id FROM giver_export WHERE state = 'approved' AND open_until <= $1", now)
    return [str(row["public_id"]) for row in rows]
