"""The other records that a record refers to: links to those that the visitor may open, of the rest their number."""

from dataclasses import dataclass

from console.record_values import Shower
from console.visit import Visit
from records.kind import Kind
from records.reading import Opened
from records.references import Reference, reachable


@dataclass(frozen=True, slots=True)
class Linked:
    """One field that names records: its title, those that may be opened, how many more there are."""

    title: str
    links: list[Reference]
    more: int


async def linked(visit: Visit, kind: Kind, shower: Shower, opened: Opened) -> list[Linked]:
    """Return the references of a record that are facts, for its page."""
    found = []
    for field in kind.fields.values():
        value = opened.values.get(field.id)
        if is_linked(field.type, field.fact) and value:
            numbers = str(value).split(";")
            links = await reachable(visit.office, visit.kinds, visit.actor, numbers)
            found.append(Linked(shower.title(field), links, len(numbers) - len(links)))
    return found


def is_linked(sort: str, fact: bool) -> bool:
    """Return whether a field names other records, so that it is shown as links."""
    return fact and sort == "refs"
