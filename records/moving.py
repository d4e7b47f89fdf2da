"""One move of a record along a transition: fields given, state, times, messages, ledger entry, in one transaction."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from core.errors import Conflict, Refused
from core.office import Office
from models import ledger_append, record_queries
from models.org import Person, Unit
from models.record import KeyGroup, Record
from people.access import Actor
from people.persons import find_by_staff_no
from records.checks import NAMED, look
from records.course import Course, facts_only
from records.due import Deadlines
from records.effects import EFFECTS, Doing
from records.evidence import give_uploads
from records.facts import as_facts
from records.groups import group_private_key
from records.handles import encrypt_handles, handles_of
from records.in_flight import keep_in_flight
from records.kind import Kind, Kinds, Transition
from records.machine_file import ACTOR, TODAY
from records.makers import MAKERS
from records.marks import person_mark
from records.matching import replace_matches
from records.predicates import HEAVY, decide
from records.publishing import reasons_met
from records.rates import without_rate
from records.readers import call_readers
from records.recusal import RECUSED
from records.row_state import enter_state, enter_track_state
from records.sealing import add_statement, merged, unseal_all
from records.staff_in_text import staff_in
from records.telling import close_questions, tell

HANDLER: Final = "@handler"


@dataclass(frozen=True, slots=True)
class Mover:
    """Who moves a record: his pseudonym, his role in it, and the actor where it is a member of staff.

    `first` names the first person of an act of two, as it stands in the ledger.
    """

    mark: str
    role: str
    actor: Actor | None = None
    first: Mapping[str, str] = field(default_factory=dict)


async def move(
    office: Office, kinds: Kinds, record: Record, step: Transition, given: Mapping[str, str], by: Mover
) -> None:
    """Make a move in the caller's transaction; the record is locked and its fields were checked.

    Raises Conflict where its condition or its time does not allow it, Refused where an answer names staff.
    """
    kind, now, course = kinds.get(record.kind), office.clock.now(), Course.of(record)
    given = {**given, **_set_by(office, step, now, by)}
    answer = await check_move(office, kinds, record, step, given, by)
    given |= {name: MAKERS[maker](office, record, given) for name, maker in (step.makes or {}).items()}
    if step.does:
        given = {**given, **await EFFECTS[step.does](Doing(office, kind, record, given, by.actor))}
    detail = await _give(office, kind, record, step, given, by, now)
    course.did(step.act, late=Deadlines(office, kind, record, course).is_late(step, now))
    course.note_told(kind, given)
    course.pending = {name: kept for name, kept in course.pending.items() if name in _not_of(kind, step)}
    if step.track is None:
        if any(track.begins_at == step.to for track in kind.tracks.values()):
            record.facts = {**record.facts, **await reasons_met(kind, record, course)}
        enter_state(office, kind, record, course, step.to, now)
    else:
        enter_track_state(office, kind, record, course, step, now)
    course.keep(record)
    record.lock_version += 1
    await record.save()
    if step.track is None:
        await close_questions(office, record)
        await keep_in_flight(office, kind, record, given)
        await call_readers(office, kind, record)
    deadlines = Deadlines(office, kind, record, course)
    for notice in step.notify:
        if notice.when is None or notice.when.holds(facts_only(record.facts), decide(course.known(kind, record))):
            await tell(office, kinds, deadlines, notice, given, answer)
    await follow(office, kinds, record)
    entry = {"act": step.act, "state": step.to, "role": by.role, "fields": sorted(given), **detail, **by.first}
    if step.track is not None:
        entry["track"] = step.track
    await ledger_append.append(record.id, "moved", by.mark, entry, now)


async def check_move(
    office: Office, kinds: Kinds, record: Record, step: Transition, given: Mapping[str, str], by: Mover
) -> str | None:
    """Look whether time and condition allow a move; return the answer that it sends. Raises Conflict, Refused."""
    kind, course = kinds.get(record.kind), Course.of(record)
    check_time(Deadlines(office, kind, record, course), step, office.clock.now())
    answer = await _answer(office, kind, record, step, given, by)
    await _check_condition(office, kind, record, course, step, given, answer)
    await look(office, kinds, record, step.checks, given, by.actor)
    return answer


async def follow(office: Office, kinds: Kinds, record: Record) -> bool:
    """Make the move that the system makes at once when its condition holds; return whether the state has one.

    The record is locked.
    """
    kind, course = kinds.get(record.kind), Course.of(record)
    facts, named = facts_only(record.facts), decide(course.known(kind, record))
    for step in kind.moves_of(record.state, record.tracks):
        at_once = step.by == ("system",) and step.after is None and step.act != kind.owner_left
        if at_once and (step.when is None or step.when.holds(facts, named)):
            await move(office, kinds, record, step, {}, Mover("system", "system"))
            return True
    return False


def _set_by(office: Office, step: Transition, now: dt.datetime, by: Mover) -> dict[str, str]:
    """What an act sets by itself: a constant, `@today`, `@actor` (the staff number of who does it), or `@limit`.

    The last is the day on which a limit from now on ends.
    """
    values = {}
    for name, value in (step.sets or {}).items():
        if value == TODAY:
            value = office.today().isoformat()
        elif value == ACTOR:
            value = (by.actor.staff_no if by.actor else None) or ""
        elif value.startswith("@"):
            span = office.limits.get(value[1:]).span
            value = span.end(office.calendar, now, office.zone).day.isoformat()
        values[name] = value
    return values


def _not_of(kind: Kind, step: Transition) -> set[str]:
    """The acts of the other tracks: what waits there for a second person still waits."""
    return {move.act for move in kind.moves if move.track != step.track}


def check_time(deadlines: Deadlines, step: Transition, now: dt.datetime) -> None:
    """Raise Conflict when a transition is not possible any more, or not yet."""
    if step.until and now >= deadlines.end(step.until, step.track).moment:
        raise Conflict("records.too_late")
    if step.not_before and now < deadlines.end(step.not_before, step.track).moment:
        raise Conflict("records.too_early")


async def _answer(
    office: Office, kind: Kind, record: Record, step: Transition, given: Mapping[str, str], by: Mover
) -> str | None:
    """Return the answer that this move sends or looks through; it is unsealed only where one of both is so.

    Whoever makes such a move holds the key: the service and the owner cannot (`records.kind_check`).
    """
    name = kind.answers_in_text
    sends = any("answer" in office.texts.get(notice.text).variables for notice in step.notify)
    looks = step.when is not None and any(getattr(item, "name", "") in HEAVY for item in step.when.items)
    if name is None or not (sends or looks):
        return None
    if name in given:
        return given[name]
    key = await group_private_key(office, await KeyGroup.get(id=record.group_id), by.actor)
    return merged(await unseal_all(key, record.id), kind.statement).get(name)


async def _check_condition(
    office: Office,
    kind: Kind,
    record: Record,
    course: Course,
    step: Transition,
    given: Mapping[str, str],
    answer: str | None,
) -> None:
    clean = None if answer is None else not await staff_in(office, [answer])
    facts = facts_only(record.facts) | as_facts(kind, given)
    if step.when is None or step.when.holds(facts, decide(course.known(kind, record, clean))):
        return
    raise Refused("records.names_staff") if clean is False else Conflict("error.not_allowed")


async def _give(
    office: Office,
    kind: Kind,
    record: Record,
    step: Transition,
    given: Mapping[str, str],
    by: Mover,
    now: dt.datetime,
) -> dict[str, Any]:
    """Keep what the act gave: facts in the row, the rest in a statement with its matches. Return it for the ledger."""
    facts = as_facts(kind, given)
    sealed = {name: value for name, value in given.items() if not kind.fields[name].fact}
    sealed |= await _first_handler(kind, record, by)
    record.facts = without_rate(kind, {**record.facts, **facts}, facts)
    if kind.unit_field in facts:
        unit = await Unit.get(code=facts[str(kind.unit_field)])
        record.unit_id = unit.id
    await _assign(office, kind, record, sealed)
    if not sealed:
        return {}
    files = await give_uploads(kind, record, given)
    await replace_matches(office, kind, record.id, sealed)
    return files | await add_statement(await KeyGroup.get(id=record.group_id), record.id, "act", sealed, now)


async def _first_handler(kind: Kind, record: Record, by: Mover) -> dict[str, str]:
    """The member of staff who acts first is kept as the one first asked, where the kind has such a field."""
    field = kind.with_source("first_handler")
    if field is None or by.actor is None or by.actor.staff_no is None or Course.of(record).acts:
        return {}
    return {field.id: by.actor.staff_no}


async def _assign(office: Office, kind: Kind, record: Record, given: Mapping[str, str]) -> None:
    """Whom an act names in the field of the handler becomes the handler; in that of the named person, who is asked."""
    for name, become in ((kind.handler_field, set_handler), (kind.named_field, set_named)):
        if name is None or name not in given:
            continue
        person = await find_by_staff_no(given[name])
        assert person is not None  # checked with the fields of the act
        if person_mark(office, person.id) in await record_queries.matches(record.id, RECUSED):
            raise Refused("records.no_handler", field=name)
        await become(office, record, person)


async def set_handler(office: Office, record: Record, person: Person) -> None:
    """Make a person the handler of a record; the one before is none any more. The row is not saved."""
    await record_queries.drop_match(record.id, HANDLER)
    await record_queries.add_match(record.id, HANDLER, person_mark(office, person.id))
    record.handles = encrypt_handles(office, {**handles_of(office, record), "handler": person.id})


async def set_named(office: Office, record: Record, person: Person) -> None:
    """Make a person the one whom a record names and asks. The row is not saved."""
    await record_queries.drop_match(record.id, NAMED)
    await record_queries.add_match(record.id, NAMED, person_mark(office, person.id))
    record.handles = encrypt_handles(office, {**handles_of(office, record), "named": person.id})


async def locked(public_id: str | None = None, record_id: int | None = None) -> Record | None:
    """Return a record under its row lock, None where there is none."""
    wanted = {"public_id": public_id} if public_id is not None else {"id": record_id}
    return await Record.select_for_update().get_or_none(**wanted)
