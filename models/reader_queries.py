"""Named queries about readers: who is to read a record that was made known, who was told, who has read it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from models import sql

_HERE = "p.kind = 'staff' AND p.status = 'active'"
_STAYS = "EXISTS (SELECT 1 FROM person p WHERE p.id = x.person_id AND p.status <> 'left')"


async def call_all(record_id: int, unit_ids: Sequence[int] | None) -> int:
    """Make all active staff (of some units) readers of a record, with one statement; return how many are new."""
    units = "" if unit_ids is None else f" AND p.unit_id IN ({sql.ids(unit_ids)})"
    return await sql.execute(
        "INSERT INTO record_reader (record_id, person_id) "
        f"SELECT $1::bigint, p.id FROM person p WHERE {_HERE}{units} ON CONFLICT (record_id, person_id) DO NOTHING",
        record_id,
    )


async def call_some(record_id: int, staff_nos: Sequence[str]) -> int:
    """Make the staff with these numbers who are still here readers of a record; return how many are new."""
    places = ", ".join(f"${place}" for place in range(2, len(staff_nos) + 2)) or "NULL"
    return await sql.execute(
        "INSERT INTO record_reader (record_id, person_id) "
        f"SELECT $1::bigint, p.id FROM person p WHERE p.status <> 'left' AND p.staff_no IN ({places}) "
        "ON CONFLICT (record_id, person_id) DO NOTHING",
        record_id,
        *staff_nos,
    )


async def claim_untold(now: datetime, limit: int) -> list[dict[str, Any]]:
    """Mark the next readers as told and return (record_id, person_id) of those that this process is to tell."""
    return await sql.rows(
        "UPDATE record_reader SET told_at = $1 WHERE told_at IS NULL AND id IN "
        "(SELECT x.id FROM record_reader x WHERE x.told_at IS NULL ORDER BY x.id LIMIT $2) "
        "RETURNING record_id, person_id",
        now,
        limit,
    )


async def to_remind() -> list[int]:
    """Return the records of which a reader who was told has not answered and was not reminded."""
    rows = await sql.rows(
        "SELECT DISTINCT x.record_id AS id FROM record_reader x JOIN record r ON r.id = x.record_id "
        "WHERE x.told_at IS NOT NULL AND x.read_at IS NULL AND x.reminded_at IS NULL AND r.closed_at IS NULL "
        f"AND {_STAYS}"
    )
    return [int(row["id"]) for row in rows]


async def claim_unreminded(record_id: int, now: datetime, limit: int) -> list[dict[str, Any]]:
    """Mark the next readers of a record as reminded and return (record_id, person_id) of those to be reminded now."""
    return await sql.rows(
        "UPDATE record_reader SET reminded_at = $2 WHERE reminded_at IS NULL AND read_at IS NULL AND id IN "
        "(SELECT x.id FROM record_reader x WHERE x.record_id = $1 AND x.told_at IS NOT NULL AND x.read_at IS NULL "
        f"AND x.reminded_at IS NULL AND {_STAYS} ORDER BY x.id LIMIT $3) RETURNING record_id, person_id",
        record_id,
        now,
        limit,
    )


async def addresses_of(person_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return the best address (address_id, channel, lang) of each person who has one."""
    rows = await sql.rows(
        "SELECT a.id AS address_id, a.channel, a.person_id, p.lang FROM address a JOIN person p ON p.id = a.person_id "
        f"WHERE a.person_id IN ({sql.ids(person_ids)}) AND a.verified_at IS NOT NULL AND a.bad_at IS NULL "
        "ORDER BY CASE WHEN a.channel = p.preferred_channel THEN 0 WHEN a.channel = 'telegram' THEN 1 ELSE 2 END, a.id"
    )
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        found.setdefault(int(row["person_id"]), row)
    return found


async def acknowledge(record_id: int, person_id: int, channel: str, now: datetime) -> bool:
    """Keep that a reader has read a record; False where he had already, or is none of its readers."""
    done = await sql.execute(
        "UPDATE record_reader SET read_at = $3, read_by = $4 WHERE record_id = $1 AND person_id = $2 "
        "AND read_at IS NULL",
        record_id,
        person_id,
        now,
        channel,
    )
    if done:
        await sql.execute(
            "UPDATE open_question SET closed_at = $3, outcome = 'answered' "
            "WHERE ref_id = $1 AND person_id = $2 AND kind = 'read' AND topic = 'record' AND closed_at IS NULL",
            record_id,
            person_id,
            now,
        )
    return bool(done)


async def unread(record_id: int) -> int:
    """Return how many readers who are still here have not read a record."""
    query = f"SELECT count(*) AS n FROM record_reader x WHERE x.record_id = $1 AND x.read_at IS NULL AND {_STAYS}"
    return int(await sql.value(query, record_id))


async def unread_records() -> int:
    """Return how many records that stand made known somebody who is still here has not read."""
    query = (
        "SELECT count(DISTINCT x.record_id) AS n FROM record_reader x JOIN record r ON r.id = x.record_id "
        f"WHERE x.told_at IS NOT NULL AND x.read_at IS NULL AND r.closed_at IS NULL AND {_STAYS}"
    )
    return int(await sql.value(query))


async def read_up(states: Sequence[tuple[str, str]]) -> list[int]:
    """Return the records, in one of the (kind, state), that all readers who are still here have read."""
    stands = [f"(r.kind = ${2 * at + 1} AND r.state = ${2 * at + 2})" for at in range(len(states))]
    rows = await sql.rows(
        f"SELECT r.id FROM record r WHERE ({' OR '.join(stands) or 'FALSE'}) "
        "AND EXISTS (SELECT 1 FROM record_reader x WHERE x.record_id = r.id) "
        "AND NOT EXISTS (SELECT 1 FROM record_reader x WHERE x.record_id = r.id AND x.read_at IS NULL "
        f"AND {_STAYS}) ORDER BY r.id LIMIT 50",
        *[each for pair in states for each in pair],
    )
    return [int(row["id"]) for row in rows]


async def readers_of(record_id: int) -> list[dict[str, Any]]:
    """Return (person_id, staff_no, name, name_en, unit_id, status, told_at, reminded_at, read_at, read_by) of each."""
    rows = await sql.rows(
        "SELECT x.person_id, p.staff_no, p.name, p.name_en, p.unit_id, p.status, x.told_at, x.reminded_at, x.read_at, "
        "x.read_by FROM record_reader x JOIN person p ON p.id = x.person_id WHERE x.record_id = $1 "
        "ORDER BY p.unit_id, p.staff_no",
        record_id,
    )
    return [row | {name: sql.as_time(row[name]) for name in ("told_at", "reminded_at", "read_at")} for row in rows]


async def read_by_person(person_id: int) -> list[dict[str, Any]]:
    """Return (record_id, read_at) of what a person is to read, newest first."""
    rows = await sql.rows(
        "SELECT record_id, read_at FROM record_reader WHERE person_id = $1 ORDER BY record_id DESC LIMIT 200", person_id
    )
    return [row | {"read_at": sql.as_time(row["read_at"])} for row in rows]
