"""The keyed hashes of what was said, by which it is found, counted and compared without being stored.

A field with a lookup keeps the hash of what its text means, so that two spellings of one company are one company.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from core.office import Office
from models import record_queries
from people.companies import find_company
from records.kind import UNKNOWN, Field, Kind
from records.marks import company_mark, value_mark

FOUND: Final = "@found"
"""What follows the name of a field, in the name of the hash that says that its text was found in a table."""


async def _company(office: Office, text: str) -> str | None:
    code = await find_company(text)
    return company_mark(office, code) if code else None


LOOKUPS: Final[Mapping[str, Callable[[Office, str], Awaitable[str | None]]]] = {"companies": _company}
"""The tables in which a text is looked up: the hash of what it means, None where it means nothing known."""


async def keep_matches(office: Office, kind: Kind, record_id: int, values: Mapping[str, str]) -> None:
    """Keep the keyed hashes of the values of a record whose fields say `match`."""
    for name, value in values.items():
        if kind.fields[name].match and value:
            for field_name, hashed in await _hashes(office, kind.fields[name], value):
                await record_queries.add_match(record_id, field_name, hashed)


async def replace_matches(office: Office, kind: Kind, record_id: int, values: Mapping[str, str]) -> None:
    """Keep the hashes of later values in the place of the earlier ones of the same fields."""
    for name in values:
        if kind.fields[name].match:
            await record_queries.drop_match(record_id, name)
            if kind.fields[name].lookup:
                await record_queries.drop_match(record_id, name + FOUND)
    await keep_matches(office, kind, record_id, values)


async def _hashes(office: Office, field: Field, value: str) -> list[tuple[str, str]]:
    meant = await LOOKUPS[field.lookup](office, value) if field.lookup and value != UNKNOWN else None
    return [(field.id, meant), (field.id + FOUND, meant)] if meant else [(field.id, value_mark(office, value))]
