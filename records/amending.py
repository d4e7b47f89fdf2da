"""Amending: a later answer is appended as a statement of its own, nothing is rewritten."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from core.errors import NotThere, Refused
from core.office import Office
from models import ledger_append, record_queries
from models.org import Unit
from models.record import KeyGroup, Record
from records.alerting import look_at_alerts
from records.course import Course
from records.due import Deadlines
from records.facts import CURRENCY, MONEY, as_facts, money_text
from records.in_flight import keep_in_flight
from records.kind import Kind, Kinds
from records.marks import actor_mark, address_mark, person_mark
from records.matching import replace_matches
from records.moving import locked
from records.rates import valued
from records.recusal import recuse_named
from records.row_state import set_times
from records.sealing import BEFORE, add_statement
from records.source import Source
from records.sources import NAMED_MODES, Origin, confidential_if_name_given

CORRECTED: Final = "corrected"


async def amend(office: Office, kinds: Kinds, record_id: int, values: Mapping[str, str], source: Source) -> None:
    """Append answers of the owner to his record, in the caller's transaction.

    Facts are merged into the row, the rest is sealed; recusal and alerts are looked at again. Raises NotThere where the
    record is not the source's own, Refused where a value is no field of a reporter or the record has ended.
    """
    record = await own_record(office, record_id, source)
    kind = kinds.get(record.kind)
    if kind.states[record.state].terminal:
        raise Refused("error.not_allowed")
    await append_answers(office, kind, record, values, source)


async def own_record(office: Office, record_id: int, source: Source, *, by_code: bool = False) -> Record:
    """Return a record of the source, locked; `by_code` says that number and query code matched. Raises NotThere."""
    record = await locked(record_id=record_id)
    if record is None or not (by_code or await owns(office, record_id, source)):
        raise NotThere
    return record


async def owns(office: Office, record_id: int, source: Source) -> bool:
    """Return whether a record came from the address of a source, or belongs to its person."""
    marks = []
    if source.address_id is not None:
        marks.append(("@address", address_mark(office, source.address_id)))
    if source.person_id is not None:
        marks.append(("@owner", person_mark(office, source.person_id)))
    return any([await record_queries.has_match(record_id, *mark) for mark in marks])


async def correct(office: Office, kinds: Kinds, record_id: int, values: Mapping[str, str], source: Source) -> None:
    """Append a correction of answers that were given, in the caller's transaction.

    What was said before stays: a sealed answer in its own statement, a fact beside the new one in this. Raises NotThere
    where the record is not the source's own, Refused where it has ended or the time for answers is over.
    """
    record = await own_record(office, record_id, source)
    kind = kinds.get(record.kind)
    if not may_correct(kind, record, office.clock.now()):
        raise Refused("records.too_late")
    await append_answers(office, kind, record, values, source, CORRECTED)


def may_correct(kind: Kind, record: Record, now: dt.datetime) -> bool:
    """Return whether the owner may still correct what he said: until the record, or the time for answers, ends."""
    over = record.later_until is not None and now >= record.later_until
    return not kind.states[record.state].terminal and not over


async def append_answers(
    office: Office, kind: Kind, record: Record, values: Mapping[str, str], source: Source, event: str = "amended"
) -> None:
    """Append answers to a locked record, the source's own. Raises Refused for a field of the office."""
    _check_fields(kind, values)
    now, course = office.clock.now(), Course.of(record)
    facts = as_facts(kind, values)
    sealed = {name: value for name, value in values.items() if not kind.fields[name].fact}
    said = {**values, **_before(kind, record, facts)} if event == CORRECTED else sealed
    record.facts = {**record.facts, **facts, **_identity(kind, record, values, source, office)}
    if any(kind.fields[name].type in (MONEY, CURRENCY) for name in facts):
        record.facts = await valued(kind, record.facts)
    course.note_told(kind, values)
    course.keep(record)
    if any(name in facts for names in kind.counts_from.values() for name in names):
        set_times(Deadlines(office, kind, record, course))
    if kind.unit_field in facts and record.unit_id is None:
        unit = await Unit.get_or_none(code=facts[str(kind.unit_field)])
        record.unit_id = unit.id if unit else None
    detail = {}
    if said:
        group = await KeyGroup.get(id=record.group_id)
        sort = "correction" if event == CORRECTED else "amendment"
        detail = await add_statement(group, record.id, sort, said, now)
    if sealed:
        await replace_matches(office, kind, record.id, sealed)
        await recuse_named(office, kind, record.id, sealed)
    record.lock_version += 1
    await look_at_alerts(office, kind, record, course)
    await record.save()
    await keep_in_flight(office, kind, record, sealed)
    mark = actor_mark(office, source.person_id, source.address_id)
    await ledger_append.append(record.id, event, mark, {"fields": sorted(values), **detail}, now)


def _before(kind: Kind, record: Record, facts: Mapping[str, Any]) -> dict[str, str]:
    """What the facts that are corrected were until now, as text."""
    return {
        f"{BEFORE}{name}": money_text(record.facts[name])
        if kind.fields[name].type == MONEY
        else str(record.facts[name])
        for name in facts
        if name in record.facts
    }


def _check_fields(kind: Kind, values: Mapping[str, str]) -> None:
    asked = {name for entry in (*kind.form.first, *kind.form.later) for name in entry.fields}
    asked |= {name for name in (kind.statement, kind.rating, kind.rating_why) if name}
    if kind.one_line:
        asked |= set(kind.one_line.fields)
    if strange := sorted(values.keys() - asked):
        raise Refused("error.invalid", field=strange[0])


def _identity(kind: Kind, record: Record, values: Mapping[str, str], source: Source, office: Office) -> dict[str, str]:
    """A name left later makes a sender known who was anonymous before."""
    field = kind.with_source("confidential_if_name_given")
    if field is None or record.facts.get(field.id) in NAMED_MODES:
        return {}
    mode = confidential_if_name_given(Origin(kind, source, office.clock.now()), values)
    return {field.id: mode} if mode else {}
