"""Reminds, once, those who have not read what was issued to them."""

from typing import Final

from core.office import Office
from models import issue_queries, sql
from oversight.telling import REMINDER, ask_to_read

LIMIT: Final = "report.remind_reader"
SLICE: Final = 50


async def step(office: Office) -> int:
    """Remind one slice of readers whose time to read is over; return how many."""
    now = office.clock.now()
    reminded = 0
    for row in await issue_queries.to_remind(SLICE):
        span = office.limits.get(LIMIT).span
        if span.end(office.calendar, row["told_at"], office.zone).moment > now:
            continue
        async with sql.transaction():
            if await issue_queries.mark_reminded(row["id"], now):
                await ask_to_read(office, row["issued_id"], row["person_id"], REMINDER)
                reminded += 1
    return reminded
