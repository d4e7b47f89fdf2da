"""Progress for the owner, in neutral words: by number and query code, or from the address the record came from."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from core.clock import local_day
from core.numbers import QUERY_CODE_TRIES, parse_number
from core.office import Office
from models import ledger_append, record_queries
from models.record import Record
from records.course import Course
from records.due import Deadlines
from records.kind import Kind, Kinds
from records.marks import actor_mark, address_mark, code_mark, person_mark

OPEN_TEXT: Final = "T-STATUS"
DONE_TEXT: Final = "T-STATUS-DONE"
WAITING: Final = "status.waiting_you"
LOCKED_FOR: Final = dt.timedelta(hours=24)
WRONG: Final = "code_wrong"


@dataclass(frozen=True, slots=True)
class StatusLine:
    """Where a record stands: the neutral word for its state, its text (T-STATUS or T-STATUS-DONE) and its date."""

    record_id: int
    number: str
    text_key: str
    state_key: str
    date: dt.date


async def status(
    office: Office, kinds: Kinds, number: str, code: str | None, address_id: int | None
) -> StatusLine | None:
    """Return where a record stands.

    None where number and code do not match, or after five wrong codes in 24 hours. No code is asked of the address that
    the record came from. A wrong code is counted in the caller's transaction.
    """
    parsed = parse_number(number)
    record = await Record.get_or_none(number=str(parsed)) if parsed else None
    if record is None or record.kind not in kinds.by_id:
        return None
    if address_id is not None and await record_queries.has_match(
        record.id, "@address", address_mark(office, address_id)
    ):
        return line_of(office, kinds, record)
    if code is None or not await _code_fits(office, record, code, address_id):
        return None
    return line_of(office, kinds, record)


async def _code_fits(office: Office, record: Record, code: str, address_id: int | None) -> bool:
    now = office.clock.now()
    if await ledger_append.count_since(record.id, WRONG, now - LOCKED_FOR) >= QUERY_CODE_TRIES:
        return False
    if await record_queries.has_match(record.id, "query_code", code_mark(office, str(record.number), code)):
        return True
    await ledger_append.append(record.id, WRONG, actor_mark(office, None, address_id), {}, now)
    return False


async def own_open(office: Office, kinds: Kinds, address_id: int, person_id: int | None) -> list[StatusLine]:
    """Return the open records of an address or of the person bound to it that have a number, newest first."""
    ids = set(await record_queries.own_open(address_mark(office, address_id)))
    if person_id is not None:
        ids |= set(await record_queries.own_open(person_mark(office, person_id)))
    records = await Record.filter(id__in=sorted(ids)).order_by("-id")
    return [line_of(office, kinds, record) for record in records if record.kind in kinds.by_id and record.number]


def line_of(office: Office, kinds: Kinds, record: Record) -> StatusLine:
    """Return the line of a record: while it runs the day that its owner was told, then the day it ended."""
    kind = kinds.get(record.kind)
    promised = Deadlines(office, kind, record, Course.of(record)).promised()
    done = record.closed_at is not None or promised is None
    day = local_day(record.closed_at or record.state_since, office.zone) if done or promised is None else promised.day
    shown = WAITING if _waits_for_owner(kind, record) else kind.states[record.state].shown
    return StatusLine(record.id, str(record.number), DONE_TEXT if done else OPEN_TEXT, shown, day)


def _waits_for_owner(kind: Kind, record: Record) -> bool:
    """Whether something beside the state of the record waits for its owner: a thing to be handed in."""
    beside = [] if kind.states[record.state].terminal else record.tracks.items()
    return any(kind.state(state, track).shown == WAITING for track, state in beside)
