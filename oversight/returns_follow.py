"""Following the ledger: an entry filed for a month closes the return that waited for it, or amends one answered zero.

One process follows at a time: the place in the ledger is a row that it holds. What cannot be done for one record is
logged and passed over.
"""

from typing import Final

import structlog

from core.errors import LianxinError
from core.office import Office
from models import ledger_append, record_queries, return_queries, sql
from models.record import Record
from oversight.returns_entries import OWNER, look_up
from records.kind import Kind, Kinds
from records.moving import follow, locked

SLICE: Final = 200
YES: Final = "true"
log = structlog.get_logger()


async def step(office: Office, kinds: Kinds) -> int:
    """Follow one slice of the ledger in one transaction; return how many entries it held."""
    kind = kinds.the_return()
    if kind is None or kind.returns is None or not await return_queries.is_behind():
        return 0
    async with sql.transaction():
        since = await return_queries.followed()
        if since is None:
            return int(await return_queries.begin_following())
        reached, changed = await return_queries.changed_records(since, tuple(kind.returns.entries), SLICE)
        if reached == since:
            return 0
        for record_id in changed:
            try:
                async with sql.transaction():
                    await _look_at(office, kinds, kind, record_id)
            except LianxinError as error:
                log.error("return not followed", record=record_id, reason=type(error).__name__)
        await return_queries.keep_followed(reached)
    return reached - since


async def _look_at(office: Office, kinds: Kinds, kind: Kind, entry_id: int) -> None:
    """Bring the return of an entry's month and owner up to date."""
    entry = await Record.get(id=entry_id)
    assert kind.returns is not None
    day = entry.facts.get(kind.returns.entries[entry.kind])
    marks = await record_queries.matches(entry_id, OWNER)
    if not isinstance(day, str) or len(marks) != 1:
        return
    record_id = await return_queries.return_of(next(iter(marks)), day[:7])
    record = await locked(record_id=record_id) if record_id is not None else None
    if record is None:
        return
    await _update(office, kinds, kind, record)


async def _update(office: Office, kinds: Kinds, kind: Kind, record: Record) -> None:
    before = dict(record.facts)
    await look_up(kind, record)
    changed = {name for name in record.facts if record.facts[name] != before.get(name)}
    amended = kind.with_source("computed_amended")
    assert amended is not None  # looked at on load
    if changed and record.facts.get("answer") == "zero" and record.facts.get(amended.id) != YES:
        record.facts = {**record.facts, amended.id: YES}
        changed.add(amended.id)
    if not changed:
        return
    record.lock_version += 1
    await record.save()
    detail = {"fields": sorted(changed)}
    await ledger_append.append(record.id, "amended", "system", detail, office.clock.now())
    if not kind.states[record.state].terminal:
        await follow(office, kinds, record)
