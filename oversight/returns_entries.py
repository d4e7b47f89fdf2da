"""The entries of a month: what the registers hold of a person, known by the keyed hash of the owner and the clear date.

No sealed text is looked into. What is found is kept with the return, as numbers.
"""

from typing import Final

from models import record_queries, return_queries
from models.record import Record
from records.kind import Kind

OWNER: Final = "@owner"
JOINED: Final = ";"


async def owner_mark(record: Record) -> str:
    """Return the keyed hash of the person whose return a record is."""
    (mark,) = await record_queries.matches(record.id, OWNER)
    return mark


async def look_up(kind: Kind, record: Record) -> list[str]:
    """Return the numbers of the entries of a return's month, and put them into its facts. The row is not saved."""
    field, period = kind.with_source("entries_of_period"), kind.with_source("period")
    assert kind.returns is not None
    assert field is not None
    assert period is not None  # a kind with `returns` has these sources, looked at on load
    month = record.facts[period.id]
    numbers = await return_queries.entries(await owner_mark(record), month, kind.returns.entries)
    record.facts = {**record.facts, field.id: JOINED.join(numbers)}
    return numbers
