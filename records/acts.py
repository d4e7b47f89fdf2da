"""Acts of staff on records, by the transitions of the kind."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from core.conditions import Comparison
from core.errors import Conflict, NotAllowed, NotThere, Refused
from core.office import Office
from models import sql
from models.record import Record
from people.access import Actor
from records.course import Course, facts_only
from records.due import Deadlines
from records.given import check_given
from records.groups import key_or_none
from records.kind import Field, Kind, Kinds, Reader, Transition
from records.marks import actor_mark
from records.moving import Mover, check_move, check_time, locked, move
from records.predicates import HEAVY, decide
from records.rates import valued_if_missing
from records.reach import Grasp, grasp_of, roles_by, row_for
from records.two_persons import confirmed, propose, proposed_values, take_back, waits_for_second
from records.views import view_of, views_on

Roles = Mapping[str, frozenset[str] | None]
"""The roles in which somebody acts on a record, each with the acts it is limited to; None is every act of the role."""


@dataclass(frozen=True, slots=True)
class OpenAct:
    """An act that the actor may do now: the fields it needs and takes, the state it leads to, when it is due.

    `two_persons`: another person confirms it. `proposed` holds what the first of them gave, while that waits.
    """

    act: str
    needs: tuple[Field, ...]
    takes: tuple[Field, ...]
    to: str
    due_at: dt.datetime | None
    track: str | None = None
    two_persons: bool = False
    proposed: Mapping[str, str] | None = None


async def acts_open(office: Office, kinds: Kinds, actor: Actor, record: Record) -> tuple[OpenAct, ...]:
    """Return the acts that the actor may do on a record now; none where he may not see it."""
    kind = kinds.get(record.kind)
    grasp = await grasp_of(office, kind, actor)
    roles = await roles_on(office, kind, actor, grasp, record.public_id)
    if roles is None:
        return ()
    waits = bool(Course.of(record).pending)
    return open_for(office, kind, record, roles, await key_or_none(office, record.group_id, actor) if waits else None)


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


def open_for(office: Office, kind: Kind, record: Record, roles: Roles, private: bytes | None) -> tuple[OpenAct, ...]:
    """Return the acts that roles may do on a record as it stands; the group's private key shows what was proposed."""
    deadlines = Deadlines(office, kind, record, Course.of(record))
    return tuple(
        _open(deadlines, step, private)
        for step in deadlines.open_moves()
        if role_for(step, roles, deadlines.course) and _may_hold(deadlines, step)
    )


def _open(deadlines: Deadlines, step: Transition, private: bytes | None) -> OpenAct:
    fields, end = deadlines.kind.fields, deadlines.ends(step)
    waits = waits_for_second(deadlines.course, step.act)
    return OpenAct(
        step.act,
        () if waits else tuple(fields[name] for name in step.needs),
        () if waits else tuple(fields[name] for name in step.takes),
        step.to,
        end.moment if end else None,
        step.track,
        bool(step.two_persons),
        proposed_values(deadlines.course, step.act, private) if waits else None,
    )


def role_for(step: Transition, roles: Roles, course: Course) -> str | None:
    """Return the role in which a transition may be made, None where none of the roles may.

    What waits for its second person may be confirmed by the roles named for that one, and is still the first one's.
    """
    waits = waits_for_second(course, step.act)
    for role in (*step.two_persons, *step.by) if waits else step.by:
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
    named = decide(deadlines.course.known(deadlines.kind, deadlines.record))
    return step.may_hold(facts_only(deadlines.record.facts), named, HEAVY)


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
    kind, roles = await _known(office, kinds, actor, public_id)
    async with sql.transaction():
        record = await _held(public_id)
        record.facts = await valued_if_missing(kind, record.facts)
        step, role = _step(kind, record, act, roles)
        mark = actor_mark(office, actor.person_id)
        if step.two_persons and waits_for_second(Course.of(record), act):
            given, first = await confirmed(office, kind, record, step, actor, role)
            await move(office, kinds, record, step, given, Mover(mark, role, actor, first))
            return
        given = await check_given(office, kind, step, values, lang, record.id)
        _check_present(kind, record, step, given, lang)
        if step.two_persons:
            await check_move(office, kinds, record, step, given, Mover(mark, role, actor))
            await propose(office, kind, record, step, given, actor, role)
        else:
            await move(office, kinds, record, step, given, Mover(mark, role, actor))


async def _known(office: Office, kinds: Kinds, actor: Actor, public_id: str) -> tuple[Kind, Roles]:
    """Return the kind of a record and the actor's roles on it. Raises NotThere where he may not know of it."""
    found = await Record.get_or_none(public_id=public_id)
    if found is None or found.kind not in kinds.by_id:
        raise NotThere
    kind = kinds.get(found.kind)
    roles = await roles_on(office, kind, actor, await grasp_of(office, kind, actor), public_id)
    if roles is None:
        raise NotThere
    return kind, roles


async def _held(public_id: str) -> Record:
    """Lock a record until the transaction ends. Raises NotThere."""
    record = await locked(public_id=public_id)
    if record is None:
        raise NotThere
    return record


async def do_take_back(office: Office, kinds: Kinds, actor: Actor, public_id: str, act: str) -> None:
    """Drop what waits for a second person, in a transaction of its own. Raises as `do_act` does."""
    kind, roles = await _known(office, kinds, actor, public_id)
    async with sql.transaction():
        record = await _held(public_id)
        _step(kind, record, act, roles)
        await take_back(office, record, act, actor)


def _step(kind: Kind, record: Record, act: str, roles: Roles) -> tuple[Transition, str]:
    course = Course.of(record)
    named = [step for step in kind.moves if step.act == act]
    if not any(role_for(step, roles, course) for step in named):
        raise NotAllowed("error.not_allowed") if named else Refused("error.invalid")
    for step in kind.moves_of(record.state, record.tracks):
        role = role_for(step, roles, course) if step.act == act else None
        if role:
            return step, role
    raise Conflict("error.not_allowed")


def _check_present(kind: Kind, record: Record, step: Transition, given: Mapping[str, str], lang: str) -> None:
    """Name the field that an act may give and that its condition asks for."""
    facts = facts_only(record.facts)
    for item in step.when.items if step.when else ():
        name = item.field if isinstance(item, Comparison) and item.op == "present" else ""
        if name in step.takes and name not in given and not facts.get(name):
            raise Refused("records.missing", item=kind.fields[name].titles[lang], field=name)
