"""References from one record to others: which of them somebody may open; of the rest only how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.numbers import parse_number
from core.office import Office
from models import record_queries
from people.access import Actor
from records.kind import Kind, Kinds
from records.reach import grasp_of

LIMIT = 200


@dataclass(frozen=True, slots=True)
class Reference:
    """A record that the reader may open: its number, its kind and its public id."""

    number: str
    kind: str
    public_id: str


async def reachable(office: Office, kinds: Kinds, actor: Actor, numbers: Sequence[str]) -> list[Reference]:
    """Return the records with these numbers that the actor reaches, in the order of the numbers."""
    found: dict[str, Reference] = {}
    for kind, of_kind in _by_kind(kinds, numbers).items():
        grasp = await grasp_of(office, kinds.get(kind), actor)
        if not grasp.rules:
            continue
        rows = await record_queries.readable(replace(grasp.selection, numbers=tuple(of_kind), limit=LIMIT))
        found |= {row["number"]: Reference(row["number"], kind, row["public_id"]) for row in rows}
    return [found[number] for number in numbers if number in found]


def _by_kind(kinds: Kinds, numbers: Sequence[str]) -> dict[str, list[str]]:
    """Numbers by the kind that they are of; what is no number of an installed kind is left out."""
    found: dict[str, list[str]] = {}
    for number in dict.fromkeys(numbers):
        kind: Kind | None = kinds.of_number(number) if parse_number(number) else None
        if kind is not None:
            found.setdefault(kind.id, []).append(number)
    return found
