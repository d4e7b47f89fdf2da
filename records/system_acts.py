"""What the clock does to records: transitions of the system whose time is up."""

from datetime import timedelta
from typing import Final

import structlog

from core.errors import LianxinError
from core.office import Office
from models import record_queries, sql
from records.course import Course
from records.due import Deadlines
from records.kind import Kinds
from records.moving import Mover, locked, move

log = structlog.get_logger()
SLICE: Final = 50
AGAIN: Final = timedelta(hours=1)
"""After how long a record is looked at again that could not be moved, so that it does not stop the others."""


async def step(office: Office, kinds: Kinds) -> int:
    """Move one slice of records whose time is up, each in a transaction of its own; return how many moved."""
    moved = 0
    for record_id in await record_queries.due_by_clock(office.clock.now(), SLICE):
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
        kind = kinds.get(record.kind)
        transition = Deadlines(office, kind, record, Course.of(record)).clock_move()
        if transition is None:
            return False
        await move(office, kinds, record, transition, {}, Mover("system", "system"))
    log.info("record moved by the clock", record=record_id, state=record.state)
    return True
