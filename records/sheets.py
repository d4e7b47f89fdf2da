"""What is made known, as its readers see it: a sheet of facts and of values in flight, on a page or in a message."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import NotThere
from core.office import Office
from models import reader_queries
from models.reading import RecordReader
from models.record import Record
from records.in_flight import in_flight, in_flight_of
from records.kind import Kind, Kinds


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a reader sees of a record that is made known: number, and (title of the field, text) in order."""

    record_id: int
    public_id: str
    number: str
    kind: str
    sections: tuple[tuple[Mapping[str, str], str], ...]

    def text(self, lang: str) -> str:
        """Return it as one text: the first line and text as they are, what follows under its title."""
        colon = ": " if lang == "en" else "："
        parts = [
            body if place < 2 else f"{titles[lang]}{colon}{body}" for place, (titles, body) in enumerate(self.sections)
        ]
        return "\n\n".join(parts)


def sheet_of(kind: Kind, record: Record, flying: Mapping[str, str]) -> Sheet:
    """Return what is made known of a record, from what of it is in flight and its facts."""
    shows = kind.made_known.shows if kind.made_known else ()
    values = {**{name: str(value) for name, value in record.facts.items()}, **flying}
    sections = tuple((kind.fields[name].titles, values[name]) for name in shows if values.get(name))
    return Sheet(record.id, record.public_id, str(record.number), kind.id, sections)


async def sheet_for(office: Office, kinds: Kinds, number: str, person_id: int) -> Sheet | None:
    """Return what a person is to read under a number; None where he is not among its readers or it is taken down."""
    record = await Record.get_or_none(number=number)
    if record is None or not await RecordReader.exists(record_id=record.id, person_id=person_id):
        return None
    return await _shown(office, kinds, record)


async def _shown(office: Office, kinds: Kinds, record: Record) -> Sheet | None:
    kind = kinds.by_id.get(record.kind)
    if kind is None or kind.made_known is None or record.state not in kind.made_known.states:
        return None
    return sheet_of(kind, record, await in_flight(office, record.id))


async def sheet_at(office: Office, kinds: Kinds, public_id: str, person_id: int) -> Sheet:
    """Return what a person reads on a page: what he is a reader of, or what is made known to all. Raises NotThere."""
    record = await Record.get_or_none(public_id=public_id)
    sheet = await _shown(office, kinds, record) if record is not None else None
    if record is None or sheet is None:
        raise NotThere
    known = kinds.get(record.kind).made_known
    if known is not None and known.call and not await RecordReader.exists(record_id=record.id, person_id=person_id):
        raise NotThere
    return sheet


@dataclass(frozen=True, slots=True)
class ToRead:
    """One thing on the page of what is made known: the sheet, whether it asks to be read, whether it was."""

    sheet: Sheet
    record: Record
    asks: bool
    is_read: bool


async def to_read(office: Office, kinds: Kinds, person_id: int) -> list[ToRead]:
    """Return what is made known to a person and still stands, newest first."""
    mine = {int(row["record_id"]): row["read_at"] for row in await reader_queries.read_by_person(person_id)}
    found = [each for each in await _standing(kinds) if each.id in mine or not _calls(kinds, each)]
    return await _with_sheets(office, kinds, found, mine)


async def made_public(office: Office, kinds: Kinds) -> list[ToRead]:
    """Return what stands on the page for everybody, newest first."""
    found = [each for each in await _standing(kinds) if _is_public(kinds, each)]
    return await _with_sheets(office, kinds, found, {})


async def _standing(kinds: Kinds) -> list[Record]:
    known = {kind.id: kind.made_known.states for kind in kinds.by_id.values() if kind.made_known}
    states = sorted({state for each in known.values() for state in each})
    rows = await Record.filter(kind__in=sorted(known), state__in=states).order_by("-id").limit(200)
    return [row for row in rows if row.state in known[row.kind]]


def _calls(kinds: Kinds, record: Record) -> bool:
    known = kinds.get(record.kind).made_known
    return known is not None and known.call is not None


def _is_public(kinds: Kinds, record: Record) -> bool:
    known = kinds.get(record.kind).made_known
    return known is not None and known.public_when is not None and known.public_when.holds(record.facts, {})


async def _with_sheets(office: Office, kinds: Kinds, found: list[Record], mine: Mapping[int, Any]) -> list[ToRead]:
    flying = await in_flight_of(office, [each.id for each in found])
    return [
        ToRead(
            sheet_of(kinds.get(each.kind), each, flying[each.id]),
            each,
            each.id in mine,
            mine.get(each.id) is not None,
        )
        for each in found
    ]
