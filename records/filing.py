"""Filing: record, sealed statement, matches, number, query code and ledger entry, in the caller's transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from core.errors import NotAllowed, NotThere, Refused
from core.numbers import new_code
from core.office import Office
from messaging.addresses import identity_of
from models import ledger_append, record_queries
from models.address import Address
from models.org import Person, Unit
from models.record import KeyGroup, Record
from records.alerting import look_at_alerts
from records.course import Course
from records.due import Deadlines, filed_late
from records.facts import as_facts
from records.handles import encrypt_handles
from records.in_flight import keep_in_flight
from records.kind import Kind, Kinds
from records.marks import actor_mark, address_mark, code_mark, person_mark
from records.matching import keep_matches
from records.numbering import with_number
from records.rates import valued
from records.recusal import RECUSED, recuse_named, recuse_superiors
from records.row_state import enter_state
from records.saying import day_text, time_text
from records.sealing import add_statement
from records.source import Source
from records.sources import Origin, fill

CODE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Filed:
    """A record that came to be. `query_code` is shown once, never stored; `replies` are texts with their values."""

    record_id: int
    public_id: str
    number: str
    query_code: str | None
    replies: tuple[tuple[str, Mapping[str, Any]], ...]


@dataclass(frozen=True, slots=True)
class ByEngine:
    """What the engine says when it files by itself: fields that it fills, hashes of the persons who are shut out."""

    values: Mapping[str, str]
    recused: frozenset[str] = frozenset()


NOT_BY_ENGINE: Final = ByEngine({})


async def file(
    office: Office,
    kinds: Kinds,
    kind_id: str,
    values: Mapping[str, str],
    source: Source,
    engine: ByEngine = NOT_BY_ENGINE,
) -> Filed:
    """File a record in the caller's transaction; `engine` where a rule or the clock files it.

    Raises NotAllowed where the source may not file this kind, Refused where an answer is missing that filing needs.
    """
    kind = kinds.get(kind_id)
    owner, address = await _sender(source)
    check_may_file(kind, source, owner, by_engine=engine is not NOT_BY_ENGINE)
    handler = source.person_id if kind.form.console else None
    check_complete(kind, values, source.lang)
    values = {**values, **engine.values}
    unit = await _unit_of(kind, values, owner)
    origin = _origin(office, kind, source, owner, unit, address)
    group = await KeyGroup.get(name=kind.group)
    if kind.prefix:
        record, filled = await with_number(
            office, kind, lambda number: _insert(office, origin, number, values, group, unit, handler)
        )
    else:
        record, filled = await _insert(office, origin, None, values, group, unit, handler)
    code = new_code(CODE_DIGITS) if kind.with_source("query_code") else None
    sealed = {name: value for name, value in filled.items() if not kind.fields[name].fact}
    detail = await add_statement(group, record.id, "filing", sealed, origin.now)
    await keep_matches(office, kind, record.id, sealed)
    await _keep_marks(office, kind, record, source, owner, code)
    await recuse_named(office, kind, record.id, values)
    for hashed in sorted(engine.recused):
        await record_queries.add_match(record.id, RECUSED, hashed)
    if kind.recuses_superiors and owner is not None:
        await recuse_superiors(office, record.id, owner.unit_id)
    course = Course.of(record)
    if await look_at_alerts(office, kind, record, course):
        await record.save(update_fields=["facts"])
    await keep_in_flight(office, kind, record, sealed)
    mark = actor_mark(office, source.person_id, source.address_id)
    given = {"state": record.state, "number": record.number, "fields": sorted(filled), **detail}
    await ledger_append.append(record.id, "filed", mark, given, origin.now)
    replies = _replies(office, kind, record, course, source.lang, code)
    return Filed(record.id, record.public_id, str(record.number), code, replies)


async def _sender(source: Source) -> tuple[Person | None, Address | None]:
    owner = await Person.get_or_none(id=source.person_id) if source.person_id is not None else None
    if source.person_id is not None and (owner is None or owner.status == "left"):
        raise NotThere
    return owner, await Address.get(id=source.address_id) if source.address_id is not None else None


def check_may_file(kind: Kind, source: Source, owner: Person | None, *, by_engine: bool = False) -> None:
    """Raise NotAllowed unless the source may file a kind: staff only, over SMS with the signing code; or the engine."""
    if by_engine and "system" not in kind.filed_by:
        raise NotAllowed("error.not_allowed")
    if "anyone" not in kind.filed_by and owner is None and not by_engine:
        raise NotAllowed("T-BIND-FIRST")
    if kind.form.console and source.proof != "console":
        raise NotAllowed("people.not_allowed")
    if kind.signing_code and source.channel == "sms" and source.proof != "signing_code":
        raise NotAllowed("records.sign_first")


def check_complete(kind: Kind, values: Mapping[str, str], lang: str) -> None:
    """Raise Refused unless every field is there that filing needs and nothing fills by itself."""
    for field in kind.fields.values():
        by_itself = field.source or field.default
        if field.required == "filing" and not by_itself and not values.get(field.id):
            raise Refused("records.missing", item=field.titles[lang], field=field.id)
    if strange := values.keys() - {field.id for field in kind.fields.values() if field.source is None}:
        raise Refused("error.invalid", field=min(strange))


async def _unit_of(kind: Kind, values: Mapping[str, str], owner: Person | None) -> Unit | None:
    field = kind.fields[kind.unit_field] if kind.unit_field else None
    if field is None:
        return None
    if field.source == "owner_unit":
        return await Unit.get(id=owner.unit_id) if owner is not None and owner.unit_id is not None else None
    return await Unit.get_or_none(code=values[field.id]) if values.get(field.id) else None


def _origin(
    office: Office, kind: Kind, source: Source, owner: Person | None, unit: Unit | None, address: Address | None
) -> Origin:
    return Origin(
        kind=kind,
        source=source,
        now=office.clock.now(),
        address=identity_of(office, address) if address else None,
        staff_no=owner.staff_no if owner else None,
        unit_code=unit.code if unit else None,
        post=owner.post if owner else None,
    )


async def _insert(
    office: Office,
    origin: Origin,
    number: str | None,
    values: Mapping[str, str],
    group: KeyGroup,
    unit: Unit | None,
    handler: int | None,
) -> tuple[Record, dict[str, str]]:
    kind, source, now = origin.kind, origin.source, origin.now
    filled = fill(replace(origin, number=number or ""), values)
    record = Record(
        kind=kind.id,
        kind_version=kind.version,
        number=number,
        facts=await valued(kind, as_facts(kind, filled)),
        tracks={},
        unit_id=unit.id if unit else None,
        group_id=group.id,
        lang=source.lang,
        channel=source.channel,
        reply_to=office.key.encrypt(str(source.address_id)) if source.address_id is not None else None,
        handles=encrypt_handles(office, {"owner": None if handler else source.person_id, "handler": handler}),
        filed_at=now,
        state=kind.start,
        state_since=now,
        due_at=None,
    )
    course = Course(filed_late=filed_late(office, kind, filled, now))
    course.note_told(kind, filled)
    state = next((m.to for m in kind.moves_from(kind.start) if m.act == kind.filing_act), kind.start)
    enter_state(office, kind, record, course, state, now)
    if kind.form.later_until:
        record.later_until = Deadlines(office, kind, record, course).end(kind.form.later_until).moment
    course.keep(record)
    await record.save()
    return record, filled


async def _keep_marks(
    office: Office, kind: Kind, record: Record, source: Source, owner: Person | None, code: str | None
) -> None:
    """Whoever files owns the record; what the office begins by itself, its filer handles."""
    if owner is not None:
        mark = "@handler" if kind.form.console else "@owner"
        await record_queries.add_match(record.id, mark, person_mark(office, owner.id))
    if source.address_id is not None:
        await record_queries.add_match(record.id, "@address", address_mark(office, source.address_id))
    if code is not None:
        await record_queries.add_match(record.id, "query_code", code_mark(office, str(record.number), code))


def _replies(
    office: Office, kind: Kind, record: Record, course: Course, lang: str, code: str | None
) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    promised = Deadlines(office, kind, record, course).promised()
    values: dict[str, Any] = {
        "no": record.number,
        "code": code or "",
        "hhmm": time_text(record.filed_at, office.zone),
        "date": day_text(promised.day, lang) if promised else "",
        "place": kind.place[lang] if kind.place else "",
    }
    acts = [move for move in kind.moves_from(kind.start) if move.act == kind.filing_act]
    keys = (*kind.form.receipt, *(notice.text for move in acts for notice in move.notify if notice.to == "owner"))
    return tuple((key, {name: values[name] for name in office.texts.get(key).variables}) for key in keys)
