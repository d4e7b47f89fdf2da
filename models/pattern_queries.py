"""Named queries of the risk rules: the cursor over the ledger, what records count by, alerts raised."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from models import sql
from models.ledger_append import HEAD_ID

MARKS_MOST = 5000
"""How many marks of one window are counted at most, the newest."""


@dataclass(frozen=True, slots=True)
class Mark:
    """That a record counts in a slot: under a keyed hash, on a day, as which one of several."""

    record_id: int
    hash: str
    day: date
    who: str


@dataclass(frozen=True, slots=True)
class Cursor:
    """The next entry to look at, and the version of the rules that looked so far."""

    version: str
    seq: int


async def is_behind(name: str, version: str) -> bool:
    """Return whether there are entries that the rules of this version have not looked at."""
    row = await sql.row("SELECT version, seq FROM pattern_cursor WHERE name = $1", name)
    size = int(await sql.value(f"SELECT size FROM ledger_head WHERE id = {HEAD_ID}") or 0)
    return size > 0 and (row is None or row["version"] != version or int(row["seq"]) < size)


async def hold_cursor(name: str, version: str) -> Cursor | None:
    """Return the cursor, locked till the transaction ends; None where another process holds it."""
    await sql.execute(
        "INSERT INTO pattern_cursor (name, version, seq) VALUES ($1, $2, 0) ON CONFLICT (name) DO NOTHING",
        name,
        version,
    )
    lock = " FOR UPDATE SKIP LOCKED" if sql.is_postgres() else ""
    row = await sql.row(f"SELECT version, seq FROM pattern_cursor WHERE name = $1{lock}", name)
    return None if row is None else Cursor(str(row["version"]), int(row["seq"]))


async def move_cursor(name: str, version: str, seq: int) -> None:
    """Say that everything before an entry was looked at by the rules of a version."""
    await sql.execute("UPDATE pattern_cursor SET version = $2, seq = $3 WHERE name = $1", name, version, seq)


async def entries(since: int, limit: int) -> list[dict[str, Any]]:
    """Return (seq, event, record_id) of the entries from a sequence on, in order."""
    return await sql.rows(
        "SELECT seq, event, record_id FROM ledger_entry WHERE seq >= $1 ORDER BY seq LIMIT $2", since, limit
    )


async def drop_marks(limit: int) -> int:
    """Forget some of the marks, of all slots; return how many."""
    return await sql.execute("DELETE FROM pattern_mark WHERE id IN (SELECT id FROM pattern_mark LIMIT $1)", limit)


async def hashes_of(record_id: int) -> dict[str, str]:
    """Return the keyed hash of each field of a record, the smallest where there are several."""
    found = await sql.rows("SELECT field, hash FROM record_match WHERE record_id = $1 ORDER BY hash DESC", record_id)
    return {str(row["field"]): str(row["hash"]) for row in found}


async def marks_of(record_id: int) -> dict[str, Mark]:
    """Return the marks of a record by slot."""
    found = await sql.rows("SELECT slot, record_id, hash, day, who FROM pattern_mark WHERE record_id = $1", record_id)
    return {str(row["slot"]): _mark(row) for row in found}


async def put_mark(slot: str, mark: Mark) -> None:
    """Let a record count in a slot, in the place of what it counted by there before."""
    await sql.execute(
        "INSERT INTO pattern_mark (slot, record_id, hash, day, who) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (slot, record_id) DO UPDATE SET hash = EXCLUDED.hash, day = EXCLUDED.day, who = EXCLUDED.who",
        slot,
        mark.record_id,
        mark.hash,
        mark.day,
        mark.who,
    )


async def drop_mark(slot: str, record_id: int) -> None:
    """Let a record count in a slot no more."""
    await sql.execute("DELETE FROM pattern_mark WHERE slot = $1 AND record_id = $2", slot, record_id)


async def marks_around(slot: str, hashed: str, first: date, last: date) -> list[Mark]:
    """Return what counts under a hash on the days from first to last, in order of days."""
    found = await sql.rows(
        "SELECT record_id, hash, day, who FROM pattern_mark WHERE slot = $1 AND hash = $2 AND day BETWEEN $3 AND $4 "
        f"ORDER BY day DESC, record_id DESC LIMIT {MARKS_MOST}",
        slot,
        hashed,
        first,
        last,
    )
    return [_mark(row) for row in reversed(found)]


def _mark(row: dict[str, Any]) -> Mark:
    day = row["day"]
    return Mark(
        int(row["record_id"]),
        str(row["hash"]),
        day if isinstance(day, date) else date.fromisoformat(str(day)[:10]),
        str(row["who"]),
    )


async def any_counted(rule: str, record_ids: Sequence[int]) -> bool:
    """Return whether an alert of a rule counted one of the records."""
    found = await sql.row(
        "SELECT 1 AS found FROM alert_hit h JOIN raised_alert a ON a.id = h.alert_id "
        f"WHERE h.record_id IN ({sql.ids(record_ids)}) AND a.rule = $1 LIMIT 1",
        rule,
    )
    return found is not None


async def all_counted(rule: str, record_ids: Sequence[int]) -> bool:
    """Return whether one alert of a rule counted all of the records."""
    found = await sql.row(
        "SELECT h.alert_id FROM alert_hit h JOIN raised_alert a ON a.id = h.alert_id "
        f"WHERE h.record_id IN ({sql.ids(record_ids)}) AND a.rule = $1 GROUP BY h.alert_id HAVING count(*) = $2",
        rule,
        len(set(record_ids)),
    )
    return found is not None


async def raise_once(rule: str, hits_hash: str, record_ids: Sequence[int], at: datetime) -> int | None:
    """Note that a rule raises an alert for its hits; None where it did so before. Returns the id of the row."""
    row = await sql.row(
        "INSERT INTO raised_alert (rule, hits_hash, at) VALUES ($1, $2, $3) "
        "ON CONFLICT (hits_hash) DO NOTHING RETURNING id",
        rule,
        hits_hash,
        at,
    )
    if row is None:
        return None
    raised = int(row["id"])
    await add_hits(raised, record_ids)
    return raised


async def is_raised_as(raised: int, record_id: int) -> None:
    """Say as which record an alert was filed."""
    await sql.execute("UPDATE raised_alert SET record_id = $2 WHERE id = $1", raised, record_id)


async def named_or_owning(record_ids: Sequence[int]) -> frozenset[str]:
    """Return the hashes of everybody who is named in one of the records, or owns it."""
    found = await sql.rows(
        f"SELECT DISTINCT hash FROM record_match WHERE record_id IN ({sql.ids(record_ids)}) "
        "AND field IN ('@recused', '@owner')"
    )
    return frozenset(str(row["hash"]) for row in found)


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """An alert that has not ended: its row and its record."""

    id: int
    record_id: int


async def open_alert(rule: str, record_ids: Sequence[int]) -> OpenAlert | None:
    """Return the newest alert of a rule that counted one of the records and has not ended."""
    row = await sql.row(
        "SELECT a.id, a.record_id FROM alert_hit h JOIN raised_alert a ON a.id = h.alert_id "
        f"JOIN record r ON r.id = a.record_id WHERE h.record_id IN ({sql.ids(record_ids)}) AND a.rule = $1 "
        "AND r.closed_at IS NULL ORDER BY a.id DESC LIMIT 1",
        rule,
    )
    return None if row is None else OpenAlert(int(row["id"]), int(row["record_id"]))


async def hits_of(raised: int) -> list[int]:
    """Return the records that an alert counted, in order."""
    found = await sql.rows("SELECT record_id FROM alert_hit WHERE alert_id = $1 ORDER BY record_id", raised)
    return [int(row["record_id"]) for row in found]


async def add_hits(raised: int, record_ids: Sequence[int]) -> None:
    """Let an alert count records that it does not count yet."""
    await sql.execute_many(
        "INSERT INTO alert_hit (alert_id, record_id) VALUES ($1, $2)", [(raised, each) for each in sorted(record_ids)]
    )
