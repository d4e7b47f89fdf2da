"""The fields that an act gives, checked: what it needs is there, nothing else is, each value fits its field."""

import re
from collections.abc import Mapping
from typing import Final

from core.errors import Refused
from core.office import Office
from core.text import clean
from models.org import Grant
from models.record import Record
from people.persons import find_by_staff_no
from people.units import load_tree
from records.answers import REFERENCE, Problem, Reading, read_value
from records.evidence import FILES, are_there
from records.facts import check_choices
from records.kind import Field, Kind, Transition
from records.staff_choice import named_staff
from records.unit_names import UnitNames

HANDLER_ROLE: Final = "handler"
_BETWEEN: Final = re.compile(r"[\s,，、;；]+")


async def check_given(
    office: Office, kind: Kind, step: Transition, values: Mapping[str, str], lang: str, record_id: int = 0
) -> dict[str, str]:
    """Return the values as they are kept. Raises Refused with the field that is missing, too long or wrong.

    Files must be kept already, and belong to the record or to none.
    """
    allowed = {*step.needs, *step.takes}
    if strange := sorted(values.keys() - allowed):
        raise Refused("error.invalid", field=strange[0])
    texts = {name: clean(value).strip() for name, value in values.items()}
    for name in step.needs:
        if not texts.get(name):
            raise Refused("records.missing", item=kind.fields[name].titles[lang], field=name)
    for name in texts:
        if kind.fields[name].type == FILES and texts[name] and not await are_there(texts[name], record_id):
            raise Refused("error.invalid", field=name)
    units = await unit_names() if any(kind.fields[name].type == "unit" for name in texts) else UnitNames(())
    reading = Reading(office.today(), lang, units)
    return {name: await _value(office, kind, kind.fields[name], text, reading) for name, text in texts.items() if text}


async def unit_names() -> UnitNames:
    """Return the names of the active units."""
    tree = await load_tree()
    return UnitNames.of((unit.code, unit.name_zh, unit.name_en) for unit in tree.by_id.values() if unit.active)


async def _value(office: Office, kind: Kind, field: Field, text: str, reading: Reading) -> str:
    if field.max is not None and len(text) > field.max:
        raise Refused("records.too_long", max=field.max, field=field.id)
    if field.type == "ref":
        return await _reference(field, text.upper())
    if field.type == FILES:
        return text
    if field.type == "unit":
        return _unit(field, text, reading)
    if field.type == "refs":
        return _references(field, text)
    if field.type in ("person", "persons"):
        return await (_handler(field, text) if field.id == kind.handler_field else named_staff(office, field, text))
    read = read_value(kind, field, text, reading, at=1)
    if isinstance(read, Problem):
        raise Refused(read.text_key, field=field.id, **read.vars)
    return _fitting(field, read.values[field.id], reading)


def _fitting(field: Field, value: str, reading: Reading) -> str:
    """A choice exists, and a day that is to come does not lie before today."""
    if field.type == "choices":
        check_choices(field, value)
    if field.type == "date" and not field.not_future and value < reading.today.isoformat():
        raise Refused("records.past_day", field=field.id)
    return value


def _unit(field: Field, text: str, reading: Reading) -> str:
    if (code := reading.units.find(text)) is None:
        raise Refused("records.no_unit", field=field.id)
    return code


async def _reference(field: Field, text: str) -> str:
    """The number of another record. Of a kind that is kept here and that the field names it must exist."""
    if not REFERENCE.fullmatch(text):
        raise Refused("records.bad_reference", field=field.id)
    if field.of and not await Record.exists(number=text, kind__in=field.of):
        raise Refused("records.no_such_record", field=field.id)
    return text


def _references(field: Field, text: str) -> str:
    numbers = [each for each in _BETWEEN.split(text.upper()) if each]
    if not all(REFERENCE.fullmatch(each) for each in numbers):
        raise Refused("records.bad_reference", field=field.id)
    return ";".join(dict.fromkeys(numbers))


async def _handler(field: Field, text: str) -> str:
    person = await find_by_staff_no(text)
    if person is None or not await Grant.exists(person_id=person.id, role=HANDLER_ROLE):
        raise Refused("records.no_handler", field=field.id)
    return str(person.staff_no)
