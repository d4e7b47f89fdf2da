"""What the clock does to records: transitions of the system whose time is up, and reminders of them."""

from datetime import timedelta
from typing import Final

import structlog

from core.errors import LianxinError
from core.office import Office
from models import ledger_append, record_queries, sql
from models.org import Person
from models.record import Record
from records.course import Course
from records.due import Deadlines
from records.handles import handles_of
from records.kind import Kinds, Reminder
from records.moving import Mover, locked, move
from records.row_state import set_times
from records.telling import tell

log = structlog.get_logger()
SLICE: Final = 50
SLICES: Final = 40
"""How many slices are moved in one go: at the end of a month many are due at the same moment."""
AGAIN: Final = timedelta(hours=1)
"""After how long a record is looked at again that could not be moved, so that it does not stop the others."""


async def step(office: Office, kinds: Kinds) -> int:
    """Move records whose time is up, slice by slice, each in a transaction of its own; return how many moved."""
    moved = 0
    for _ in range(SLICES):
        waiting = await record_queries.due_by_clock(office.clock.now(), SLICE)
        if not waiting:
            break
        moved += await _move_slice(office, kinds, waiting)
    return moved


async def _move_slice(office: Office, kinds: Kinds, record_ids: list[int]) -> int:
    moved = 0
    for record_id in record_ids:
        try:
            moved += await _move_one(office, kinds, record_id)
        except LianxinError as error:
            log.error("record not moved by the clock", record=record_id, reason=type(error).__name__)
            await record_queries.move_later(record_id, office.clock.now() + AGAIN)
    return moved


async def _move_one(office: Office, kinds: Kinds, record_id: int) -> bool:
    """Look again under the lock: somebody may have moved the record meanwhile."""
    async with sql.transaction():
        record = await locked(record_id=record_id)
        if record is None or record.moves_at is None or record.moves_at > office.clock.now():
            return False
        await _do_what_is_due(office, kinds, record)
    log.info("record moved by the clock", record=record_id, state=record.state)
    return True


async def _do_what_is_due(office: Office, kinds: Kinds, record: Record) -> None:
    """Move the record, or remind; where neither is due any more (a holiday moved), only its times are put right."""
    kind, now = kinds.get(record.kind), office.clock.now()
    deadlines = Deadlines(office, kind, record, Course.of(record))
    transition, reminder = deadlines.clock_move(), deadlines.reminder()
    if kind.owner_left and await _has_left(office, record):
        transition = next(each for each in kind.moves_from(record.state) if each.act == kind.owner_left)
        await move(office, kinds, record, transition, {}, Mover("system", "system"))
    elif transition is not None and (deadlines.clock_moves_at() or now) <= now:
        await move(office, kinds, record, transition, {}, Mover("system", "system"))
    elif reminder is not None and reminder[1] <= now:
        await _remind(office, kinds, deadlines, reminder[0])
    else:
        set_times(deadlines)
        await record.save(update_fields=["due_at", "moves_at"])


async def _has_left(office: Office, record: Record) -> bool:
    owner = handles_of(office, record).get("owner")
    return owner is not None and await Person.exists(id=owner, status="left")


async def _remind(office: Office, kinds: Kinds, deadlines: Deadlines, reminder: Reminder) -> None:
    """Tell what a reminder tells, once, and note it."""
    record, course = deadlines.record, deadlines.course
    course.reminded = [*course.reminded, reminder.limit]
    course.keep(record)
    record.lock_version += 1
    set_times(deadlines)
    await record.save()
    for notice in reminder.notices:
        await tell(office, kinds, deadlines, notice, {}, None)
    detail = {"limit": reminder.limit, "state": record.state}
    await ledger_append.append(record.id, "reminded", "system", detail, office.clock.now())
