"""Named queries of the inbox: stored once for ever, handed out in order per address."""

from datetime import datetime
from typing import Any

from models import sql, wake

_INSERT = (
    "INSERT INTO inbound (lane_id, provider_id, channel, address_id, kind, body, press_id, about_provider_id,"
    " received_at, state, tries, intent, urgent, for_person, carried, chat_message_id)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'new', 0, $10, FALSE, FALSE, $11, $12)"
    " ON CONFLICT (lane_id, provider_id) DO NOTHING RETURNING id"
)

_NEXT = (
    "SELECT i.id, i.lane_id, i.channel, i.address_id, i.kind, i.body, i.press_id, i.about_provider_id, i.received_at,"
    " i.tries, i.intent, i.carried, a.person_id, a.lang, a.verified_at"
    " FROM inbound i JOIN address a ON a.id = i.address_id"
    " WHERE i.state = 'new' AND (i.not_before IS NULL OR i.not_before <= $1) AND NOT EXISTS (SELECT 1 FROM inbound e"
    " WHERE e.address_id = i.address_id AND e.state = 'new' AND e.id < i.id) ORDER BY i.id LIMIT "
)


async def insert(
    lane_id: int,
    provider_id: str,
    channel: str,
    address_id: int,
    kind: str,
    body: bytes | None,
    press_id: str | None,
    about_provider_id: str | None,
    now: datetime,
    intent: str | None,
    carried: bytes | None = None,
    chat_message_id: str | None = None,
) -> bool:
    """Store what came in and wake the processes that answer; False where the provider delivered it before."""
    return bool(
        await sql.rows(
            _INSERT + wake.and_tell("inbound"),
            lane_id,
            provider_id,
            channel,
            address_id,
            kind,
            body,
            press_id,
            about_provider_id,
            now,
            intent,
            carried,
            chat_message_id,
        )
    )


async def next_rows(now: datetime, most: int) -> list[dict[str, Any]]:
    """Return the oldest new row of each address, those first that came first."""
    return await sql.rows(_NEXT + str(int(most)), now)


async def take(row_id: int, now: datetime) -> bool:
    """Mark a row handled by compare-and-set; False where another one did."""
    taken = await sql.rows(
        "UPDATE inbound SET state = 'handled', handled_at = $2 WHERE id = $1 AND state = 'new' RETURNING id",
        row_id,
        now,
    )
    return bool(taken)


async def put_back(row_id: int, not_before: datetime, most_tries: int) -> str:
    """Count a failed try; return the row's state: 'new', or 'set_aside' after so many tries."""
    return str(
        await sql.value(
            "UPDATE inbound SET tries = tries + 1, not_before = $2,"
            " state = CASE WHEN tries + 1 >= $3 THEN 'set_aside' ELSE state END,"
            " for_person = (for_person OR tries + 1 >= $3) WHERE id = $1 AND state = 'new' RETURNING state",
            row_id,
            not_before,
            most_tries,
        )
    )


async def note(row_id: int, intent: str | None, *, urgent: bool, for_person: bool, till_read: bool) -> None:
    """Keep what a row was recognised as, whether a person must read it, and whether its body goes then."""
    await sql.execute(
        "UPDATE inbound SET intent = COALESCE($2, intent), urgent = $3, for_person = $4, till_read = $5 WHERE id = $1",
        row_id,
        intent,
        urgent,
        for_person,
        till_read,
    )


async def mark_read(address_id: int, last: int, now: datetime) -> None:
    """Note that a person has read the rows of an address up to one; erase the bodies that are kept only till then."""
    await sql.execute(
        "UPDATE inbound SET read_at = $3, body = CASE WHEN till_read THEN NULL ELSE body END"
        " WHERE address_id = $1 AND id <= $2 AND for_person AND read_at IS NULL",
        address_id,
        last,
        now,
    )


async def scrub(row_id: int) -> None:
    """Drop the body, and what came with it, for ever; the id stays."""
    await sql.execute("UPDATE inbound SET body = NULL, carried = NULL WHERE id = $1", row_id)
