"""Acts of two persons: what the first gives waits, sealed to the group, until another confirms it; then it is done.

Both roles of such an act hold the group's key (`records.members`), so nobody else has to open what waits.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from core.crypto import Sealed, seal_to, unseal
from core.errors import Conflict, Refused
from core.office import Office
from models import ledger_append, record_queries, sql
from models.record import KeyGroup, Record
from people.access import Actor
from records.course import Course
from records.evidence import give_uploads
from records.groups import group_private_key
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
    content = json.dumps({"values": dict(given), "staff_no": actor.staff_no or ""})
    waits = {"by": mark, "role": role, "at": iso(now), "sealed": await _sealed(record, content)}
    course.pending = {**course.pending, step.act: waits}
    course.keep(record)
    record.lock_version += 1
    await record.save()
    files = await give_uploads(kind, record, given)
    detail = {"act": step.act, "role": role, "fields": sorted(given), **files}
    await ledger_append.append(record.id, "proposed", mark, detail, now)


async def _sealed(record: Record, content: str) -> str:
    group = await KeyGroup.get(id=record.group_id)
    return seal_to(bytes(group.public_key), content.encode()).joined().hex()


def proposed_values(course: Course, act: str, private: bytes | None) -> dict[str, str]:
    """Return what the first person gave for an act, opened by the group's private key; nothing without it."""
    if act not in course.pending or private is None:
        return {}
    values: dict[str, str] = _content(course, act, private)["values"]
    return values


async def confirmed(
    office: Office, kind: Kind, record: Record, step: Transition, actor: Actor, role: str
) -> tuple[dict[str, str], dict[str, str]]:
    """Return what the first person gave, with both persons where the kind keeps them, and the first for the ledger.

    Raises Refused where the first person confirms his own act, or somebody whose role is not for the second one, or who
    cannot open what he confirms.
    """
    pending = Course.of(record).pending[step.act]
    if role not in step.two_persons or pending["by"] == actor_mark(office, actor.person_id):
        raise Refused("records.second_person")
    private = await group_private_key(office, await KeyGroup.get(id=record.group_id), actor)
    content = _content(Course.of(record), step.act, private)
    field = kind.with_source(BOTH)
    both = {field.id: f"{content['staff_no']};{actor.staff_no or ''}"} if field else {}
    return {**content["values"], **both}, {"first": pending["by"], "first_role": pending["role"]}


def _content(course: Course, act: str, private: bytes) -> dict[str, Any]:
    sealed = Sealed.of(bytes.fromhex(course.pending[act]["sealed"]))
    content: dict[str, Any] = json.loads(unseal(private, sealed))
    return content


async def seal_what_waits(office: Office) -> int:
    """Seal to its group what earlier versions kept under the service key; return how many records had such an act."""
    found = await record_queries.waiting_by_service_key()
    for record_id in found:
        async with sql.transaction():
            record = await Record.select_for_update().get(id=record_id)
            course = Course.of(record)
            course.pending = {act: await _resealed(office, record, kept) for act, kept in course.pending.items()}
            course.keep(record)
            await record.save(update_fields=["facts"])
    return len(found)


async def _resealed(office: Office, record: Record, kept: dict[str, str]) -> dict[str, str]:
    if "given" not in kept:
        return kept
    content = office.key.decrypt(bytes.fromhex(kept["given"]))
    return {name: kept[name] for name in kept if name != "given"} | {"sealed": await _sealed(record, content)}


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
