"""Named checks of what an act gives: each refuses with a sentence and the field that it is about.

A transition names them under `checks`; they run before the act is done, and already when the first of two proposes it.
They look at facts, at what is given now, at values in flight and at keyed hashes, never into sealed statements.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from core.errors import Refused
from core.office import Office
from messaging.channel import TELEGRAM, fits
from models import record_queries
from models.record import Record
from people.access import Actor
from records.course import facts_only
from records.in_flight import in_flight
from records.kind import Kind, Kinds
from records.marks import person_mark
from records.parcels import is_public_key
from records.reach import grasp_of, row_for
from records.staff_in_text import staff_in

NAMED: Final = "@named"
"""Under which the hash of the person is kept whom a record names as the one that it asks."""
AGREED: Final = ("named", "unnamed")
ABOVE: Final = 300
"""Room for the sentence above a sheet, and for the titles of its parts."""
APPROVED: Final = ("approved", "issued", "read_up")


@dataclass(frozen=True, slots=True)
class Given:
    """What a check looks at: the record as it stands, and all values known of it with those that the act gives."""

    office: Office
    kinds: Kinds
    kind: Kind
    record: Record
    values: Mapping[str, str]
    actor: Actor | None

    def texts(self) -> dict[str, str]:
        """Return what will be read of it: every line and text that is known, by field."""
        words = ("line", "text")
        return {name: self.values[name] for name in self.values if self.kind.fields[name].type in words}


Check = Callable[[Given], Awaitable[None]]


async def look(
    office: Office,
    kinds: Kinds,
    record: Record,
    names: tuple[str, ...],
    given: Mapping[str, str],
    actor: Actor | None,
) -> None:
    """Run the named checks of an act. Raises Refused with the field."""
    if not names:
        return
    kind = kinds.get(record.kind)
    known = {**facts_only(record.facts), **await in_flight(office, record.id), **given}
    values = {name: str(value) for name, value in known.items() if name in kind.fields}
    one = Given(office, kinds, kind, record, values, actor)
    for name in names:
        await CHECKS[name](one)


async def unit_of_scope(one: Given) -> None:
    """The scope `unit` says which unit; no other scope names one."""
    wants, has = one.values.get("scope") == "unit", bool(one.values.get("scope_unit"))
    if wants != has:
        raise Refused("records.scope_unit", field="scope_unit")


async def names_as_allowed(one: Given) -> None:
    """Unless it is to name persons, the text holds no name, staff number or phone of a staff member."""
    if one.values.get("naming") == "named":
        return
    for name, text in one.texts().items():
        if await staff_in(one.office, [text]):
            raise Refused("records.text_names_staff", field=name)


async def fits_a_message(one: Given) -> None:
    """What readers see of it goes into one message of a chat, with the sentence that stands above it."""
    shows = one.kind.made_known.shows if one.kind.made_known else ()
    text = "\n\n".join(one.values[name] for name in shows if one.values.get(name))
    if not fits(TELEGRAM, text + " " * ABOVE):
        raise Refused("records.too_long_message", field="text")


async def no_registrant_named(one: Given) -> None:
    """However it names: never whoever filed a record that it is about."""
    for record in await _about(one):
        if record.kind == "commendation":
            continue  # it is about its person; who began it is of the office
        owners = await record_queries.matches(record.id, "@owner")
        await _refuse_marks(one, owners, "records.names_registrant")


async def praised_with_consent(one: Given) -> None:
    """Praise rests on commendations whose persons agreed, and names nobody who did not agree to be named."""
    praised = [record for record in await _about(one) if record.kind == "commendation"]
    if one.values.get("kind") == "praise" and not praised:
        raise Refused("records.praise_needs_consent", field="about")
    if any(record.facts.get("consent") not in AGREED for record in praised):
        raise Refused("records.praise_needs_consent", field="about")
    for record in praised:
        if record.facts["consent"] != "named":
            marks = await record_queries.matches(record.id, NAMED)
            await _refuse_marks(one, marks, "records.praise_without_name")
    if one.values.get("kind") == "praise" and one.values.get("naming") == "named":
        await _only_the_praised(one, praised)


async def _only_the_praised(one: Given, praised: list[Record]) -> None:
    agreed: set[str] = set()
    for record in praised:
        agreed |= await record_queries.matches(record.id, NAMED)
    for name, text in one.texts().items():
        if any(person_mark(one.office, each) not in agreed for each in await staff_in(one.office, [text])):
            raise Refused("records.praise_without_name", field=name)


async def praised_as_agreed(one: Given) -> None:
    """A commendation shows a name only where the person agreed to be named, and then his alone."""
    agreed = await record_queries.matches(one.record.id, NAMED) if one.values.get("consent") == "named" else set()
    for person_id in await staff_in(one.office, [one.values.get("text", "")]):
        if person_mark(one.office, person_id) not in agreed:
            raise Refused("records.praise_without_name", field="text")


async def bulletin_is_approved(one: Given) -> None:
    """The bulletin that is given for a record was approved, and does not name whoever filed that record."""
    bulletin = await Record.get_or_none(kind="bulletin", number=one.values.get("bulletin", ""))
    if bulletin is None or bulletin.state not in APPROVED:
        raise Refused("records.bulletin_not_approved", field="bulletin")
    owners = await record_queries.matches(one.record.id, "@owner")
    text = "\n".join((await in_flight(one.office, bulletin.id)).values())
    if any(person_mark(one.office, each) in owners for each in await staff_in(one.office, [text])):
        raise Refused("records.names_registrant", field="bulletin")


async def receiver_key_is_one(one: Given) -> None:
    """The key to which a parcel is sealed is a public key."""
    if not is_public_key(one.values.get("receiver_key", "")):
        raise Refused("records.no_public_key", field="receiver_key")


async def _about(one: Given) -> list[Record]:
    """The records that it is about. One that the actor does not reach is to him as if there were none."""
    numbers = {each for each in one.values.get("about", "").split(";") if each}
    found = [record for record in await Record.filter(number__in=sorted(numbers)) if await _reaches(one, record)]
    if len(found) != len(numbers):
        raise Refused("records.no_such_record", field="about")
    return found


async def _reaches(one: Given, record: Record) -> bool:
    if one.actor is None or record.kind not in one.kinds.by_id:
        return False
    grasp = await grasp_of(one.office, one.kinds.get(record.kind), one.actor)
    return await row_for(grasp, record.public_id) is not None


async def _refuse_marks(one: Given, marks: frozenset[str], key: str) -> None:
    for name, text in one.texts().items():
        if any(person_mark(one.office, each) in marks for each in await staff_in(one.office, [text])):
            raise Refused(key, field=name)


CHECKS: Final[Mapping[str, Check]] = {
    each.__name__: each
    for each in (
        unit_of_scope,
        fits_a_message,
        names_as_allowed,
        no_registrant_named,
        praised_with_consent,
        praised_as_agreed,
        bulletin_is_approved,
        receiver_key_is_one,
    )
}
