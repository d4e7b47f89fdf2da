"""Acts of two persons: what the first gives waits, encrypted, until another person confirms it; then it is done."""

import json
from collections.abc import Mapping
from typing import Final

from core.errors import Conflict, Refused
from core.office import Office
from models import ledger_append
from models.record import Record
from people.access import Actor
from records.course import Course
from records.evidence import give_uploads
from records.kind import Kind, Transition
from records.marks import actor_mark
from records.sources import iso

BOTH: Final = "two_persons"
"""The source of a field that holds the staff numbers of both, `9021007;9021008`."""


def waits_for_second(course: Course, act: str) -> bool:
    """Return whether an act of two persons was proposed by the first."""
    return act in course.pending


async def propose(
    office: Office, kind: Kind, record: Record, step: Transition, given: Mapping[str, str], actor: Actor, role: str
) -> None:
    """Keep what the first person gives until a second one confirms it; the record is locked. A ledger entry.

    Files are part of the record from now on, whether the act is confirmed or not.
    """
    now, course = office.clock.now(), Course.of(record)
    mark = actor_mark(office, actor.person_id)
    content = {"values": dict(given), "staff_no": actor.staff_no or ""}
    course.pending = {
        **course.pending,
        step.act: {"by": mark, "role": role, "at": iso(now), "given": office.key.encrypt(json.dumps(content)).hex()},
    }
    course.keep(record)
    record.lock_version += 1
    await record.save()
    files = await give_uploads(kind, record, given)
    detail = {"act": step.act, "role": role, "fields": sorted(given), **files}
    await ledger_append.append(record.id, "proposed", mark, detail, now)


def proposed_values(office: Office, course: Course, act: str) -> dict[str, str]:
    """Return what the first person gave for an act; nothing where none was proposed."""
    if act not in course.pending:
        return {}
    values: dict[str, str] = _content(office, course, act)["values"]
    return values


def confirmed(
    office: Office, kind: Kind, record: Record, step: Transition, actor: Actor, role: str
) -> tuple[dict[str, str], dict[str, str]]:
    """Return what the first person gave, with both persons where the kind keeps them, and the first for the ledger.

    Raises Refused where the first person confirms his own act, or somebody whose role is not for the second one.
    """
    pending = Course.of(record).pending[step.act]
    if role not in step.two_persons or pending["by"] == actor_mark(office, actor.person_id):
        raise Refused("records.second_person")
    content = _content(office, Course.of(record), step.act)
    field = kind.with_source(BOTH)
    both = {field.id: f"{content['staff_no']};{actor.staff_no or ''}"} if field else {}
    return {**content["values"], **both}, {"first": pending["by"], "first_role": pending["role"]}


def _content(office: Office, course: Course, act: str) -> dict[str, dict[str, str]]:
    content: dict[str, dict[str, str]] = json.loads(office.key.decrypt(bytes.fromhex(course.pending[act]["given"])))
    return content


async def take_back(office: Office, record: Record, act: str, actor: Actor) -> None:
    """Drop what waits for a second person, by either; the record is locked. A ledger entry. Raises Conflict."""
    course = Course.of(record)
    if act not in course.pending:
        raise Conflict("error.not_allowed")
    course.pending = {name: kept for name, kept in course.pending.items() if name != act}
    course.keep(record)
    record.lock_version += 1
    await record.save()
    mark = actor_mark(office, actor.person_id)
    await ledger_append.append(record.id, "taken_back", mark, {"act": act}, office.clock.now())
