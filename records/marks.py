"""Keyed hashes by which a person, an address, a value or a code is found again without being stored."""

from core.office import Office
from core.text import fold
from people.persons import pseudonym


def person_mark(office: Office, person_id: int) -> str:
    """Return the hash of a person in matches: owner, handler, recused."""
    return office.key.keyed_hash("person", str(person_id))


def address_mark(office: Office, address_id: int) -> str:
    """Return the hash of an address in matches."""
    return office.key.keyed_hash("address mark", str(address_id))


def actor_mark(office: Office, person_id: int | None, address_id: int | None = None) -> str:
    """Return the pseudonym of who acts, for the ledger: of the person, else of the address, else `system`."""
    if person_id is not None:
        return pseudonym(office, person_id)
    return office.key.keyed_hash("actor", f"address {address_id}") if address_id is not None else "system"


def value_mark(office: Office, value: str) -> str:
    """Return the hash of a field's value; equal values give equal hashes, however they are spaced, cased or written."""
    return office.key.keyed_hash("match", fold(value).replace(" ", ""))


def company_mark(office: Office, code: str) -> str:
    """Return the hash of a company, however its name was written; no spelling has the same."""
    return office.key.keyed_hash("company", code)


def code_mark(office: Office, number: str, code: str) -> str:
    """Return the hash of a query code, which belongs to one number only."""
    return office.key.keyed_hash("query code", f"{number} {code}")
