"""Sealed values in flight: what others than the group must read of a record, kept only while they must.

The copy is encrypted by the service key and erased when the record leaves the states, or the alert, that it is for.
Put in the transaction of the change that gives the value: nobody opens the statement for it.
"""

from collections.abc import Mapping

from core.office import Office
from models.reading import InFlight
from models.record import Record
from records.course import alerts_open
from records.kind import Kind
from records.kind_known import Flight


async def keep_in_flight(office: Office, kind: Kind, record: Record, given: Mapping[str, str]) -> None:
    """Bring the copies of a record up to date with its state: put what was just given, erase what is over."""
    if not kind.flights:
        return
    wanted = {name for rule in kind.flights if _holds(kind, rule, record) for name in rule.fields}
    over = {name for rule in kind.flights for name in rule.fields} - wanted
    if over:
        await InFlight.filter(record_id=record.id, field__in=sorted(over)).delete()
    for name in sorted(wanted & given.keys()):
        copy = {"body": office.key.encrypt(given[name]), "put_at": office.clock.now()}
        await InFlight.update_or_create(copy, record_id=record.id, field=name)


def _holds(kind: Kind, rule: Flight, record: Record) -> bool:
    return record.state in rule.states or (rule.alert is not None and rule.alert in alerts_open(kind, record))


async def in_flight(office: Office, record_id: int) -> dict[str, str]:
    """Return the values of a record that are in flight, by field."""
    return {row.field: office.key.decrypt(row.body) for row in await InFlight.filter(record_id=record_id)}


async def in_flight_of(office: Office, record_ids: list[int]) -> dict[int, dict[str, str]]:
    """Return the values in flight of several records, by record and field."""
    found: dict[int, dict[str, str]] = {record_id: {} for record_id in record_ids}
    for row in await InFlight.filter(record_id__in=record_ids):
        found[row.record_id][row.field] = office.key.decrypt(row.body)
    return found
