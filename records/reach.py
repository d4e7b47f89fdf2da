"""Who reads which records of a kind, in which reach, and which fields of them; deny by default.

A reader has each right only in the reach of the role that gives it. Whoever is named in a record, or is its owner,
reaches it by no role at all.
"""

from dataclasses import dataclass, replace
from typing import Any

from core.office import Office
from models import record_queries
from models.record_queries import Reach, Selection
from people.access import Actor
from people.units import UnitTree, load_tree
from records.kind import Field, Kind, Kinds, Reader
from records.marks import person_mark
from records.recusal import OFFICE_ROLE, recused_marks
from records.sources import NAMED_MODES
from records.targets import own_office


@dataclass(frozen=True, slots=True)
class Grasp:
    """How far an actor reaches into a kind: a selection to ask rows with, and the rule behind each reach."""

    selection: Selection
    rules: tuple[tuple[Reader, frozenset[int] | None], ...]

    def rules_for(self, row: dict[str, Any]) -> tuple[Reader, ...]:
        """Return the rules by which the actor reaches one row."""
        return tuple(rule for rule, units in self.rules if _applies(rule, units, row))


def _applies(rule: Reader, units: frozenset[int] | None, row: dict[str, Any]) -> bool:
    if row["state"] in rule.hidden_in:
        return False
    if rule.reach == "house":
        return True
    if rule.reach == "assigned":
        return bool(row["handled"])
    if rule.reach == "above":
        return bool(row["above"])
    return row["unit_id"] is not None and (units is None or row["unit_id"] in units)


async def grasp_of(office: Office, kind: Kind, actor: Actor) -> Grasp:
    """Return how far an actor reaches into a kind. An actor without a role that reads it reaches nothing."""
    mark, tree = person_mark(office, actor.person_id), await load_tree()
    rules = [rule for rule in kind.readers if actor.has(rule.role)]
    scopes = [(rule, await _units(rule, actor, tree)) for rule in rules]
    above = await _above(office, rules)
    reaches = tuple(_reach(rule, units, mark, above) for rule, units in scopes)
    recused = await recused_marks(office, tree, actor, OFFICE_ROLE)
    selection = Selection(kind.id, reaches, mark, recused, mark, above)
    return Grasp(selection, tuple(scopes))


async def _units(rule: Reader, actor: Actor, tree: UnitTree) -> frozenset[int]:
    if rule.reach != "scope":
        return frozenset()
    granted = actor.roles[rule.role]
    units = frozenset(tree.by_id) if granted is None else granted
    return units - await own_office(tree, rule.not_of) if rule.not_of else units


async def _above(office: Office, rules: list[Reader]) -> tuple[str, ...]:
    names = [rule.named for rule in rules if rule.reach == "above" and rule.named]
    holders = [row["person_id"] for name in names for row in await record_queries.persons_with_role(name)]
    return tuple(sorted({person_mark(office, person_id) for person_id in holders}))


def _reach(rule: Reader, units: frozenset[int], mark: str, above: tuple[str, ...]) -> Reach:
    hidden = tuple(sorted(rule.hidden_in))
    if rule.reach == "house":
        return Reach(house=True, hidden_in=hidden)
    if rule.reach == "assigned":
        return Reach(handler_hash=mark, hidden_in=hidden)
    if rule.reach == "above":
        return Reach(named_hashes=above, hidden_in=hidden)
    return Reach(unit_ids=tuple(sorted(units)), hidden_in=hidden)


async def row_for(grasp: Grasp, public_id: str) -> dict[str, Any] | None:
    """Return the row of a record that the actor reaches, None for every other."""
    rows = await record_queries.readable(replace(grasp.selection, public_id=public_id, limit=1))
    return rows[0] if rows else None


def roles_by(rules: tuple[Reader, ...]) -> frozenset[str]:
    """Return the roles in which an actor acts on a row: those of his rules, and those that they stand for."""
    return frozenset(role for rule in rules for role in (rule.role, *rule.acts_as))


def may_see(kinds: Kinds, field: Field, rules: tuple[Reader, ...], facts: dict[str, Any]) -> bool:
    """Return whether one of the rules shows a field. What the owner may see is shown to every reader of the record."""
    return any(_shows(kinds, field, rule, facts) for rule in rules)


def _shows(kinds: Kinds, field: Field, rule: Reader, facts: dict[str, Any]) -> bool:
    if field.visible == "P5_identity":
        named = facts.get("identity_mode") in NAMED_MODES
        return rule.identity == "always" or (rule.identity == "if_named" and named)
    if not field.fact and rule.sealed is not None and field.id not in rule.sealed:
        return False
    return field.visible == "OWN" or bool(kinds.classes[field.visible] & {rule.role, *rule.acts_as})
