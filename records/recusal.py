"""Recusal: whoever is named in a record never sees a trace of it, nor do those whose head is named.

Looked at when a record is filed and again at every later answer. Source: rule `recusal` of the roles.
"""

from collections.abc import Mapping

from core.office import Office
from models import record_queries
from people.access import Actor
from people.units import UnitTree, load_tree
from records.kind import UNKNOWN, Kind
from records.marks import person_mark
from records.staff_in_text import staff_in

RECUSED = "@recused"
HEAD_ROLE = "unit_head"
OFFICE_ROLE = "integrity_head"


async def recuse_named(office: Office, kind: Kind, record_id: int, values: Mapping[str, str]) -> int:
    """Keep the hash of every person whom the values name; return how many there are."""
    named = await staff_in(office, told_by_reporter(kind, values))
    for person_id in sorted(named):
        await record_queries.add_match(record_id, RECUSED, person_mark(office, person_id))
    return len(named)


async def recuse_superiors(office: Office, record_id: int, unit_id: int | None) -> None:
    """Shut a record to the heads of its owner's unit and of those above it, and to the office if it is his own."""
    for person_id in sorted(await heads_of(await load_tree(), unit_id, OFFICE_ROLE)):
        await record_queries.add_match(record_id, RECUSED, person_mark(office, person_id))


def told_by_reporter(kind: Kind, values: Mapping[str, str]) -> list[str]:
    """Return the values in which the reporter may name somebody: his own words, nothing that the engine filled in."""
    names = (
        field.id
        for field in kind.fields.values()
        if field.type in ("line", "text") and field.source is None and field.required != "act"
    )
    return [values[name] for name in names if values.get(name) not in (None, "", UNKNOWN)]


async def heads_of(tree: UnitTree, unit_id: int | None, office_role: str) -> frozenset[int]:
    """Return the heads of a unit: of itself and the units above it below the house, and of the office of a role."""
    if unit_id is None:
        return frozenset()
    chain = [each for each in tree.above(unit_id) if tree.by_id[each].parent_id is not None or each == unit_id]
    heads = {row["person_id"] for row in await record_queries.persons_with_role(HEAD_ROLE) if row["scope_id"] in chain}
    officers = await record_queries.persons_with_role(office_role)
    return frozenset(heads | {row["person_id"] for row in officers if row["unit_id"] == unit_id})


async def recused_marks(office: Office, tree: UnitTree, actor: Actor, office_role: str) -> tuple[str, ...]:
    """Return the hashes under which a record is shut to an actor: his own, and those of his heads."""
    persons = {actor.person_id, *await heads_of(tree, actor.unit_id, office_role)}
    return tuple(sorted(person_mark(office, person_id) for person_id in persons))
