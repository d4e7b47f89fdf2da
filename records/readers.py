"""Readers of what is made known: called when it is issued, counted when they answer.

What they read is in flight (`records/in_flight.py`) from its issue until it is taken down.
"""

from collections.abc import Sequence

from core.office import Office
from models import ledger_append, reader_queries, wake
from models.org import Unit
from models.record import Record
from people.units import load_tree
from records.in_flight import in_flight
from records.kind import Kind
from records.kind_known import MadeKnown
from records.marks import actor_mark


async def call_readers(office: Office, kind: Kind, record: Record) -> None:
    """Write down who is to read a record that was just made known, in the caller's transaction."""
    known = kind.made_known
    if known is None or known.call is None or record.state != known.begins_at:
        return
    flying = await in_flight(office, record.id)
    named = flying.get(known.readers or "", "")
    if named:
        await reader_queries.call_some(record.id, named.split(";"))
    else:
        await reader_queries.call_all(record.id, await _units(known, record))
    await wake.tell("runs")
    office.wakes.runs.set()


async def _units(known: MadeKnown, record: Record) -> Sequence[int] | None:
    code = record.facts.get(known.unit or "")
    if not code:
        return None
    unit = await Unit.get(code=code)
    return sorted((await load_tree()).with_sub_units([unit.id]))


async def acknowledge(office: Office, record_id: int, person_id: int, channel: str) -> bool:
    """Keep that a reader has read a record, in the caller's transaction; False where he had already or is none."""
    now = office.clock.now()
    if not await reader_queries.acknowledge(record_id, person_id, channel, now):
        return False
    await ledger_append.append(record_id, "acknowledged", actor_mark(office, person_id), {"channel": channel}, now)
    await wake.tell("runs")
    office.wakes.runs.set()
    return True
