"""How a record counts in a shape of a rule: whether it fits, under which keyed hash, on which local day. Nothing is
unsealed: facts, keyed hashes and the course of the record are all that is looked at.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from core.conditions import Condition
from core.office import Office
from models import pattern_queries
from models.pattern_queries import Mark
from models.record import Record
from oversight.rule import AllQuiet, Count, Counted, Pair, Shape, Single, counted_of
from records.course import Course, facts_only
from records.due import Deadlines
from records.kind import UNKNOWN, Kind
from records.marks import value_mark
from records.predicates import decide

QUIET, LOUD = "quiet", "loud"


@dataclass(frozen=True, slots=True)
class Looked:
    """A record as rules see it: facts with `state` and `track.…`, predicates decided, keyed hashes by field."""

    record: Record
    kind: Kind
    facts: Mapping[str, Any]
    named: Mapping[str, bool]
    hashes: Mapping[str, str]


async def looked_at(office: Office, kind: Kind, record: Record) -> Looked:
    """Return a record as rules see it; what is kept of 不详 is no hash by which records are the same."""
    unknown = value_mark(office, UNKNOWN)
    hashes = {name: each for name, each in (await pattern_queries.hashes_of(record.id)).items() if each != unknown}
    tracks = {f"track.{name}": state for name, state in record.tracks.items()}
    facts = {**facts_only(record.facts), "state": record.state, **tracks}
    return Looked(record, kind, facts, decide(Course.of(record).known(kind, record)), hashes)


def holds(looked: Looked, condition: Condition | None) -> bool:
    """Return whether a condition holds of a record; none always does."""
    return condition is None or condition.holds(looked.facts, looked.named)


def fits(office: Office, shape: Single, looked: Looked) -> bool:
    """Return whether a record alone is what a rule is about."""
    if not holds(looked, shape.where):
        return False
    for name, least in shape.at_least.items():
        value = looked.facts.get(name)
        if not isinstance(value, int) or value < least:
            return False
    if shape.filed_after is None:
        return True
    end = Deadlines(office, looked.kind, looked.record, Course.of(looked.record)).end(shape.filed_after)
    return looked.record.filed_at >= end.moment


def mark_of(office: Office, shape: Shape, slot: str, looked: Looked) -> Mark | None:
    """Return how a record counts in a shape, None where it does not."""
    side = next((each for each in counted_of(shape) if each.kind == looked.kind.id), None)
    if side is None or not holds(looked, side.where):
        return None
    same, day = _same(side, looked), local_day(looked.facts.get(side.day), office.zone)
    if same is None or day is None:
        return None
    return Mark(looked.record.id, office.key.keyed_hash("pattern", f"{slot} {same}"), day, _who(shape, looked))


def _same(side: Counted, looked: Looked) -> str | None:
    """By what it is the same as others: the first way of which every field is known."""
    for place, names in enumerate(side.same):
        values = [_value(looked, name) for name in names]
        if all(values):
            return " ".join([str(place), *(str(value) for value in values)])
    return None


def _value(looked: Looked, name: str) -> str | None:
    field = looked.kind.fields.get(name)
    if field is None or not field.fact:
        return looked.hashes.get(name)
    value = looked.facts.get(name)
    return None if value in (None, "", UNKNOWN) else str(value)


def _who(shape: Shape, looked: Looked) -> str:
    """As which one of several a record counts; it counts by itself where nothing else is said."""
    if isinstance(shape, Pair):
        return looked.kind.id
    if isinstance(shape, AllQuiet):
        return QUIET if holds(looked, shape.quiet) else LOUD
    distinct = _value(looked, shape.distinct) if isinstance(shape, Count) and shape.distinct else None
    return (distinct or str(looked.record.id))[:64]


def local_day(value: object, zone: ZoneInfo) -> dt.date | None:
    """Return the local day of a fact: a day, a local or an aware moment, the first day of a month (2026-09).

    None where it is none of them.
    """
    if not isinstance(value, str):
        return None
    try:
        moment = dt.datetime.fromisoformat(f"{value}-01" if len(value) == len("2026-09") else value)
    except ValueError:
        return None
    return moment.date() if moment.tzinfo is None else moment.astimezone(zone).date()
