"""The entries of an officer, for himself: number, day, a neutral word for the state, and what he still owes."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from core.clock import local_day
from core.office import Office
from models import record_queries
from models.record import Record
from records import forms
from records.amending import may_correct
from records.course import Course, facts_only
from records.due import Deadlines
from records.kind import Kind, Kinds, Transition
from records.marks import person_mark
from records.sealing import given_fields
from records.status import line_of

PAGE: Final = 6


@dataclass(frozen=True, slots=True)
class Owed:
    """What is still open of an entry: questions after filing, or what the office asked for; until when (its last day).

    `questions` is how many, 0 where the office asked for something.
    """

    questions: int
    until: dt.date | None


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """One entry of an officer. `correctable` says whether he may still correct what he said."""

    record_id: int
    number: str
    filed_on: dt.date
    state_key: str
    owed: Owed | None
    correctable: bool


async def own_entries(
    office: Office, kinds: Kinds, person_id: int, before_id: int | None = None, limit: int = PAGE
) -> list[OwnEntry]:
    """Return the newest entries that belong to a person in registers of staff, those before an id on later pages."""
    registers = [kind.id for kind in kinds.by_id.values() if "anyone" not in kind.filed_by and kind.filing_act]
    ids = await record_queries.own_page(person_mark(office, person_id), registers, before_id, limit)
    records = {record.id: record for record in await Record.filter(id__in=ids)}
    return [await _entry(office, kinds, records[each]) for each in ids]


async def _entry(office: Office, kinds: Kinds, record: Record) -> OwnEntry:
    kind, line = kinds.get(record.kind), line_of(office, kinds, record)
    filed_on = local_day(record.filed_at, office.zone)
    owed = await _owed(office, kind, record)
    correctable = may_correct(kind, record, office.clock.now())
    return OwnEntry(record.id, str(record.number), filed_on, line.state_key, owed, correctable)


async def _owed(office: Office, kind: Kind, record: Record) -> Owed | None:
    step = supplying(kind, record)
    if step is not None:
        deadlines = Deadlines(office, kind, record, Course.of(record))
        end = deadlines.end(step.limit, step.track) if step.limit else None
        return Owed(0, end.day if end else None)
    now = office.clock.now()
    if kind.states[record.state].terminal or record.later_until is None or now >= record.later_until:
        return None
    left = await open_questions(kind, record)
    return Owed(left, local_day(record.later_until - dt.timedelta(seconds=1), office.zone)) if left else None


def supplying(kind: Kind, record: Record) -> Transition | None:
    """Return the act by which the owner hands in what the office asked for, where a record waits for that."""
    return next((step for step in kind.moves_from(record.state) if step.supplies), None)


async def open_questions(kind: Kind, record: Record) -> int:
    """Return how many questions after filing have no answer yet."""
    values, named = await known_of(kind, record)
    return forms.open_count(kind, values, "later", frozenset(), named)


async def known_of(kind: Kind, record: Record) -> tuple[dict[str, Any], dict[str, bool]]:
    """Return what is known of a record (of sealed answers only that they were given), and the form's predicates."""
    values = {**facts_only(record.facts), **await given_fields(record.id)}
    return values, {"filed_late": Course.of(record).filed_late, "by_sms": False}
