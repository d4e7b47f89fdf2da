"""Named queries of the console: what waits, pages of persons, accounts, messages and of what people must read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from models import sql

_RUNNING: Final = "('due', 'filling', 'sending', 'paused', 'missed')"


async def campaigns_waiting(person_id: int) -> dict[str, int]:
    """Count campaigns: `to_approve` by this person (written by another), and his own `drafts` and `submitted`."""
    row = await sql.row(
        "SELECT COUNT(CASE WHEN state = 'submitted' AND author_id <> $1 THEN 1 END) AS to_approve,"
        " COUNT(CASE WHEN state = 'draft' AND author_id = $1 THEN 1 END) AS drafts,"
        " COUNT(CASE WHEN state = 'submitted' AND author_id = $1 THEN 1 END) AS submitted FROM campaign",
        person_id,
    )
    return {name: int(many) for name, many in (row or {}).items()}


async def campaigns(states: Sequence[str], limit: int, offset: int) -> list[dict[str, Any]]:
    """Return campaigns of the states, newest first, with their author's name, next moment and `total` of all pages."""
    marks = ", ".join(f"${number}" for number in range(3, 3 + len(states)))
    return await sql.rows(
        "SELECT c.public_id, c.title, c.state, c.category, c.ack, c.updated_at, p.name, p.name_en,"
        " COUNT(*) OVER () AS total,"
        " (SELECT MAX(s.next_due_at) FROM schedule s WHERE s.campaign_id = c.id) AS due_at,"
        " (SELECT MAX(r.due_at) FROM run r WHERE r.campaign_id = c.id) AS ran_at"
        " FROM campaign c JOIN person p ON p.id = c.author_id"
        f" WHERE c.state IN ({marks}) ORDER BY c.updated_at DESC, c.id DESC LIMIT $1 OFFSET $2",
        limit,
        offset,
        *states,
    )


async def runs_in_progress() -> list[dict[str, Any]]:
    """Return the runs that are not over, with the campaign's title, the messages planned and those still open."""
    return await sql.rows(
        "SELECT c.public_id, c.title, r.state, r.due_at, COUNT(m.id) AS planned,"
        " COUNT(CASE WHEN m.state IN ('queued', 'sending') THEN 1 END) AS open,"
        " COUNT(CASE WHEN m.state = 'unknown' THEN 1 END) AS unknown"
        " FROM run r JOIN campaign c ON c.id = r.campaign_id LEFT JOIN message m ON m.run_id = r.id"
        f" WHERE r.state IN {_RUNNING} GROUP BY r.id, c.public_id, c.title, r.state, r.due_at"
        " ORDER BY r.due_at LIMIT 20"
    )


async def inbox_unread() -> int:
    """Count the addresses from which something unread waits for a person."""
    return int(
        await sql.value(
            "SELECT COUNT(DISTINCT address_id) FROM inbound WHERE for_person = $1 AND read_at IS NULL", True
        )
    )


async def inbox(unread_only: bool, limit: int, offset: int) -> list[dict[str, Any]]:
    """Return the addresses that wrote something a person must read, those with unread first; `total` of all pages."""
    having = "HAVING COUNT(CASE WHEN i.read_at IS NULL THEN 1 END) > 0" if unread_only else ""
    return await sql.rows(
        "SELECT a.id, a.public_id, a.channel, a.identity, a.person_id, MAX(i.received_at) AS last_at,"
        " MAX(i.id) AS last,"
        " COUNT(CASE WHEN i.read_at IS NULL THEN 1 END) AS unread,"
        " MAX(CASE WHEN i.urgent AND i.read_at IS NULL THEN 1 ELSE 0 END) AS urgent, COUNT(*) OVER () AS total"
        " FROM inbound i JOIN address a ON a.id = i.address_id WHERE i.for_person = $3"
        f" GROUP BY a.id, a.public_id, a.channel, a.identity, a.person_id {having}"
        " ORDER BY urgent DESC, CASE WHEN COUNT(CASE WHEN i.read_at IS NULL THEN 1 END) > 0 THEN 0 ELSE 1 END,"
        " last DESC LIMIT $1 OFFSET $2",
        limit,
        offset,
        True,
    )


async def messages_by_state() -> dict[str, int]:
    """Count every message by its state."""
    rows = await sql.rows("SELECT state, COUNT(*) AS many FROM message GROUP BY state")
    return {row["state"]: int(row["many"]) for row in rows}


async def messages(
    state: str | None, channel: str | None, category: str | None, before_id: int | None, limit: int
) -> list[dict[str, Any]]:
    """Return messages without their text, newest first, with their last attempt."""
    return await sql.rows(
        "SELECT m.id, m.channel, m.category, m.state, m.reason, m.queued_at, m.state_at, m.tries, m.segments,"
        " m.run_id, a.identity FROM message m LEFT JOIN address a ON a.id = m.address_id"
        " WHERE (m.state = $1 OR $1::text IS NULL) AND (m.channel = $2 OR $2::text IS NULL)"
        " AND (m.category = $3 OR $3::text IS NULL) AND (m.id < $4 OR $4::bigint IS NULL)"
        " ORDER BY m.id DESC LIMIT $5",
        state,
        channel,
        category,
        before_id,
        limit,
    )


async def persons(unit_ids: Sequence[int] | None, status: str | None, limit: int, offset: int) -> list[dict[str, Any]]:
    """Return persons in order of their staff numbers, with their channels, their login and `total` of all pages."""
    marks = ", ".join(f"${number}" for number in range(4, 4 + len(unit_ids or ())))
    within = "" if unit_ids is None else f" AND p.unit_id IN ({marks or 'NULL'})"
    return await sql.rows(
        "SELECT p.id, p.public_id, p.staff_no, p.name, p.name_en, p.unit_id, p.post, p.status, c.login, c.disabled_at,"
        " COUNT(*) OVER () AS total,"
        " (SELECT COUNT(*) FROM address a WHERE a.person_id = p.id AND a.channel = 'sms') AS sms,"
        " (SELECT COUNT(*) FROM address a WHERE a.person_id = p.id AND a.channel = 'telegram') AS telegram"
        " FROM person p LEFT JOIN account c ON c.person_id = p.id"
        f" WHERE (p.status = $3 OR $3::text IS NULL){within} ORDER BY p.staff_no, p.id LIMIT $1 OFFSET $2",
        limit,
        offset,
        status,
        *(unit_ids or ()),
    )


async def persons_by_unit() -> dict[int, int]:
    """Count the persons of each unit who have not left."""
    rows = await sql.rows(
        "SELECT unit_id, COUNT(*) AS many FROM person WHERE status <> 'left' AND unit_id IS NOT NULL GROUP BY unit_id"
    )
    return {int(row["unit_id"]): int(row["many"]) for row in rows}


async def persons_with_role(role: str) -> list[dict[str, Any]]:
    """Return (person_id) of everybody with a role who works at present."""
    return await sql.rows(
        "SELECT DISTINCT g.person_id FROM grant_ g JOIN person p ON p.id = g.person_id"
        " WHERE g.role = $1 AND p.status = 'active' ORDER BY g.person_id",
        role,
    )


async def accounts(now: datetime) -> list[dict[str, Any]]:
    """Return every account with its person and how many of its sessions are open."""
    return await sql.rows(
        "SELECT c.id, c.login, c.locked_until, c.disabled_at, c.created_at, p.public_id, p.staff_no, p.name, p.name_en,"
        " p.status, (SELECT COUNT(*) FROM console_session s WHERE s.account_id = c.id AND s.revoked_at IS NULL"
        " AND s.expires_at > $1) AS sessions FROM account c JOIN person p ON p.id = c.person_id ORDER BY c.login",
        now,
    )
