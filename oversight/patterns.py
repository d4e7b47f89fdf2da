"""Patterns: the risk rules follow the ledger. Each entry is looked at once, after it was committed.

One process at a time looks: it holds the row of the cursor. What a look finds and how far it came are committed
together, so that a crash repeats the look and nothing else. When the rules change, everything is looked at anew; the
same records still raise no second alert.
"""

from typing import Final

from core.office import Office
from models import pattern_queries, sql
from models.pattern_queries import Mark
from models.record import Record
from oversight.counted import Looked, fits, looked_at, mark_of
from oversight.raising import raise_alert
from oversight.rule import AllQuiet, Rule, Rules, Shape, Single, slot_of
from oversight.windows import Hits, days_around, hits_of
from records.kind import Kinds

NAME: Final = "risk_rules"
SLICE: Final = 100
"""How many entries are looked at in one transaction at most; it ends with the first record that raises an alert."""
FORGOTTEN: Final = 5000
IDLE: Final = frozenset({"read", "code_wrong", "proposed", "taken_back"})
"""Entries that change nothing of a record that a rule reads."""


async def step(office: Office, kinds: Kinds, rules: Rules) -> int:
    """Look at one slice of the ledger; return how many entries were looked at (or old marks forgotten)."""
    if not await pattern_queries.is_behind(NAME, rules.version):
        return 0
    async with sql.transaction():
        cursor = await pattern_queries.hold_cursor(NAME, rules.version)
        if cursor is None:
            return 0
        if cursor.version != rules.version:
            return await _begin_anew(rules)
        return await _look_on(office, kinds, rules, cursor.seq)


async def _begin_anew(rules: Rules) -> int:
    """Forget what other rules counted by, a slice at a time, then go back to the first entry."""
    forgotten = await pattern_queries.drop_marks(FORGOTTEN)
    if not forgotten:
        await pattern_queries.move_cursor(NAME, rules.version, 0)
    return forgotten or 1


async def _look_on(office: Office, kinds: Kinds, rules: Rules, since: int) -> int:
    entries = await pattern_queries.entries(since, SLICE)
    seen: set[int] = set()
    done = 0
    for entry in entries:
        done += 1
        record_id = entry["record_id"]
        if record_id is None or entry["event"] in IDLE or record_id in seen:
            continue
        seen.add(record_id)
        if await look(office, kinds, rules, record_id):
            break
    if done:
        await pattern_queries.move_cursor(NAME, rules.version, since + done)
    return done


async def look(office: Office, kinds: Kinds, rules: Rules, record_id: int) -> int:
    """Look at one record by every rule that reads its kind, in the caller's transaction; return how many alerts."""
    record = await Record.get_or_none(id=record_id)
    if record is None or record.kind not in kinds.by_id or not rules.reading(record.kind):
        return 0
    looked = await looked_at(office, kinds.get(record.kind), record)
    before = await pattern_queries.marks_of(record_id)
    raised = 0
    for rule in rules.reading(record.kind):
        for place, shape in enumerate(rule.shapes):
            hits = await _found(office, rule, place, shape, looked, before)
            raised += await raise_alert(office, kinds, rule, hits) if hits else 0
    return raised


async def _found(office: Office, rule: Rule, place: int, shape: Shape, looked: Looked, before: dict[str, Mark]) -> Hits:
    """What a shape finds in a record; a mark that stays as it was finds nothing new."""
    if isinstance(shape, Single):
        is_meant = shape.kind == looked.kind.id and fits(office, shape, looked)
        return (looked.record.id,) if is_meant else ()
    slot = slot_of(rule, place)
    mark, old = mark_of(office, shape, slot, looked), before.get(slot)
    if mark == old:
        return ()
    if mark is not None:
        await pattern_queries.put_mark(slot, mark)
    else:
        await pattern_queries.drop_mark(slot, looked.record.id)
        if old is None or not isinstance(shape, AllQuiet):
            return ()
        mark = old  # months may be quiet now that this record is none of them any more
    around = await pattern_queries.marks_around(slot, mark.hash, *days_around(shape, mark.day))
    return hits_of(shape, mark, around)
