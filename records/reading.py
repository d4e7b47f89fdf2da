"""Reading records: lists of facts, one opened record, both within role and reach. An opening is a ledger entry."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core.errors import NotThere
from core.office import Office
from models import ledger_append, sql
from models.record import Record
from models.record_queries import readable
from people.access import Actor
from records.acts import OpenAct, open_for, roles_with
from records.course import Course, facts_only
from records.evidence_reading import FileLine, files_of
from records.groups import key_or_none
from records.in_flight import in_flight
from records.kind import Kind, Kinds, Reader
from records.marks import actor_mark
from records.reach import Grasp, grasp_of, may_see, row_for
from records.sealing import BEFORE, Unsealed, merged, unseal_all
from records.views import view_of, views_on, waiting

SHOWN = frozenset({"filed", "amended", "corrected", "evidence", "moved", "proposed", "taken_back"})
"""What its readers are told of what happened to a record."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to. `open_only` leaves out ended records, `alerted` all of which no alert was told.

    `number` is a whole number.
    """

    state: str | None = None
    unit_ids: frozenset[int] | None = None
    open_only: bool = False
    late_only: bool = False
    alerted: bool = False
    number: str | None = None
    limit: int = 100
    before_id: int | None = None


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One row of a list: facts only, those that the reader's roles may see; in a view the tracks of its acts."""

    id: int
    public_id: str
    kind: str
    number: str
    state: str
    unit_id: int | None
    filed_at: dt.datetime
    due_at: dt.datetime | None
    late: bool
    facts: Mapping[str, Any]
    tracks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenedStatement:
    """One statement of an opened record: when, of which sort, the fields that the reader may see."""

    seq: int
    at: dt.datetime
    source: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One ledger entry of the record: when, what, by which act into which state, in which role."""

    seq: int
    at: dt.datetime
    event: str
    act: str | None
    state: str | None
    role: str | None = None
    track: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A record opened for one reader: its row, values (facts and sealed), statements, history, the acts open to him.

    `tracks` are the states of the tracks that he may know of, `files` the files of the fields that he may see.
    `locked`: he holds no key to what is sealed, so there are facts only, no files and no acts.
    """

    row: RecordRow
    values: Mapping[str, Any]
    statements: tuple[OpenedStatement, ...]
    history: tuple[HistoryLine, ...]
    acts: tuple[OpenAct, ...]
    tracks: Mapping[str, str] = field(default_factory=dict)
    files: tuple[FileLine, ...] = ()
    locked: bool = False


async def list_records(
    office: Office, kinds: Kinds, actor: Actor, kind_id: str, filters: Filters | None = None
) -> list[RecordRow]:
    """Return the records of a kind that the actor may read, newest first; nothing tells of others."""
    kind, wanted = kinds.get(kind_id), filters or Filters()
    grasp = await grasp_of(office, kind, actor)
    if not grasp.rules:
        return []
    rows = await readable(_narrowed(office, grasp, wanted))
    return [_row(office, kinds, kind, row, grasp.rules_for(row)) for row in rows]


def _narrowed(office: Office, grasp: Grasp, wanted: Filters) -> Any:
    return replace(
        grasp.selection,
        state=wanted.state,
        unit_ids=tuple(sorted(wanted.unit_ids)) if wanted.unit_ids is not None else None,
        open_only=wanted.open_only,
        alerted=wanted.alerted,
        late_at=office.clock.now() if wanted.late_only else None,
        number=wanted.number.upper() if wanted.number else None,
        before_id=wanted.before_id,
        limit=wanted.limit,
    )


async def waiting_acts(office: Office, kinds: Kinds, actor: Actor, kind_id: str) -> list[RecordRow]:
    """Return the records that the actor cannot read, but on which one of his acts waits: only what its view shows."""
    kind = kinds.get(kind_id)
    if not any(actor.has(view.role) for view in kind.views):
        return []
    records = await waiting(office, kind, actor, await grasp_of(office, kind, actor))
    return [_view_row(office, kind, actor, record) for record in records]


async def open_record(office: Office, kinds: Kinds, actor: Actor, public_id: str) -> Opened:
    """Open a record for reading, which is a ledger entry. Raises NotThere where the actor may not know of it."""
    async with sql.transaction():
        record = await Record.get_or_none(public_id=public_id)
        if record is None or record.kind not in kinds.by_id:
            raise NotThere
        kind = kinds.get(record.kind)
        grasp = await grasp_of(office, kind, actor)
        row = await row_for(grasp, public_id)
        opened = (
            await _open_read(office, kinds, kind, actor, grasp, record, row)
            if row is not None
            else await _open_view(office, kind, actor, grasp, record)
        )
        detail = {"fields": sorted(opened.values)}
        await ledger_append.append(record.id, "read", actor_mark(office, actor.person_id), detail, office.clock.now())
        return opened


async def may_open(office: Office, kinds: Kinds, actor: Actor, public_id: str) -> bool:
    """Return whether the actor reaches a record now; whoever had only an act to do there may not any more."""
    record = await Record.get_or_none(public_id=public_id)
    if record is None or record.kind not in kinds.by_id:
        return False
    kind = kinds.get(record.kind)
    grasp = await grasp_of(office, kind, actor)
    return bool(await row_for(grasp, public_id) or await view_of(office, kind, actor, grasp, public_id))


async def _open_read(
    office: Office, kinds: Kinds, kind: Kind, actor: Actor, grasp: Grasp, record: Record, row: dict[str, Any]
) -> Opened:
    rules = grasp.rules_for(row)
    key = await key_or_none(office, record.group_id, actor)
    statements = await unseal_all(key, record.id) if key is not None else []
    visible = {each.id for each in kind.fields.values() if may_see(kinds, each, rules, record.facts)}
    shown = _row(office, kinds, kind, row, rules)
    values = {**_visible(merged(statements, kind.statement), visible), **shown.facts}
    roles = roles_with(kind, actor, rules, record)
    return Opened(
        shown,
        values,
        tuple(_opened(each, visible) for each in statements),
        await _history(record.id),
        open_for(office, kind, record, roles, key) if key is not None else (),
        record.tracks,
        await files_of(record.id, visible) if key is not None else (),
        locked=key is None,
    )


async def _open_view(office: Office, kind: Kind, actor: Actor, grasp: Grasp, record: Record) -> Opened:
    """A view of an act: exactly its fields, no statements, no history."""
    if await view_of(office, kind, actor, grasp, record.public_id) is None:
        raise NotThere
    views = views_on(kind, actor, record)
    sees = frozenset(name for view in views for name in view.sees)
    sealed = {name for name in sees if not kind.fields[name].fact}
    flying = await in_flight(office, record.id) if sealed else {}
    grouped = sealed - {name for rule in kind.flights for name in rule.fields}
    needs_key = bool(grouped or Course.of(record).pending)
    key = await key_or_none(office, record.group_id, actor) if needs_key else None
    statements = await unseal_all(key, record.id) if grouped and key is not None else []
    locked = needs_key and key is None
    row = _view_row(office, kind, actor, record)
    values = {**_visible(merged(statements, kind.statement), grouped), **_visible(flying, sealed), **row.facts}
    acts = () if locked else open_for(office, kind, record, roles_with(kind, actor, (), record), key)
    files = () if locked else await files_of(record.id, sees)
    return Opened(row, values, (), (), acts, row.tracks, files, locked)


def _visible(values: Mapping[str, str], names: set[str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if name in names}


def _opened(statement: Unsealed, visible: set[str]) -> OpenedStatement:
    names = visible | {f"{BEFORE}{name}" for name in visible}
    return OpenedStatement(statement.seq, statement.at, statement.source, _visible(statement.values, names))


async def _history(record_id: int) -> tuple[HistoryLine, ...]:
    """Return what happened to the record; who read it is for the auditor, not for its readers."""
    lines = await ledger_append.history(record_id)
    return tuple(
        HistoryLine(
            line["seq"],
            line["at"],
            line["event"],
            detail.get("act"),
            detail.get("state"),
            detail.get("role"),
            detail.get("track"),
        )
        for line in lines
        if line["event"] in SHOWN
        for detail in [line["detail"] or {}]
    )


def _row(office: Office, kinds: Kinds, kind: Kind, row: dict[str, Any], rules: Sequence[Reader]) -> RecordRow:
    facts = {
        name: value
        for name, value in facts_only(row["facts"]).items()
        if name in kind.fields and may_see(kinds, kind.fields[name], tuple(rules), row["facts"])
    }
    return _made(office, kind, row, facts)


def _view_row(office: Office, kind: Kind, actor: Actor, record: Record) -> RecordRow:
    sees = {name for view in views_on(kind, actor, record) for name in view.sees}
    facts = {name: value for name, value in facts_only(record.facts).items() if name in sees}
    row = {name: getattr(record, name) for name in ("id", "public_id", "number", "state", "filed_at", "due_at")}
    acts = {act for view in views_on(kind, actor, record) for act in view.acts}
    beside = {move.track for move in kind.moves if move.act in acts}
    tracks = {name: state for name, state in record.tracks.items() if name in beside}
    made = _made(office, kind, {**row, "unit_id": None, "closed_at": record.closed_at}, facts)
    return replace(made, tracks=tracks)


def _made(office: Office, kind: Kind, row: dict[str, Any], facts: dict[str, str]) -> RecordRow:
    late = row["closed_at"] is None and row["due_at"] is not None and row["due_at"] < office.clock.now()
    return RecordRow(
        row["id"],
        row["public_id"],
        kind.id,
        row["number"],
        row["state"],
        row["unit_id"],
        row["filed_at"],
        row["due_at"],
        late,
        facts,
    )
