"""What an act does besides moving its record: one function for each name that `does` of a transition may have.

Each is called in the transaction of the act, before what the act gives is kept, and returns what is kept besides.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from core.errors import Refused
from core.office import Office
from models import register_queries
from models.record import Record
from people.access import Actor
from records.kind import Kind
from records.letters import next_number
from records.publication import put_up, take_away


@dataclass(frozen=True, slots=True)
class Doing:
    """The act that is done: on which locked record, what it gives (with what it sets), by whom (None: the system)."""

    office: Office
    kind: Kind
    record: Record
    given: Mapping[str, str]
    actor: Actor | None


async def publish(doing: Doing) -> dict[str, str]:
    """Put in clear what the public reads from now on; it is kept sealed in the record too."""
    return await put_up(doing.office, doing.kind, doing.record, doing.given, doing.actor)


async def take_down(doing: Doing) -> dict[str, str]:
    """Remove what the public read."""
    await take_away(doing.record)
    return {}


async def number_letter(doing: Doing) -> dict[str, str]:
    """Give the letter the next number of the year, unless it has one. Raises Refused for a number of another letter."""
    form = doing.kind.letter
    assert form is not None  # checked when the kind was loaded
    if form.no in doing.given or doing.record.facts.get(form.no):
        return await keep_letter_number(doing)
    return {form.no: await next_number(doing.office, form)}


async def keep_letter_number(doing: Doing) -> dict[str, str]:
    """Look that no other letter bears the number that was given. Raises Refused."""
    form = doing.kind.letter
    assert form is not None
    given = doing.given.get(form.no)
    if given and await register_queries.has_value(doing.kind.id, doing.record.id, form.no, given):
        raise Refused("records.number_used", field=form.no)
    return {}


EFFECTS: Final[Mapping[str, Callable[[Doing], Awaitable[dict[str, str]]]]] = {
    "publish": publish,
    "take_down": take_down,
    "number_letter": number_letter,
    "keep_letter_number": keep_letter_number,
}
