"""Reading records: lists of facts, one opened record, both only within role and reach."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from core.office import Office
from people.access import Actor
from records.acts import OpenAct
from records.kind import Kinds


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to. `open_only` leaves out ended records; `number` is a whole number."""

    state: str | None = None
    unit_ids: frozenset[int] | None = None
    open_only: bool = False
    late_only: bool = False
    number: str | None = None
    limit: int = 100
    before_id: int | None = None


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One row of a list: facts only, those that the reader's roles may see."""

    id: int
    public_id: str
    kind: str
    number: str
    state: str
    unit_id: int | None
    filed_at: dt.datetime
    due_at: dt.datetime | None
    late: bool
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OpenedStatement:
    """One statement of an opened record: when, of which sort, the fields that the reader may see."""

    seq: int
    at: dt.datetime
    source: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One ledger entry of the record: when, what, from which state to which."""

    seq: int
    at: dt.datetime
    event: str
    act: str | None
    state: str | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A record opened for one reader: its row, values (facts and sealed), statements, history, the acts open to him."""

    row: RecordRow
    values: Mapping[str, str]
    statements: tuple[OpenedStatement, ...]
    history: tuple[HistoryLine, ...]
    acts: tuple[OpenAct, ...]


async def list_records(
    office: Office, kinds: Kinds, actor: Actor, kind_id: str, filters: Filters = Filters()
) -> list[RecordRow]:
    """Return the records of a kind that the actor may read, newest first; nothing tells of others."""
    raise NotImplementedError


async def open_record(office: Office, kinds: Kinds, actor: Actor, public_id: str) -> Opened:
    """Open a record for reading, which is a ledger entry. Raises NotThere where the actor may not know of it."""
    raise NotImplementedError
