"""Acts of staff on records, by the transitions of the kind."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import Conflict, NotAllowed, NotThere, Refused
from core.office import Office
from models import sql
from models.record import Record
from people.access import Actor
from records.course import Course, facts_only
from records.due import Deadlines
from records.given import check_given
from records.kind import Field, Kind, Kinds, Reader, Transition
from records.marks import actor_mark
from records.moving import Mover, check_time, locked, move
from records.predicates import HEAVY, decide
from records.reach import Grasp, grasp_of, roles_by, row_for
from records.views import view_of, views_on

Roles = Mapping[str, frozenset[str] | None]
"""The roles in which somebody acts on a record, each with the acts it is limited to; None is every act of the role."""


@dataclass(frozen=True, slots=True)
class OpenAct:
    """An act that the actor may do now: the fields it needs and takes, the state it leads to, when it is due."""

    act: str
    needs: tuple[Field, ...]
    takes: tuple[Field, ...]
    to: str
    due_at: dt.datetime | None


async def acts_open(office: Office, kinds: Kinds, actor: Actor, record: Record) -> tuple[OpenAct, ...]:
    """Return the acts that the actor may do on a record now; none where he may not see it."""
    kind = kinds.get(record.kind)
    grasp = await grasp_of(office, kind, actor)
    roles = await roles_on(office, kind, actor, grasp, record.public_id)
    return open_for(office, kind, record, roles) if roles is not None else ()


async def roles_on(office: Office, kind: Kind, actor: Actor, grasp: Grasp, public_id: str) -> Roles | None:
    """Return the roles in which an actor acts on a record, each with the acts it is limited to (None: all of the role).

    None where he reaches it by no role and no view.
    """
    row = await row_for(grasp, public_id)
    record = await view_of(office, kind, actor, grasp, public_id)
    if row is None and record is None:
        return None
    return roles_with(kind, actor, grasp.rules_for(row) if row else (), record)


def roles_with(kind: Kind, actor: Actor, rules: tuple[Reader, ...], record: Record | None) -> Roles:
    """Return the roles that come from rules, and from the views that are open on a record that does not name him."""
    roles: dict[str, frozenset[str] | None] = dict.fromkeys(roles_by(rules), None)
    for view in views_on(kind, actor, record) if record else ():
        roles.setdefault(view.role, view.acts)
    return roles


def open_for(office: Office, kind: Kind, record: Record, roles: Roles) -> tuple[OpenAct, ...]:
    """Return the acts that roles may do on a record as it stands."""
    deadlines = Deadlines(office, kind, record, Course.of(record))
    return tuple(
        OpenAct(
            step.act,
            tuple(kind.fields[name] for name in step.needs),
            tuple(kind.fields[name] for name in step.takes),
            step.to,
            deadlines.end(step.limit).moment if step.limit else None,
        )
        for step in kind.moves_from(record.state)
        if role_for(step, roles) and _may_hold(deadlines, step)
    )


def role_for(step: Transition, roles: Roles) -> str | None:
    """Return the role in which a transition may be made, None where none of the roles may."""
    for role in step.by:
        if role in roles:
            limited = roles[role]
            if limited is None or step.act in limited:
                return role
    return None


def _may_hold(deadlines: Deadlines, step: Transition) -> bool:
    """Whether a transition could be made now: what its act gives, and what is sealed, may still decide."""
    try:
        check_time(deadlines, step, deadlines.office.clock.now())
    except Conflict:
        return False
    if step.when is None:
        return True
    given, facts = {*step.needs, *step.takes}, facts_only(deadlines.record.facts)
    named = decide(deadlines.course.known())
    results = [
        getattr(item, "field", None) in given
        or getattr(item, "name", None) in HEAVY
        or item.holds(facts, named.__getitem__)
        for item in step.when.items
    ]
    return all(results) if step.when.every else any(results)


async def do_act(
    office: Office,
    kinds: Kinds,
    actor: Actor,
    public_id: str,
    act: str,
    values: Mapping[str, str],
    lang: str = "zh-Hans",
) -> None:
    """Do an act in a transaction of its own.

    Raises NotThere where the actor may not know of the record, NotAllowed where none of his roles may do the act,
    Conflict where its state, time or condition does not allow it, Refused (with `field`) where a value does not fit.
    """
    found = await Record.get_or_none(public_id=public_id)
    if found is None or found.kind not in kinds.by_id:
        raise NotThere
    kind = kinds.get(found.kind)
    roles = await roles_on(office, kind, actor, await grasp_of(office, kind, actor), public_id)
    if roles is None:
        raise NotThere
    async with sql.transaction():
        record = await locked(public_id=public_id)
        if record is None:
            raise NotThere
        step, role = _step(kind, record, act, roles)
        given = await check_given(office, kind, step, values, lang)
        by = Mover(actor_mark(office, actor.person_id), role, actor)
        await move(office, kinds, record, step, given, by)


def _step(kind: Kind, record: Record, act: str, roles: Roles) -> tuple[Transition, str]:
    named = [step for step in kind.transitions if step.act == act]
    if not any(role_for(step, roles) for step in named):
        raise NotAllowed("error.not_allowed") if named else Refused("error.invalid")
    for step in named:
        role = role_for(step, roles)
        if record.state in step.sources and role:
            return step, role
    raise Conflict("error.not_allowed")
