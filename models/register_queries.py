"""Named queries about what registers keep beside their records."""

from collections.abc import Collection
from datetime import date, datetime

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


async def rate_on(currency: str, day: str) -> tuple[str, date] | None:
    """Return (rate, day) of a currency on a day, else of the last day before it that has one; None for none."""
    row = await sql.row(
        "SELECT rate, day FROM exchange_rate WHERE currency = $1 AND day <= $2 ORDER BY day DESC LIMIT 1",
        currency,
        date.fromisoformat(day),
    )
    return None if row is None else (str(row["rate"]), _as_day(row["day"]))


async def rates_of(wanted: Collection[tuple[str, date]]) -> dict[tuple[str, date], tuple[str, str]]:
    """Return (rate, source) by currency and day, of those wanted that there are."""
    if not wanted:
        return {}
    days = [day for _, day in wanted]
    rows = await sql.rows(
        "SELECT currency, day, rate, source FROM exchange_rate WHERE day BETWEEN $1 AND $2", min(days), max(days)
    )
    known = {(str(row["currency"]), _as_day(row["day"])): (str(row["rate"]), str(row["source"])) for row in rows}
    return {key: value for key, value in known.items() if key in wanted}


async def put_rate(day: date, currency: str, rate: str, source: str, person_id: int, at: datetime) -> None:
    """Keep a rate in the place of the one of that day and currency."""
    await sql.execute(
        "INSERT INTO exchange_rate (day, currency, rate, source, by_id, at) VALUES ($1, $2, $3, $4, $5, $6) "
        "ON CONFLICT (currency, day) DO UPDATE SET rate = excluded.rate, source = excluded.source, "
        "by_id = excluded.by_id, at = excluded.at",
        day,
        currency,
        rate,
        source,
        person_id,
        at,
    )


def _as_day(stored: date | str) -> date:
    return date.fromisoformat(stored) if isinstance(stored, str) else stored
