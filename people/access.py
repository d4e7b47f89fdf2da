"""Who may do what: an actor is a person with his roles, each with its own reach. What is not allowed is refused.

A person with several roles has each right only in that role's reach. Rights on records stand in the kinds; here are
the
acts on pages, campaigns and people (people/data/roles.yaml).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.errors import NotAllowed, NotThere
from core.office import Office
from models import people_queries
from models.org import Grant, Person
from people.account_keys import AccountKey
from people.roles import roles
from people.units import UnitTree, load_tree


@dataclass(frozen=True, slots=True)
class Actor:
    """A person who acts. `roles` maps each role to the ids of units in its reach, sub-units included.

    None is the whole house; an empty set reaches nothing but what is his own. `key` is the account's private key that
    the session opened; without it nothing sealed can be read.
    """

    person_id: int
    staff_no: str | None
    unit_id: int | None
    roles: Mapping[str, frozenset[int] | None]
    key: AccountKey | None = field(default=None, repr=False, compare=False)

    def has(self, role: str) -> bool:
        """Return whether the person has the role, however far it reaches."""
        return role in self.roles

    def reaches(self, role: str, unit_id: int | None) -> bool:
        """Return whether the role of this person reaches a unit; no unit is reached only by the whole house."""
        if role not in self.roles:
            return False
        reach = self.roles[role]
        return reach is None or (unit_id is not None and unit_id in reach)


async def actor_of(office: Office, person_id: int, key: AccountKey | None = None) -> Actor:
    """Return the person as an actor, with the key of his account where a session opened it.

    Raises NotThere where there is no such person, or he has left.
    """
    person = await Person.get_or_none(id=person_id)
    if person is None or person.status == "left":
        raise NotThere
    grants = await Grant.filter(person_id=person_id).values_list("role", "scope_id")
    tree = await load_tree()
    return Actor(person.id, person.staff_no, person.unit_id, _reach_by_role(tree, [(r, s) for r, s in grants]), key)


def _reach_by_role(tree: UnitTree, grants: list[tuple[str, int | None]]) -> dict[str, frozenset[int] | None]:
    known = roles().by_id
    found: dict[str, frozenset[int] | None] = {}
    for role in {role for role, _ in grants if role in known}:
        scopes = [scope for name, scope in grants if name == role and scope is not None]
        house = known[role].reach == "house"
        found[role] = None if house else tree.with_sub_units(scopes if known[role].reach == "units" else [])
    return found


def may(actor: Actor, act: str) -> bool:
    """Return whether one of the actor's roles may do the act; an unknown act raises KeyError, it is a slip of code."""
    known = roles()
    if act not in known.acts:
        raise KeyError(act)
    return any(act in known.by_id[role].may for role in actor.roles)


def check_may(actor: Actor, act: str) -> None:
    """Raise NotAllowed unless the actor may do the act."""
    if not may(actor, act):
        raise NotAllowed("people.not_allowed")


async def holders(role: str, unit_id: int | None = None) -> list[int]:
    """Return the persons who have a role, in order of their ids; with a unit, only those whose reach holds it.

    Persons who left are not among them, those on leave are.
    """
    grants = await people_queries.grants_of(role)
    if unit_id is None or roles().by_id[role].reach == "house":
        return sorted({row["person_id"] for row in grants})
    above = set((await load_tree()).above(unit_id))
    return sorted({row["person_id"] for row in grants if row["scope_id"] in above})


async def able_to(act: str) -> list[int]:
    """Return the persons who may do an act by any of their roles and have not left, in order of their ids."""
    able = [role.id for role in roles().by_id.values() if act in role.may]
    return sorted({person for role in able for person in await holders(role)})


async def told_of_incident(sort: str) -> list[int]:
    """Return the persons who are told of an incident of a sort: who manages lanes; of the book also who audits it."""
    watching = ("auditor", "integrity_head") if sort == "ledger_broken" else ()
    persons = {*await able_to("lane.manage")}.union(*[await holders(role) for role in watching])
    return sorted(persons)
