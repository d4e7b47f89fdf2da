"""How long records and texts are kept, legal holds, and the end: keys destroyed, the proof in the ledger stays.

Nobody erases a record by hand. When its years are over and no hold is open, the service destroys the data keys of its
statements and files, its hashes, and what its ledger entries commit to. Number, dates and counted facts stay for the
figures; the ledger verifies as before. Source of the terms: records/data/retention.yaml.
"""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any, Final

import structlog

from core.errors import Conflict, NotThere, Refused
from core.office import Office
from models import ledger_append, looking_queries, record_queries, retention_queries, sql
from models.record import Record
from people.access import Actor
from records.course import KEY
from records.kind import Kind, Kinds
from records.marks import actor_mark
from records.moving import locked
from records.reach import grasp_of, row_for
from records.retention_file import schedule

REASONS: Final = ("case", "court", "audit", "complaint", "other")
"""Why a record is held: an investigation, a court, an audit, a complaint about its handling, something else."""

HOLDER: Final = "integrity_head"
COMING: Final = timedelta(days=180)
"""How long before its end a record stands on the page of retention."""

SLICE: Final = 50
TEXTS: Final = 2000
_TABLES: Final = {"message": "state_at", "inbound": "received_at"}
log = structlog.get_logger()


async def step(office: Office, kinds: Kinds) -> int:
    """Erase one slice of what is over of each kind, and of texts; return how many. What housekeeping calls."""
    erased = 0
    for kind in kinds.by_id.values():
        before = years_ago(office, schedule().years(kind.id))
        for record_id in await retention_queries.over(kind.id, before, SLICE):
            erased += await _erase(office, record_id, before)
    for table, moment in _TABLES.items():
        erased += await _erase_texts(office, table, moment)
    return erased


def years_ago(office: Office, years: int) -> datetime:
    """Return the beginning of today's date so many years ago, in the office's zone; 29 February becomes the 28th."""
    today = office.today()
    day = today.replace(year=today.year - years, day=min(today.day, 28) if today.month == 2 else today.day)
    return datetime.combine(day, time.min, office.zone)


async def _erase(office: Office, record_id: int, before: datetime) -> int:
    """Look again under the lock: somebody may have put the record on hold meanwhile."""
    async with sql.transaction():
        record = await locked(record_id=record_id)
        if record is None or record.erased_at is not None or record.closed_at is None or record.closed_at >= before:
            return 0
        if await retention_queries.is_held(record_id):
            return 0
        now = office.clock.now()
        await retention_queries.destroy(record_id)
        record.facts = {name: value for name, value in record.facts.items() if name != KEY}
        record.handles = record.reply_to = record.moves_at = record.later_until = None
        record.erased_at, record.lock_version = now, record.lock_version + 1
        await record.save()
        await ledger_append.append(record_id, "erased", "system", {}, now)
    log.info("record.erased", record=record_id)
    return 1


async def _erase_texts(office: Office, table: str, moment: str) -> int:
    """Go on where the last slice ended; what is younger than the term ends the walk."""
    stamp = f"texts erased {table}"
    reached = int(await looking_queries.stamp(stamp) or 0)
    ids = await retention_queries.old_texts(table, moment, reached, years_ago(office, schedule().texts), TEXTS)
    if not ids:
        return 0
    async with sql.transaction():
        destroyed = await retention_queries.destroy_texts(table, ids)
        await looking_queries.put_stamp(stamp, str(ids[-1]))
    return destroyed


async def do_hold(office: Office, kinds: Kinds, actor: Actor, public_id: str, reason: str) -> None:
    """Keep a record beyond its years until it is released. Raises Refused, NotThere, Conflict. A ledger entry."""
    if reason not in REASONS:
        raise Refused("records.hold_reason")
    record = await _reached(office, kinds, actor, public_id)
    async with sql.transaction():
        now = office.clock.now()
        if await _is_erased(record.id) or not await retention_queries.hold(record.id, reason, now):
            raise Conflict("error.not_allowed")
        await ledger_append.append(record.id, "held", actor_mark(office, actor.person_id), {"reason": reason}, now)


async def do_release(office: Office, kinds: Kinds, actor: Actor, public_id: str) -> None:
    """End the hold on a record; where its years are over it is erased soon. Raises NotThere, Conflict."""
    record = await _reached(office, kinds, actor, public_id)
    async with sql.transaction():
        now = office.clock.now()
        if not await retention_queries.release(record.id, now):
            raise Conflict("error.not_allowed")
        await ledger_append.append(record.id, "released", actor_mark(office, actor.person_id), {}, now)


async def _is_erased(record_id: int) -> bool:
    record = await locked(record_id=record_id)
    return record is None or record.erased_at is not None


async def _reached(office: Office, kinds: Kinds, actor: Actor, public_id: str) -> Record:
    """Return a record that the actor reads as head of the integrity office."""
    record = await Record.get_or_none(public_id=public_id)
    kind = kinds.by_id.get(record.kind) if record else None
    if record is None or kind is None or not actor.has(HOLDER):
        raise NotThere
    if await row_for(await grasp_of(office, kind, actor), public_id) is None:
        raise NotThere
    return record


async def coming(office: Office, kind: Kind, actor: Actor, limit: int = 200) -> list[dict[str, Any]]:
    """Return the records of a kind whose years end within `COMING`, and those on hold, that the actor reads.

    Each has `ends_on`, the day after which it is erased, and `hold` (reason, set_at) or None.
    """
    years = schedule().years(kind.id)
    selection = (await grasp_of(office, kind, actor)).selection
    soon = replace(selection, closed_before=years_ago(office, years) + COMING, limit=limit)
    held = replace(selection, held_only=True, limit=limit)
    rows = {row["id"]: row for each in (soon, held) for row in await record_queries.readable(each)}
    holds = await retention_queries.holds(list(rows))
    found = [{**row, "ends_on": _ends_on(office, row, years), "hold": holds.get(row["id"])} for row in rows.values()]
    return sorted(found, key=lambda row: (row["ends_on"] is None, row["ends_on"], row["id"]))


def _ends_on(office: Office, row: dict[str, Any], years: int) -> Any:
    if row["closed_at"] is None:
        return None
    day = row["closed_at"].astimezone(office.zone).date()
    return day.replace(year=day.year + years, day=min(day.day, 28) if day.month == 2 else day.day)
