"""Persons: finding one, and what he is called. Names are encrypted in rows; a keyed hash finds an equal one."""

from core.office import Office
from core.text import fold
from models.address import Address
from models.org import Person


async def find_by_staff_no(staff_no: str) -> Person | None:
    """Return the person with a staff number, None where there is none or he has left."""
    return await Person.filter(staff_no=staff_no.strip()).exclude(status="left").first()


async def person_of(address_id: int) -> Person | None:
    """Return the person whose verified address this is; None for an outsider and for one who has left."""
    address = await Address.get_or_none(id=address_id, verified_at__isnull=False).prefetch_related("person")
    person = address.person if address else None
    return person if person is not None and person.status != "left" else None


def name_of(office: Office, person: Person, lang: str) -> str:
    """Return the name for a reader of a language: Latin letters for English where known."""
    own = office.key.decrypt(person.name)
    if lang == "en" and person.name_en:
        return office.key.decrypt(person.name_en)
    return own or (office.key.decrypt(person.name_en) if person.name_en else "")


def hash_of_name(office: Office, name: str) -> str:
    """Return the keyed hash by which an equal name is found, however it is spaced or cased."""
    return office.key.keyed_hash("person name", fold(name).replace(" ", ""))


def pseudonym(office: Office, person_id: int) -> str:
    """Return the name under which a person stands in the ledger: a keyed hash."""
    return office.key.keyed_hash("actor", f"person {person_id}")
