"""Named queries of sending unknown messages again by hand: which there are, what was tried, and the move itself."""

from datetime import datetime
from typing import Any, Final

from models import sql

_EXPIRED: Final = "(m.expires_at IS NOT NULL AND m.expires_at <= $1 OR m.fleeting AND m.body IS NULL)"
"""Too late to be sent again: its time is over, or its text was erased because nobody may keep it for long."""


async def groups(now: datetime) -> list[dict[str, Any]]:
    """Return the runs that have unknown messages, those of no run as one group whose run_id is NULL; oldest first.

    Each with run, campaign and title, due_at, run_state, campaign_state, many, expired (too late to send), first_at.
    """
    return await sql.rows(
        "SELECT u.run_id, r.public_id AS run, r.due_at, r.state AS run_state, c.public_id AS campaign, c.title,"
        " c.state AS campaign_state, u.many, u.expired, u.first_at FROM (SELECT m.run_id, COUNT(*) AS many,"
        f" COUNT(CASE WHEN {_EXPIRED} THEN 1 END) AS expired, MIN(m.state_at) AS first_at"
        " FROM message m WHERE m.state = 'unknown' GROUP BY m.run_id) u"
        " LEFT JOIN run r ON r.id = u.run_id LEFT JOIN campaign c ON c.id = r.campaign_id ORDER BY u.first_at",
        now,
    )


async def listed(run_id: int | None, limit: int, offset: int) -> list[dict[str, Any]]:
    """Return the unknown messages of a run, or of none, oldest first, with their last try and `total` of all pages."""
    within = "m.run_id IS NULL" if run_id is None else "m.run_id = $3"
    return await sql.rows(
        "SELECT m.id, m.channel, m.category, m.state_at, m.tries, m.expires_at, m.possible_duplicate, p.staff_no,"
        " a.identity, t.started_at, t.code, t.asks, t.ask_at, l.name AS lane, COUNT(*) OVER () AS total"
        " FROM message m LEFT JOIN person p ON p.id = m.person_id LEFT JOIN address a ON a.id = m.address_id"
        " LEFT JOIN attempt t ON t.id = (SELECT MAX(x.id) FROM attempt x WHERE x.message_id = m.id)"
        " LEFT JOIN lane l ON l.id = t.lane_id"
        f" WHERE m.state = 'unknown' AND {within} ORDER BY m.id LIMIT $1 OFFSET $2",
        limit,
        offset,
        *([] if run_id is None else [run_id]),
    )


async def one(message_id: int) -> dict[str, Any] | None:
    """Return state, run_id, run_state and expires_at of a message."""
    return await sql.row(
        "SELECT m.state, m.run_id, m.expires_at, r.state AS run_state FROM message m"
        " LEFT JOIN run r ON r.id = m.run_id WHERE m.id = $1",
        message_id,
    )


async def state_of_run(run_id: int) -> str | None:
    """Return the state of a run."""
    found: str | None = await sql.value("SELECT state FROM run WHERE id = $1", run_id)
    return found


async def send_again(run_id: int | None, message_id: int | None, person_id: int, now: datetime) -> int:
    """Move unknown messages that are not too late back to the queue, marked as possible duplicates; return how many.

    One message, or all of a run, or all of none. Who did it is kept for each. Call it inside a transaction.
    """
    chosen, value = _chosen(run_id, message_id)
    moved = await sql.rows(
        "UPDATE message SET state = 'queued', state_at = $1, not_before = NULL, reason = NULL,"
        f" possible_duplicate = TRUE WHERE state = 'unknown' AND (expires_at IS NULL OR expires_at > $1)"
        f" AND NOT (fleeting AND body IS NULL) AND {chosen}"
        " RETURNING id",
        now,
        *value,
    )
    if moved:
        ids = ", ".join(str(int(row["id"])) for row in moved)
        await sql.execute(
            "INSERT INTO sending_act (person_id, act, message_id, at) SELECT $1::bigint, 'resend', m.id,"
            f" $2::timestamptz FROM message m WHERE m.id IN ({ids})",
            person_id,
            now,
        )
    return len(moved)


def _chosen(run_id: int | None, message_id: int | None) -> tuple[str, list[int]]:
    if message_id is not None:
        return "id = $2", [message_id]
    return ("run_id IS NULL", []) if run_id is None else ("run_id = $2", [run_id])
