"""Staff named in a form of the office: by staff number or by the whole name, one or several."""

import re
from typing import Final

from core.errors import Refused
from core.office import Office
from models.org import Person
from people.persons import find_by_staff_no, hash_of_name
from records.kind import Field

_BETWEEN: Final = re.compile(r"[,，、;；\n]+|\s+(?=\d)|(?<=\d)\s+")


async def named_staff(office: Office, field: Field, text: str) -> str:
    """Return the staff numbers of those whom a text names, `9021022;9021023`, each once.

    Raises Refused, with what was not understood, where nobody or more than one has that name, or too many are named.
    """
    names = [each.strip() for each in _BETWEEN.split(text) if each.strip()]
    if not names or (field.type == "person" and len(names) > 1):
        raise Refused("records.one_person", field=field.id)
    return ";".join(dict.fromkeys([await _staff_no(office, field, name) for name in names]))


async def _staff_no(office: Office, field: Field, name: str) -> str:
    person = await find_by_staff_no(name) if name.isdecimal() else None
    if person is None:
        found = await Person.filter(name_hash=hash_of_name(office, name), kind="staff").exclude(status="left").limit(2)
        if len(found) > 1:
            raise Refused("records.several_staff", item=name, field=field.id)
        person = found[0] if found else None
    if person is None or person.staff_no is None:
        raise Refused("records.no_staff", item=name, field=field.id)
    return person.staff_no
