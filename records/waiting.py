"""Which acts wait for somebody, over all records of a kind: those that he reads, and those of a view."""

from dataclasses import dataclass, replace
from typing import Final

from core.office import Office
from models.record import Record
from models.record_queries import readable
from people.access import Actor
from records.acts import OpenAct, Roles, open_for, roles_with
from records.kind import Kind
from records.reach import grasp_of
from records.views import waiting

MOST: Final = 200
"""How many open records of a kind are looked at, the newest first."""


@dataclass(frozen=True, slots=True)
class Waits:
    """A record with the acts that are open to somebody on it."""

    kind: Kind
    record: Record
    acts: tuple[OpenAct, ...]


async def waits_for(office: Office, kind: Kind, actor: Actor) -> list[Waits]:
    """Return the records of a kind on which an act is open to the actor, or that he is told to look at in a view."""
    grasp = await grasp_of(office, kind, actor)
    rows = await readable(replace(grasp.selection, open_only=True, limit=MOST)) if grasp.rules else []
    rules = {int(row["id"]): grasp.rules_for(row) for row in rows}
    records = {each.id: each for each in await Record.filter(id__in=sorted(rules))} if rules else {}
    records |= {each.id: each for each in await waiting(office, kind, actor, grasp)}
    found = [
        _waits(office, kind, record, roles_with(kind, actor, rules.get(record.id, ()), record))
        for record in records.values()
    ]
    return [each for each in found if each.acts or each.record.id not in rules]


def _waits(office: Office, kind: Kind, record: Record, roles: Roles) -> Waits:
    """What waits for a second person is named here, not shown: that takes the group's key."""
    return Waits(kind, record, open_for(office, kind, record, roles, None))
