"""What the owner of a record does with it: rates, withdraws, supplies what was missing, asks for a review."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.errors import Conflict, NotThere, Refused
from core.office import Office
from models import record_queries
from models.record import Record
from records.amending import append_answers, own_record
from records.checks import NAMED
from records.course import facts_only
from records.given import check_given
from records.kind import Kind, Kinds, Transition
from records.known import named_of
from records.marks import actor_mark, person_mark
from records.moving import Mover, locked, move
from records.source import Source
from records.targets import NAMED_PERSON
from records.telling import choices_of

OWNER: Final = "owner"
THANKS: Final = "exchange.rating.thanks"
WHY: Final = "exchange.rating.why"


@dataclass(frozen=True, slots=True)
class Rated:
    """The text to answer a rating with, and whether what was wrong is asked now."""

    text_key: str
    ask_why: bool


async def rate(office: Office, kinds: Kinds, record_id: int, digit: str, source: Source) -> Rated:
    """Rate an answer with one digit 0 to 5, in the caller's transaction.

    Raises Refused for anything else, Conflict when the record does not wait for a rating, NotThere for a strange one.
    """
    record = await own_record(office, record_id, source)
    kind = kinds.get(record.kind)
    name = kind.rating
    if name is None or digit not in (kind.fields[name].choices or {}):
        raise Refused("error.invalid")
    step = _rating_step(kind, record, name, digit)
    await move(office, kinds, record, step, {name: digit}, _mover(office, source))
    low = kind.rating_why is not None and kind.rating_why in step.takes
    return Rated(WHY if low else THANKS, low)


def _rating_step(kind: Kind, record: Record, name: str, digit: str) -> Transition:
    facts, named = {**facts_only(record.facts), name: digit}, named_of(kind, record)
    for step in kind.moves_from(record.state):
        rates = OWNER in step.by and name in (*step.needs, *step.takes)
        if rates and (step.when is None or step.when.holds(facts, named)):
            return step
    raise Conflict("error.not_allowed")


async def say_why(office: Office, kinds: Kinds, record_id: int, text: str, source: Source) -> None:
    """Append what was wrong after a low rating, in the caller's transaction. Raises NotThere, Refused."""
    record = await own_record(office, record_id, source)
    kind = kinds.get(record.kind)
    if kind.rating_why is None:
        raise Refused("error.invalid")
    most = kind.fields[kind.rating_why].max
    await append_answers(office, kind, record, {kind.rating_why: text[:most]}, source)


async def supply(office: Office, kinds: Kinds, record_id: int, values: Mapping[str, str], source: Source) -> None:
    """Append what the office asked for, and move the record on (已补充, 补正), in the caller's transaction.

    Raises Conflict when the record does not wait for its owner, NotThere when it is not his.
    """
    record = await own_record(office, record_id, source)
    kind = kinds.get(record.kind)
    step = next((step for step in kind.moves_from(record.state) if step.supplies), None)
    if step is None:
        raise Conflict("error.not_allowed")
    if values:
        await append_answers(office, kind, record, values, source)
    await move(office, kinds, record, step, {}, _mover(office, source))


async def do_owner_act(
    office: Office,
    kinds: Kinds,
    record_id: int,
    act: str,
    values: Mapping[str, str],
    source: Source,
    *,
    by_code: bool = False,
) -> None:
    """Do an act of the owner, e.g. 撤回 or 申请复查, in the caller's transaction.

    `by_code` says that number and query code were matched by `status` just now. Raises NotThere, Conflict, Refused.
    """
    record = await own_record(office, record_id, source, by_code=by_code)
    kind = kinds.get(record.kind)
    step = next((step for step in kind.moves_from(record.state) if step.act == act and OWNER in step.by), None)
    if step is None:
        raise Conflict("error.not_allowed")
    given = await check_given(office, kind, step, values, source.lang)
    await move(office, kinds, record, step, given, _mover(office, source))


async def choose(office: Office, kinds: Kinds, record_id: int, place: int, source: Source) -> bool:
    """Do the act of the person whom a record names and asks, by the place of his choice, in the caller's transaction.

    False for a place that there is not. Raises NotThere when he is not the one, Conflict when it is not asked any more.
    """
    record = await locked(record_id=record_id)
    if record is None or source.person_id is None:
        raise NotThere
    if not await record_queries.has_match(record.id, NAMED, person_mark(office, source.person_id)):
        raise NotThere
    kind = kinds.get(record.kind)
    keys = tuple(choices_of(kind, record.state))
    if not keys:
        raise Conflict("error.not_allowed")
    if not 1 <= place <= len(keys):
        return False
    step, name = _chosen_step(kind, record, keys[place - 1])
    by = Mover(actor_mark(office, source.person_id), NAMED_PERSON)
    await move(office, kinds, record, step, {name: keys[place - 1]}, by)
    return True


def _chosen_step(kind: Kind, record: Record, key: str) -> tuple[Transition, str]:
    for step in kind.moves_from(record.state):
        name = next((each for each in step.needs if kind.fields[each].choices), None)
        if NAMED_PERSON not in step.by or name is None:
            continue
        if step.when is None or step.when.holds({**facts_only(record.facts), name: key}, named_of(kind, record)):
            return step, name
    raise Conflict("error.not_allowed")


def _mover(office: Office, source: Source) -> Mover:
    return Mover(actor_mark(office, source.person_id, source.address_id), OWNER)
