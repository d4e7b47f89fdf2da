"""Staff named in a text: by name, staff number or phone. Names are encrypted, so pieces of the text are hashed."""

import re
from collections.abc import Iterable
from typing import Final

from core.office import Office
from core.phones import BadPhone, parse
from core.text import fold
from messaging.addresses import identity_hash
from models import record_queries
from people.persons import hash_of_name

NAME_LENGTHS: Final = (2, 3, 4)
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
_NUMBERS = re.compile(r"(?<!\d)\d{4,12}(?!\d)")
_PHONES = re.compile(r"\+?\d[\d -]{6,18}\d")
_LATIN = re.compile(r"[a-z]+")


async def staff_in(office: Office, texts: Iterable[str]) -> frozenset[int]:
    """Return the ids of the persons whose name, staff number or phone stands in one of the texts."""
    whole = "\n".join(fold(text) for text in texts)
    found = {person_id for person_id, _ in await record_queries.persons_by_name_hash(_name_hashes(office, whole))}
    if numbers := sorted(set(_NUMBERS.findall(whole))):
        found.update(await record_queries.persons_by_staff_no(numbers))
    if phones := sorted(_phone_hashes(office, whole)):
        found.update(await record_queries.persons_by_address(phones))
    words = _LATIN.findall(whole)
    if len(words) > 1:
        found.update(await _by_latin_name(office, " ".join(words)))
    return frozenset(found)


def _name_hashes(office: Office, text: str) -> list[str]:
    pieces = {
        run[at : at + length]
        for run in _HAN.findall(text.replace(" ", ""))
        for length in NAME_LENGTHS
        for at in range(len(run) - length + 1)
    }
    return [hash_of_name(office, piece) for piece in sorted(pieces)]


def _phone_hashes(office: Office, text: str) -> set[str]:
    hashes = set()
    for found in _PHONES.findall(text):
        try:
            hashes.add(identity_hash(office, "sms", parse(found, mode="possible")))
        except BadPhone:
            continue
    return hashes


async def _by_latin_name(office: Office, words: str) -> set[int]:
    """Compare with every Latin name, in either order of its words."""
    padded, found = f" {words} ", set()
    for person_id, blob in await record_queries.latin_names():
        parts = _LATIN.findall(fold(office.key.decrypt(blob)))
        orders = (" ".join(parts), " ".join(reversed(parts)))
        if len(parts) > 1 and any(f" {each} " in padded for each in orders):
            found.add(person_id)
    return found
