"""Named queries of key groups: who holds a group's key, and what would be lost with an account."""

from datetime import datetime
from typing import Any

from models import sql

_HELD_ALONE = (
    "SELECT g.name FROM group_member m JOIN key_group g ON g.id = m.group_id"
    " WHERE m.account_id = $1 AND g.recovery_key IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM group_member o WHERE o.group_id = m.group_id AND o.account_id <> $1)"
    " ORDER BY g.name"
)
_STANDING = (
    "SELECT g.id, g.name, g.recovery_key IS NOT NULL AS recoverable,"
    " (SELECT COUNT(*) FROM group_member m WHERE m.group_id = g.id) AS members FROM key_group g ORDER BY g.name"
)
_ACCOUNTS = (
    "SELECT a.id, a.login, a.public_key IS NOT NULL AS has_key, a.disabled_at, p.id AS person_id, p.public_id, p.name,"
    " p.name_en, p.staff_no, p.status, u.name_zh AS unit_zh, u.name_en AS unit_en"
    " FROM account a JOIN person p ON p.id = a.person_id LEFT JOIN unit u ON u.id = p.unit_id"
    " WHERE EXISTS (SELECT 1 FROM grant_ r WHERE r.person_id = p.id AND r.role IN ({roles}))"
    " OR EXISTS (SELECT 1 FROM group_member m WHERE m.account_id = a.id)"
    " ORDER BY a.login"
)


async def held_alone(account_id: int) -> list[str]:
    """Return the groups whose key nobody but this account holds, and no recovery key either.

    They are locked until the transaction ends, so that two who go at once are not both let go as not the last.
    """
    if sql.is_postgres():
        await sql.rows("SELECT id FROM key_group ORDER BY id FOR UPDATE")
    return [str(row["name"]) for row in await sql.rows(_HELD_ALONE, account_id)]


async def standing() -> list[dict[str, Any]]:
    """Return each group with how many hold its key, and whether the recovery key opens it."""
    return await sql.rows(_STANDING)


async def candidates(roles: list[str]) -> list[dict[str, Any]]:
    """Return the accounts of persons who have one of the roles, and those that hold a key, with their names."""
    marks = ", ".join(f"${number}" for number in range(1, len(roles) + 1))
    return await sql.rows(_ACCOUNTS.format(roles=marks), *roles)


async def take_service_copy(group_id: int) -> bytes | None:
    """Lock a group and return its private key as the service key wraps it; None once a member holds it."""
    lock = " FOR UPDATE" if sql.is_postgres() else ""
    row = await sql.row(f"SELECT private_key FROM key_group WHERE id = $1{lock}", group_id)
    return bytes(row["private_key"]) or None if row else None


async def forget_ended_sessions(now: datetime) -> int:
    """Erase what sessions that are over kept of their account's key; return how many."""
    ended = "private_key IS NOT NULL AND expires_at <= $1"
    return len(await sql.rows(f"UPDATE console_session SET private_key = NULL WHERE {ended} RETURNING id", now))
