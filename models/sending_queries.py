"""Named queries about sending as it stands: what waits, what lanes did lately, what came back, who runs.

All stay cheap however many messages there are: they read partial indexes and the newest attempts, never whole tables.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from models import sql
from models.process_queries import GONE_SECONDS

NEWEST: Final = 5000
"""How many of the newest attempts are looked at."""

MINUTE: Final = timedelta(minutes=1)
_SINCE_SEEN: Final = {
    True: "EXTRACT(EPOCH FROM now() - seen_at)",
    False: "(julianday('now') - julianday(seen_at)) * 86400",
}
_LEASE_LEFT: Final = {
    True: "EXTRACT(EPOCH FROM l.lease_until - now())",
    False: "(julianday(l.lease_until) - julianday('now')) * 86400",
}
_DUE: Final = "m.state = 'queued' AND m.channel = $1 AND (m.not_before IS NULL OR m.not_before <= $2)"
_NO_BULK: Final = " AND m.category NOT IN ('education', 'survey', 'family')"


async def queued() -> list[dict[str, Any]]:
    """Return for each channel how many messages are queued (`many`) and since when the oldest is (`oldest_at`)."""
    return await sql.rows(
        "SELECT q.channel, q.many, m.queued_at AS oldest_at FROM (SELECT channel, COUNT(*) AS many, MIN(id) AS oldest"
        " FROM message WHERE state = 'queued' GROUP BY channel) q JOIN message m ON m.id = q.oldest ORDER BY q.channel"
    )


async def unsettled() -> list[dict[str, Any]]:
    """Return how many messages of each channel are `sending` and `unknown`: channel, state, many."""
    counts = (
        f"SELECT channel, '{state}' AS state, COUNT(*) AS many FROM message WHERE state = '{state}' GROUP BY channel"
        for state in ("sending", "unknown")
    )
    return await sql.rows(" UNION ALL ".join(counts))


async def unknown_for_good(before: datetime) -> dict[str, Any]:
    """Return how many unknown messages nothing will settle (`many`), and since when the first is (`first_at`).

    Those are what went by chat, and what is unknown since before a moment.
    """
    found = await sql.row(
        "SELECT COUNT(*) AS many, MIN(state_at) AS first_at FROM message"
        " WHERE state = 'unknown' AND (channel = 'telegram' OR state_at <= $1)",
        before,
    )
    return found or {}


async def oldest_due(channel: str, now: datetime, *, quiet: bool) -> list[dict[str, Any]]:
    """Return the oldest due message of each run that is being sent and of all others: run_id, state_at, not_before.

    In quiet hours bulk is not due; what belongs to a paused run never is.
    """
    due = _DUE + (_NO_BULK if quiet else "")
    of_run = f"SELECT m.id FROM message m WHERE {due} AND m.run_id = r.id ORDER BY m.priority, m.id LIMIT 1"
    return await sql.rows(
        "SELECT o.run_id, o.state_at, o.not_before FROM message o JOIN"
        f" (SELECT MIN(m.id) AS id FROM message m WHERE {due} AND m.run_id IS NULL"
        f" UNION ALL SELECT ({of_run}) FROM run r WHERE r.state = 'sending') f ON f.id = o.id",
        channel,
        now,
    )


async def lanes(today: date) -> list[dict[str, Any]]:
    """Return every lane with what it used `today` (`used`) and the seconds left of its lease (`lease_left`)."""
    return await sql.rows(
        "SELECT l.id, l.name, l.channel, l.sender, l.rate, l.prefix, l.weight, l.cap_day, l.enabled, l.owner,"
        " l.held_until, l.last_error, l.last_error_at, l.credentials IS NOT NULL AS has_credentials,"
        f" {_LEASE_LEFT[sql.is_postgres()]} AS lease_left, COALESCE(d.used, 0) AS used"
        " FROM lane l LEFT JOIN lane_day d ON d.lane_id = l.id AND d.day = $1 ORDER BY l.channel, l.name",
        today,
    )


async def lately(now: datetime) -> list[dict[str, Any]]:
    """Return what each lane did in the newest attempts: lane_id, accepted_at, trouble_at, rate.

    That is the last acceptance, the first trouble after it, and the units a second that it began in the last minute, or
    since the oldest of the newest attempts where that is less.
    """
    rows = await sql.rows(
        "WITH newest AS (SELECT id, lane_id, message_id, started_at, finished_at, outcome, COALESCE(code, '') AS code"
        f" FROM attempt ORDER BY id DESC LIMIT {NEWEST}),"
        " good AS (SELECT lane_id, MAX(id) AS id FROM newest WHERE outcome = 'accepted' GROUP BY lane_id)"
        " SELECT n.lane_id,"
        " SUM(CASE WHEN n.started_at > $1 AND n.code <> 'not_tried' THEN COALESCE(m.segments, 1) ELSE 0 END) AS units,"
        " MAX(CASE WHEN n.outcome = 'accepted' THEN n.finished_at END) AS accepted_at,"
        " MIN(CASE WHEN n.id > COALESCE(g.id, 0) AND n.outcome IN ('not_sent', 'throttled', 'unknown')"
        " AND n.code <> 'not_tried' THEN n.started_at END) AS trouble_at,"
        " (SELECT MIN(started_at) FROM newest) AS window_at, (SELECT COUNT(*) FROM newest) AS window_many"
        " FROM newest n JOIN message m ON m.id = n.message_id LEFT JOIN good g ON g.lane_id = n.lane_id"
        " GROUP BY n.lane_id",
        now - MINUTE,
    )
    return [row | {"rate": float(row["units"]) / _span(row, now)} for row in rows]


def _span(row: dict[str, Any], now: datetime) -> float:
    """Return the seconds that the newest attempts cover, a minute at most."""
    began, minute = sql.as_time(row["window_at"]), MINUTE.total_seconds()
    if row["window_many"] < NEWEST or began is None:
        return minute
    return min(minute, max(1.0, (now - began).total_seconds()))


async def last_receipt_at() -> datetime | None:
    """Return when the last receipt came, None where none ever did."""
    return sql.as_time(await sql.value("SELECT received_at FROM receipt ORDER BY id DESC LIMIT 1"))


async def accepted_without_receipt() -> datetime | None:
    """Return when the first SMS was accepted after those that the last receipts are about; None where none was."""
    found = await sql.value(
        "SELECT t.finished_at FROM (SELECT * FROM attempt WHERE id >"
        " (SELECT COALESCE(MAX(attempt_id), 0) FROM (SELECT attempt_id FROM receipt ORDER BY id DESC LIMIT 100) r)"
        f" ORDER BY id LIMIT {NEWEST}) t JOIN lane l ON l.id = t.lane_id"
        " WHERE l.channel = 'sms' AND t.outcome = 'accepted' ORDER BY t.id LIMIT 1"
    )
    return sql.as_time(found)


async def inbound_waiting() -> dict[str, Any]:
    """Return how many messages that came in wait to be handled (`many`), and since when the first does (`first_at`)."""
    found = await sql.row("SELECT COUNT(*) AS many, MIN(received_at) AS first_at FROM inbound WHERE state = 'new'")
    return found or {}


async def processes() -> list[dict[str, Any]]:
    """Return the processes that run: name, roles, started_at, and for how many seconds each is `silent`."""
    silent = _SINCE_SEEN[sql.is_postgres()]
    return await sql.rows(
        f"SELECT name, roles, started_at, {silent} AS silent FROM process WHERE {silent} < {GONE_SECONDS}"
        " ORDER BY started_at, name"
    )


async def last_act(acts: Sequence[str]) -> dict[str, Any] | None:
    """Return the last of some acts on sending with who did it: act, at, person_id, name, name_en."""
    marks = ", ".join(f"${number}" for number in range(1, 1 + len(acts)))
    return await sql.row(
        "SELECT a.act, a.at, a.person_id, p.name, p.name_en FROM sending_act a JOIN person p ON p.id = a.person_id"
        f" WHERE a.act IN ({marks}) ORDER BY a.id DESC LIMIT 1",
        *acts,
    )
