"""Named queries about records: numbers, who may read which, what is due by the clock, hashes of names."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from models import sql

CHUNK = 800
_ALERTED = 'r.facts LIKE \'%"alerts":["%\''
"""What the facts of a record look like of which an alert was told; text that somebody gave is escaped there."""


@dataclass(frozen=True, slots=True)
class Reach:
    """One way in which a reader reaches records: the whole house, units, a hash of his as handler, of named persons.

    In the states `hidden_in` it reaches none.
    """

    house: bool = False
    unit_ids: tuple[int, ...] = ()
    handler_hash: str | None = None
    named_hashes: tuple[str, ...] = ()
    hidden_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records are wanted of a kind. What stands under `own_hash` or `recused_hashes` its reader never sees.

    `states` and `track_states` (track, state) together say in which states: in one of either.
    """

    kind: str
    reaches: tuple[Reach, ...]
    own_hash: str
    recused_hashes: tuple[str, ...]
    handler_hash: str
    above_hashes: tuple[str, ...] = ()
    public_id: str | None = None
    number: str | None = None
    numbers: tuple[str, ...] | None = None
    state: str | None = None
    states: tuple[str, ...] = ()
    track_states: tuple[tuple[str, str], ...] = ()
    unit_ids: tuple[int, ...] | None = None
    open_only: bool = False
    alerted: bool = False
    late_at: datetime | None = None
    closed_before: datetime | None = None
    held_only: bool = False
    before_id: int | None = None
    limit: int = 100


@dataclass(slots=True)
class _Query:
    """Collects placeholders in the order in which their values are given."""

    values: list[Any] = field(default_factory=list)

    def put(self, value: Any) -> str:
        self.values.append(value)
        return f"${len(self.values)}"

    def among(self, column: str, values: Sequence[Any]) -> str:
        return f"{column} IN ({', '.join(self.put(each) for each in values)})" if values else "FALSE"

    def matched(self, name: str, hashes: Sequence[str]) -> str:
        condition = self.among("m.hash", hashes)
        return f"EXISTS (SELECT 1 FROM record_match m WHERE m.record_id = r.id AND m.field = '{name}' AND {condition})"


async def next_in_day(prefix: str, day: date) -> int:
    """Return the next sequence of a prefix on a day; the row stays locked until the transaction ends."""
    found = await sql.row(
        "INSERT INTO number_counter (prefix, day, reached) VALUES ($1, $2, 1) "
        "ON CONFLICT (prefix, day) DO UPDATE SET reached = number_counter.reached + 1 RETURNING reached",
        prefix,
        day,
    )
    assert found is not None
    return int(found["reached"])


async def readable(selection: Selection) -> list[dict[str, Any]]:
    """Return the rows that a reader may read, newest first, each with `handled` and `above`: how he reaches it."""
    query = _Query()
    wanted = " AND ".join(_conditions(query, selection))
    handled = query.matched("@handler", [selection.handler_hash])
    above = _above(query, selection.above_hashes)
    rows = await sql.rows(
        "SELECT r.id, r.public_id, r.kind, r.number, r.state, r.state_since, r.unit_id, r.group_id, r.filed_at, "
        f"r.due_at, r.closed_at, r.facts, r.tracks, {handled} AS handled, {above} AS above "
        f"FROM record r WHERE {wanted} ORDER BY r.id DESC LIMIT {query.put(selection.limit)}",
        *query.values,
    )
    return [_record_row(row) for row in rows]


async def count(selection: Selection) -> int:
    """Return how many records a selection holds, whatever its limit says."""
    query = _Query()
    wanted = " AND ".join(_conditions(query, selection))
    return int(await sql.value(f"SELECT COUNT(*) AS n FROM record r WHERE {wanted}", *query.values))


def _conditions(query: _Query, wanted: Selection) -> list[str]:
    parts = [f"r.kind = {query.put(wanted.kind)}", _reached(query, wanted.reaches)]
    parts += [_ALERTED] if wanted.alerted else []
    parts.append("NOT " + query.matched("@recused", wanted.recused_hashes))
    parts.append("NOT " + query.matched("@owner", [wanted.own_hash]))
    if wanted.public_id is not None:
        parts.append(f"r.public_id = {query.put(wanted.public_id)}")
    if wanted.number is not None:
        parts.append(f"r.number = {query.put(wanted.number)}")
    if wanted.numbers is not None:
        parts.append(query.among("r.number", wanted.numbers))
    if wanted.state is not None:
        parts.append(f"r.state = {query.put(wanted.state)}")
    if wanted.states or wanted.track_states:
        stands = [f"r.tracks LIKE {query.put(_in_track(*each))}" for each in wanted.track_states]
        parts.append(f"({' OR '.join([query.among('r.state', wanted.states), *stands])})")
    if wanted.unit_ids is not None:
        parts.append(query.among("r.unit_id", wanted.unit_ids))
    if wanted.open_only:
        parts.append("r.closed_at IS NULL")
    if wanted.late_at is not None:
        parts.append(f"r.closed_at IS NULL AND r.due_at < {query.put(wanted.late_at)}")
    parts += _kept(query, wanted)
    if wanted.before_id is not None:
        parts.append(f"r.id < {query.put(wanted.before_id)}")
    return parts


def where(selection: Selection) -> tuple[str, list[Any]]:
    """Return the condition on `record r` of a selection, and its values from `$1` on, for statements that add up.

    Unlike `readable` it counts what the reader filed himself: that he knows of.
    """
    query = _Query()
    parts = [f"r.kind = {query.put(selection.kind)}", _reached(query, selection.reaches)]
    if selection.recused_hashes:
        parts.append("NOT " + query.matched("@recused", selection.recused_hashes))
    if selection.unit_ids is not None:
        parts.append(query.among("r.unit_id", selection.unit_ids))
    return " AND ".join(parts), query.values


def _kept(query: _Query, wanted: Selection) -> list[str]:
    parts = []
    if wanted.closed_before is not None:
        parts.append(f"r.erased_at IS NULL AND r.closed_at < {query.put(wanted.closed_before)}")
    if wanted.held_only:
        parts.append("EXISTS (SELECT 1 FROM record_hold h WHERE h.record_id = r.id AND h.ended_at IS NULL)")
    return parts


def _in_track(track: str, state: str) -> str:
    """What the stored tracks of a record look like that stands there."""
    return f'%"{track}":"{state}"%'


def _reached(query: _Query, reaches: Iterable[Reach]) -> str:
    parts = [_one_reach(query, reach) for reach in reaches]
    return f"({' OR '.join(parts)})" if parts else "FALSE"


def _one_reach(query: _Query, reach: Reach) -> str:
    if reach.house:
        condition = "TRUE"
    elif reach.handler_hash:
        condition = query.matched("@handler", [reach.handler_hash])
    elif reach.named_hashes:
        condition = _above(query, reach.named_hashes)
    else:
        condition = query.among("r.unit_id", reach.unit_ids)
    return f"({condition} AND NOT {query.among('r.state', reach.hidden_in)})" if reach.hidden_in else condition


def _above(query: _Query, hashes: Sequence[str]) -> str:
    if not hashes:
        return "FALSE"
    return f"({query.matched('@recused', hashes)} OR {query.matched('@owner', hashes)})"


def _record_row(row: dict[str, Any]) -> dict[str, Any]:
    times = {key: sql.as_time(row[key]) for key in ("filed_at", "due_at", "closed_at", "state_since")}
    return {
        **row,
        **times,
        "facts": json.loads(row["facts"]),
        "tracks": json.loads(row["tracks"]),
        "handled": bool(row["handled"]),
        "above": bool(row["above"]),
    }


async def own_open(owner_hash: str) -> list[int]:
    """Return the ids of the open records of an owner, newest first."""
    found = await sql.rows(
        "SELECT r.id FROM record r JOIN record_match m ON m.record_id = r.id "
        "WHERE m.hash = $1 AND m.field IN ('@owner', '@address') AND r.closed_at IS NULL ORDER BY r.id DESC LIMIT 20",
        owner_hash,
    )
    return [int(row["id"]) for row in found]


async def own_page(owner_hash: str, kinds: Sequence[str], before_id: int | None, limit: int) -> list[int]:
    """Return the ids of an owner's records of some kinds, newest first, those before an id where one is given."""
    query = _Query()
    owner, among = query.put(owner_hash), query.among("r.kind", kinds)
    older = f" AND r.id < {query.put(before_id)}" if before_id is not None else ""
    found = await sql.rows(
        "SELECT r.id FROM record r JOIN record_match m ON m.record_id = r.id "
        f"WHERE m.hash = {owner} AND m.field = '@owner' AND {among}{older} ORDER BY r.id DESC LIMIT {int(limit)}",
        *query.values,
    )
    return [int(row["id"]) for row in found]


async def add_match(record_id: int, field_name: str, hashed: str) -> None:
    """Keep a keyed hash of a record; the same one twice is one row."""
    await sql.execute(
        "INSERT INTO record_match (record_id, field, hash) VALUES ($1, $2, $3) "
        "ON CONFLICT (record_id, field, hash) DO NOTHING",
        record_id,
        field_name,
        hashed,
    )


async def earlier_alike(record_id: int, field_name: str, without: Sequence[str]) -> list[dict[str, Any]]:
    """Return (number, facts) of the earlier records of the same kind that share a hash of a field, the oldest first.

    Those in states `without` are left out.
    """
    query = _Query()
    this = query.put(record_id)
    left_out = f"AND NOT {query.among('r.state', without)} " if without else ""
    found = await sql.rows(
        "SELECT DISTINCT r.id, r.number, r.facts FROM record_match mine JOIN record_match m ON m.hash = mine.hash "
        "AND m.field = mine.field JOIN record r ON r.id = m.record_id JOIN record this ON this.id = mine.record_id "
        f"WHERE mine.record_id = {this} AND m.record_id < {this} AND r.kind = this.kind {left_out}"
        f"AND mine.field = {query.put(field_name)} ORDER BY r.id",
        *query.values,
    )
    return [{"number": row["number"], "facts": json.loads(row["facts"])} for row in found]


async def drop_match(record_id: int, field_name: str) -> None:
    """Forget the hashes of a field, for a handler who hands over."""
    await sql.execute("DELETE FROM record_match WHERE record_id = $1 AND field = $2", record_id, field_name)


async def has_match(record_id: int, field_name: str, hashed: str) -> bool:
    """Return whether a record has a match."""
    query = "SELECT 1 AS found FROM record_match WHERE record_id = $1 AND field = $2 AND hash = $3"
    return await sql.row(query, record_id, field_name, hashed) is not None


async def matches(record_id: int, field_name: str) -> frozenset[str]:
    """Return the hashes of one field of a record."""
    found = await sql.rows("SELECT hash FROM record_match WHERE record_id = $1 AND field = $2", record_id, field_name)
    return frozenset(str(row["hash"]) for row in found)


async def persons_by_name_hash(hashes: Sequence[str]) -> list[tuple[int, str]]:
    """Return (id, name hash) of the staff whose name is among the hashes."""
    found: list[tuple[int, str]] = []
    for start in range(0, len(hashes), CHUNK):
        query = _Query()
        condition = query.among("name_hash", hashes[start : start + CHUNK])
        rows = await sql.rows(f"SELECT id, name_hash FROM person WHERE {condition}", *query.values)
        found += [(int(row["id"]), str(row["name_hash"])) for row in rows]
    return found


async def persons_by_staff_no(numbers: Sequence[str]) -> list[int]:
    """Return the persons with one of the staff numbers."""
    query = _Query()
    rows = await sql.rows(f"SELECT id FROM person WHERE {query.among('staff_no', numbers)}", *query.values)
    return [int(row["id"]) for row in rows]


async def persons_by_address(hashes: Sequence[str]) -> list[int]:
    """Return the persons to whom one of the addresses belongs."""
    query = _Query()
    condition = query.among("identity_hash", hashes)
    rows = await sql.rows(
        f"SELECT DISTINCT person_id FROM address WHERE {condition} AND person_id IS NOT NULL", *query.values
    )
    return [int(row["person_id"]) for row in rows]


async def latin_names() -> list[tuple[int, bytes]]:
    """Return (id, encrypted Latin name) of the staff that have one."""
    rows = await sql.rows("SELECT id, name_en FROM person WHERE name_en IS NOT NULL AND status <> 'left'")
    return [(int(row["id"]), bytes(row["name_en"])) for row in rows]


async def persons_with_role(role: str) -> list[dict[str, Any]]:
    """Return (person_id, scope_id, unit_id) of everybody with a role who has not left."""
    return await sql.rows(
        "SELECT g.person_id, g.scope_id, p.unit_id FROM grant_ g JOIN person p ON p.id = g.person_id "
        "WHERE g.role = $1 AND p.status <> 'left' ORDER BY g.person_id",
        role,
    )


async def due_by_clock(now: datetime, limit: int) -> list[int]:
    """Return the records that the system itself must move now, the longest due first."""
    rows = await sql.rows(
        "SELECT id FROM record WHERE moves_at IS NOT NULL AND moves_at <= $1 ORDER BY moves_at, id LIMIT $2", now, limit
    )
    return [int(row["id"]) for row in rows]


async def best_address(person_id: int) -> dict[str, Any] | None:
    """Return (id, channel, lang) of the address at which a person is reached: verified, not bad, preferred first."""
    return await sql.row(
        "SELECT a.id, a.channel, p.lang FROM address a JOIN person p ON p.id = a.person_id "
        "WHERE a.person_id = $1 AND a.verified_at IS NOT NULL AND a.bad_at IS NULL "
        "ORDER BY CASE WHEN a.channel = p.preferred_channel THEN 0 WHEN a.channel = 'telegram' THEN 1 ELSE 2 END, a.id "
        "LIMIT 1",
        person_id,
    )


async def close_questions(record_id: int, now: datetime, *, ended: bool) -> None:
    """Close the open questions about the state of a record that it leaves; that of a return only when it has ended."""
    kinds = ("rating", "supply", "choice", "return") if ended else ("rating", "supply", "choice")
    await sql.execute(
        "UPDATE open_question SET closed_at = $2, outcome = 'replaced' "
        "WHERE ref_id = $1 AND closed_at IS NULL "
        f"AND (kind IN ({sql.words(kinds)}) OR (kind = 'read' AND topic = 'record'))",
        record_id,
        now,
    )


async def move_later(record_id: int, moment: datetime) -> None:
    """Let the system look at a record again at a moment."""
    await sql.execute("UPDATE record SET moves_at = $2 WHERE id = $1", record_id, moment)


async def waiting_by_service_key() -> list[int]:
    """Return the records whose act of two persons waits in the form of earlier versions."""
    kept = '%"pending"%"given"%'
    return [
        int(row["id"])
        for row in await sql.rows("SELECT id FROM record WHERE closed_at IS NULL AND facts LIKE $1", kept)
    ]


async def numbers_of(record_ids: Sequence[int]) -> dict[int, str]:
    """Return the number of each record by its id."""
    rows = await sql.rows(f"SELECT id, number FROM record WHERE id IN ({sql.ids(record_ids)})")
    return {int(row["id"]): str(row["number"]) for row in rows}
