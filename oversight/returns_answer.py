"""What somebody answers to the question of a return: the next question, or the move that closes it.

The form of the kind says what is asked next, its transitions when it is over; whether there are entries in the month is
looked up under the lock each time. A word for zero is kept only by the move that closes a return without entries.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.errors import Conflict, NotThere
from core.office import Office
from models import return_queries
from models.record import Record
from oversight.returns_entries import look_up
from people.access import Actor
from records.amending import append_answers, own_record
from records.course import Course
from records.forms import Question, next_question
from records.kind import Kind, Kinds, Transition
from records.marks import actor_mark, person_mark
from records.moving import Mover, locked, move
from records.predicates import decide
from records.reach import grasp_of, roles_by, row_for
from records.source import Source
from records.sources import CHANNELS, iso

REPLY: Final = "reply"
WHICH: Final = "which"
ZERO: Final = "0"
OWNER: Final = "owner"
OFFICER: Final = "integrity_officer"
LETTER: Final = "letter"
"""The choice of `channel` for an answer on paper."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an answer led to: closed by a move, `ask` the next question, or the forms to be opened now.

    `entries` is how many entries the person has in the month, `given` what he said so far.
    """

    month: str
    entries: int
    given: Mapping[str, str]
    ask: Question | None = None
    opens: tuple[str, ...] = ()

    @property
    def closed(self) -> bool:
        """Whether the return has its answer."""
        return self.ask is None and not self.opens


async def answer(
    office: Office, kinds: Kinds, record_id: int, given: Mapping[str, str], raw: str, source: Source
) -> Outcome:
    """Take what the owner has said so far, in the caller's transaction.

    Raises NotThere where the return is not his, Conflict where it does not wait for an answer any more.
    """
    record = await own_record(office, record_id, source)
    kind = kinds.get(record.kind)
    entries = await look_up(kind, record)
    step = _step(kind, record, given)
    if step is None:
        return await _next(office, kind, record, given, len(entries), source)
    if source.address_id is not None:
        record.lang, record.reply_to = source.lang, office.key.encrypt(str(source.address_id))
    said = {"channel": CHANNELS[source.channel], "proof": source.proof, "raw_text": raw[: kind.field("raw_text").max]}
    if entries:
        given = {name: value for name, value in given.items() if (name, value) != (REPLY, ZERO)}
    await _close(office, kinds, record, step, {**given, **said}, Mover(actor_mark(office, source.person_id), OWNER))
    return _outcome(kind, record, given, len(entries))


async def do_enter_paper(office: Office, kinds: Kinds, actor: Actor, public_id: str, *, zero: bool) -> None:
    """Enter what somebody answered on paper, in the caller's transaction.

    Raises NotThere where the actor may not know of the return, Conflict where it does not wait for an answer, or where
    the registers say otherwise than the paper.
    """
    found = await Record.get_or_none(public_id=public_id)
    kind = kinds.the_return()
    if found is None or kind is None or found.kind != kind.id or not await may_handle(office, kind, actor, public_id):
        raise NotThere
    record = await locked(record_id=found.id)
    assert record is not None  # it was there just now, and no record is ever deleted
    entries = await look_up(kind, record)
    given = {REPLY: ZERO if zero else "2"}
    step = _step(kind, record, given)
    if step is None and record.state in return_queries.WAITING:
        raise Conflict("returns.paper_has" if entries else "returns.paper_none", n=len(entries))
    if step is None:
        raise Conflict("returns.closed_already")
    said = {"channel": LETTER, "proof": "paper"}
    await _close(office, kinds, record, step, given | said, Mover(actor_mark(office, actor.person_id), OFFICER, actor))


async def may_handle(office: Office, kind: Kind, actor: Actor, public_id: str) -> bool:
    """Return whether an actor handles a return as the officer of its unit."""
    grasp = await grasp_of(office, kind, actor)
    row = await row_for(grasp, public_id)
    return row is not None and OFFICER in roles_by(grasp.rules_for(row))


async def waiting(office: Office, person_id: int) -> list[tuple[int, str]]:
    """Return (record, month) of the returns that a person still owes, the newest first."""
    rows = await return_queries.waiting_of(person_mark(office, person_id))
    return [(int(row["record_id"]), str(row["period"])) for row in rows]


async def owed_for(office: Office, kind: Kind, person_id: int, period: str) -> int:
    """Return the record of a person's return for a month. Raises Conflict where it is closed, or was never opened."""
    record_id = await return_queries.return_of(person_mark(office, person_id), period)
    record = await Record.get_or_none(id=record_id) if record_id is not None else None
    if record is None or record.state not in return_queries.WAITING:
        known = record is not None or period in await return_queries.periods()
        raise Conflict("returns.closed_month" if known else "returns.not_asked", period=period)
    return int(record.id)


def _named(kind: Kind, record: Record) -> dict[str, bool]:
    return decide(Course.of(record).known(kind, record))


def _step(kind: Kind, record: Record, given: Mapping[str, str]) -> Transition | None:
    """Return the owner's transition that what he said so far leads to, None while more is to be asked."""
    named = _named(kind, record)
    return next(
        (
            step
            for step in kind.moves_from(record.state)
            if OWNER in step.by and step.when is not None and step.when.holds(given, named)
        ),
        None,
    )


async def _close(
    office: Office, kinds: Kinds, record: Record, step: Transition, given: Mapping[str, str], by: Mover
) -> None:
    await move(office, kinds, record, step, {**given, "answered_at": iso(office.clock.now())}, by)


async def _next(
    office: Office, kind: Kind, record: Record, given: Mapping[str, str], entries: int, source: Source
) -> Outcome:
    """Return what is asked next; which register it is opens that form, and is kept, so that the first entry closes."""
    if kind.states[record.state].terminal:
        raise Conflict("returns.closed_already")
    named = _named(kind, record)
    question = next_question(kind, given, "first", frozenset(), named, source.lang)
    question = question or next_question(kind, given, "later", frozenset(), named, source.lang)
    if question is not None:
        return _outcome(kind, record, given, entries, question)
    assert kind.returns is not None  # only a return is answered here
    await append_answers(office, kind, record, {WHICH: given[WHICH]}, source)
    outcome = _outcome(kind, record, given, entries)
    return Outcome(outcome.month, entries, given, opens=kind.returns.opens[given[WHICH]])


def _outcome(
    kind: Kind, record: Record, given: Mapping[str, str], entries: int, question: Question | None = None
) -> Outcome:
    period = kind.with_source("period")
    assert period is not None  # looked at on load
    return Outcome(record.facts[period.id], entries, given, question)
