"""Whom a record's news goes to: its owner, its handler, those who hold a role for its unit and are not recused."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from core.office import Office
from models import record_queries
from models.address import Address
from models.org import Person
from models.record import Record
from people.access import holders
from people.units import UnitTree, load_tree
from records.handles import handles_of
from records.kind import Kind
from records.marks import person_mark
from records.recusal import RECUSED, heads_of

NAMED_PERSON: Final = "named_person"
_HANDLES: Final = {"handler": "handler", NAMED_PERSON: "named"}
"""The parties that are one person, and the handle of the record under which he is kept."""
NEXT_ABOVE: Final = {"integrity_officer": "integrity_head", "area_leader": "leader", "integrity_head": "leader"}
"""Who is told where nobody holds a role for the unit, or all who do are recused."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address to be written to, its person and language."""

    channel: str
    address_id: int
    person_id: int | None
    lang: str


async def targets_of(office: Office, kind: Kind, record: Record, party: str) -> list[Target]:
    """Return the addresses of a party of a record; none where it cannot be reached."""
    if party == "owner":
        return await _owner(office, record)
    if party in _HANDLES:
        person_id = handles_of(office, record).get(_HANDLES[party])
        return await _persons([person_id] if person_id is not None else [])
    return await _persons(await role_holders(office, kind, record, party))


async def _owner(office: Office, record: Record) -> list[Target]:
    if record.reply_to is None:
        owner = handles_of(office, record).get("owner")
        return await _persons([owner] if owner is not None else [])
    address = await Address.get_or_none(id=int(office.key.decrypt(record.reply_to)))
    return [Target(address.channel, address.id, address.person_id, record.lang)] if address else []


async def _persons(person_ids: Iterable[int]) -> list[Target]:
    found = []
    for person_id in person_ids:
        address = await record_queries.best_address(person_id)
        if address is not None:
            found.append(Target(address["channel"], int(address["id"]), person_id, address["lang"]))
    return found


async def role_holders(office: Office, kind: Kind, record: Record, role: str) -> list[int]:
    """Return the persons with a role for the unit of a record who are not recused, else those next above."""
    tree = await load_tree()
    recused = await record_queries.matches(record.id, RECUSED)
    named = next((reader.named for reader in kind.readers if reader.named), None) or "integrity_head"
    free = []
    for person_id in await _reached_by(tree, kind, role, record.unit_id):
        person = await Person.get(id=person_id)
        persons = {person_id, *(await heads_of(tree, person.unit_id, named) if recused else ())}
        if not any(person_mark(office, each) in recused for each in persons):
            free.append(person_id)
    above = NEXT_ABOVE.get(role)
    return free if free or above is None else await role_holders(office, kind, record, above)


async def _reached_by(tree: UnitTree, kind: Kind, role: str, unit_id: int | None) -> list[int]:
    """Return the holders of a role who reach a unit; an office that must not handle its own is left out."""
    rule = next((reader for reader in kind.readers if reader.role == role), None)
    if rule is not None and rule.not_of and unit_id in await own_office(tree, rule.not_of):
        return []
    if unit_id is None and rule is not None and rule.reach == "scope":
        return []
    return await holders(role, unit_id)


async def own_office(tree: UnitTree, role: str) -> frozenset[int]:
    """Return the units whose records the officers of an office do not handle: its own, and the house itself."""
    units = {row["unit_id"] for row in await record_queries.persons_with_role(role) if row["unit_id"] is not None}
    roots = {unit.id for unit in tree.by_id.values() if unit.parent_id is None}
    return tree.with_sub_units(units - roots) | roots
