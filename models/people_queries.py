"""Named queries about units, persons, grants, accounts and sessions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from models import sql


async def units() -> list[dict[str, Any]]:
    """Return every unit."""
    return await sql.rows("SELECT id, code, parent_id, name_zh, name_en, kind, active FROM unit ORDER BY code")


async def grants_of(role: str) -> list[dict[str, Any]]:
    """Return (person_id, scope_id) of everybody with a role who has not left."""
    return await sql.rows(
        "SELECT g.person_id, g.scope_id FROM grant_ g JOIN person p ON p.id = g.person_id "
        "WHERE g.role = $1 AND p.status <> 'left' ORDER BY g.person_id",
        role,
    )


async def count_try(account_id: int, now: datetime, lock_until: datetime, most: int) -> bool:
    """Count one try to sign in before it is looked at, so that tries at the same time are all counted.

    Return False, and count nothing, while the account is locked. The try that reaches `most` locks it.
    """
    seen = "CASE WHEN locked_until IS NULL THEN failed + 1 ELSE 1 END"
    changed = await sql.execute(
        f"UPDATE account SET failed = {seen}, locked_until = CASE WHEN {seen} >= $4 THEN $3::timestamptz END "
        "WHERE id = $1 AND (locked_until IS NULL OR locked_until <= $2)",
        account_id,
        now,
        lock_until,
        most,
    )
    return changed > 0


async def count_signing_try(person_id: int, now: datetime, lock_until: datetime, most: int) -> int | None:
    """Count one try of a signing code before it is looked at; return how many were made, None while it is locked."""
    seen = "CASE WHEN signing_locked_until IS NULL THEN signing_tries + 1 ELSE 1 END"
    found = await sql.rows(
        f"UPDATE person SET signing_tries = {seen}, "
        f"signing_locked_until = CASE WHEN {seen} >= $4 THEN $3::timestamptz END "
        "WHERE id = $1 AND (signing_locked_until IS NULL OR signing_locked_until <= $2) RETURNING signing_tries",
        person_id,
        now,
        lock_until,
        most,
    )
    return int(found[0]["signing_tries"]) if found else None


async def count_code_try(code_id: int, most: int) -> int | None:
    """Count one try of a one-time code before it is looked at; None when it was used or has no tries left."""
    found = await sql.rows(
        "UPDATE one_time_code SET tries = tries + 1 WHERE id = $1 AND used_at IS NULL AND tries < $2 RETURNING tries",
        code_id,
        most,
    )
    return int(found[0]["tries"]) if found else None


async def follow(address_ids: Sequence[int]) -> None:
    """Let what a run still has for somebody at an address that is his no longer go to his present one.

    Where he has none it has no address any more, and ends so. Inside the transaction that changed the addresses.
    """
    if not address_ids:
        return
    places = ", ".join(f"${number}" for number in range(1, len(address_ids) + 1))
    await sql.execute(
        "UPDATE message SET address_id = (SELECT a.id FROM address a WHERE a.person_id = message.person_id"
        " AND a.channel = message.channel AND a.verified_at IS NOT NULL ORDER BY a.verified_at DESC, a.id DESC LIMIT 1)"
        f" WHERE state = 'queued' AND run_id IS NOT NULL AND address_id IN ({places}) AND NOT EXISTS"
        " (SELECT 1 FROM address b WHERE b.id = message.address_id AND b.person_id = message.person_id)",
        *address_ids,
    )


async def carry_opt_outs(person_id: int, address_id: int, now: datetime) -> None:
    """Give a newly bound address the opt-outs that its person declared to the agency (they came by import)."""
    await sql.execute(
        "INSERT INTO consent (address_id, category, given, source, at) "
        "SELECT $2::bigint, c.category, FALSE, 'import', $3::timestamptz FROM consent c "
        "JOIN address a ON a.id = c.address_id "
        "WHERE a.person_id = $1 AND a.id <> $2::bigint AND NOT c.given AND c.source = 'import' GROUP BY c.category "
        "ON CONFLICT (address_id, category) DO NOTHING",
        person_id,
        address_id,
        now,
    )
