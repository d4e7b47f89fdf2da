"""Named queries of asking a provider about messages whose outcome is unknown."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from models import run_queries, sql

_LAST = " AND t.id = (SELECT max(l.id) FROM attempt l WHERE l.message_id = m.id)"


async def due_addresses(
    lane_id: int, now: datetime, given_up_before: datetime, started_after: datetime, most: int
) -> list[int]:
    """Return addresses, longest waiting first, at which a message of the lane is unknown and may be asked about now."""
    found = await sql.rows(
        "SELECT m.address_id, min(t.id) AS oldest FROM message m JOIN attempt t ON t.message_id = m.id"
        " WHERE m.state = 'unknown' AND t.lane_id = $1 AND t.outcome = 'unknown' AND t.provider_id IS NULL"
        " AND t.started_at > $4 AND (t.ask_at <= $2 OR (t.ask_at IS NULL AND t.finished_at <= $3))"
        f"{_LAST} GROUP BY m.address_id ORDER BY 2 LIMIT {int(most)}",
        lane_id,
        now,
        given_up_before,
        started_after,
    )
    return [int(row["address_id"]) for row in found]


async def open_tries(address_id: int) -> list[dict[str, Any]]:
    """Return the last tries to an address of which nobody knows yet what became of them, also those on their way."""
    return await sql.rows(
        "SELECT t.id, t.token, t.message_id, t.started_at, t.finished_at, t.asks, t.ask_at, t.absent_at, t.code,"
        " m.state, m.tries, m.body, a.identity, r.text AS run_text"
        " FROM message m JOIN attempt t ON t.message_id = m.id JOIN address a ON a.id = m.address_id"
        " LEFT JOIN run_text r ON r.run_id = m.run_id AND r.lang = m.lang"
        " WHERE m.address_id = $1 AND m.state IN ('sending', 'unknown') AND t.provider_id IS NULL"
        f" AND (t.outcome IS NULL OR t.outcome = 'unknown'){_LAST} ORDER BY t.id",
        address_id,
    )


async def claimed(provider_ids: Sequence[str]) -> set[str]:
    """Return those of the provider's ids that a try of ours has already."""
    if not provider_ids:
        return set()
    marks = ", ".join(f"${number}" for number in range(1, 1 + len(provider_ids)))
    found = await sql.rows(f"SELECT provider_id FROM attempt WHERE provider_id IN ({marks})", *provider_ids)
    return {row["provider_id"] for row in found}


async def put_off(attempt_id: int, ask_at: datetime, absent_at: datetime | None) -> None:
    """Count an asking, and keep when the next one may be and since when the try is known to be absent."""
    await sql.execute(
        "UPDATE attempt SET asks = asks + 1, ask_at = $2, absent_at = $3 WHERE id = $1", attempt_id, ask_at, absent_at
    )


async def send_again(attempt_id: int, now: datetime) -> bool:
    """Move an unknown message back to the queue, and its run to sending; False where something settled it meanwhile.

    Also False while its campaign is paused or cancelled and its run is over. Call it inside a transaction.
    """
    found = await sql.row(
        "SELECT m.id, m.run_id FROM attempt t JOIN message m ON m.id = t.message_id"
        " WHERE t.id = $1 AND t.provider_id IS NULL AND m.state = 'unknown'",
        attempt_id,
    )
    if found is None or (found["run_id"] is not None and not await run_queries.reopen(found["run_id"], now)):
        return False
    moved = await sql.execute(
        "UPDATE message SET state = 'queued', state_at = $3, not_before = NULL, reason = NULL WHERE id = $1"
        " AND state = 'unknown' AND EXISTS (SELECT 1 FROM attempt WHERE id = $2 AND provider_id IS NULL)",
        found["id"],
        attempt_id,
        now,
    )
    return moved > 0
