"""The addresses and opt-outs of imported persons: what the staff list says, without overruling what they proved.

A number of the staff list is the person's and verified. A chat id of the list is taken only while he has bound no chat
himself. An opt-out of the list never changes what he said by a word of his own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from core.office import Office
from messaging.addresses import identity_hash, route_of
from models import people_queries
from models.address import Address, Consent
from people.csv_table import Problem
from people.staff_rows import StaffLine

EDUCATION: Final = "education"
_PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Reached:
    """How a person is reached by the list."""

    person_id: int
    phone: str | None
    chat_id: str | None
    lang: str
    education_out: bool


async def taken_by_others(office: Office, lines: Sequence[StaffLine], file: str = "staff") -> list[Problem]:
    """Return numbers and chats of the list that belong to somebody else.

    A number may pass between persons who are both in the list; a chat that somebody bound is his.
    """
    listed = {line.staff_no for line in lines}
    wanted = {
        identity_hash(office, channel, identity): (line, column)
        for line in lines
        for channel, identity, column in (("sms", line.phone, "phone"), ("telegram", line.chat_id, "chat_id"))
        if identity
    }
    problems: list[Problem] = []
    for page in _pages(list(wanted)):
        for address in await Address.filter(identity_hash__in=page, person_id__isnull=False).prefetch_related("person"):
            line, column = wanted[address.identity_hash]
            owner = address.person
            assert owner is not None
            passes = column == "phone" and owner.staff_no in listed
            if owner.staff_no != line.staff_no and owner.status != "left" and not passes:
                values = {"item": owner.staff_no or "–"}
                problems.append(Problem(file, line.line, column, "import.taken", values))
    return problems


def _pages(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[start : start + _PAGE] for start in range(0, len(values), _PAGE))


async def reach(office: Office, page: Sequence[Reached]) -> list[tuple[int, str]]:
    """Give each person of a page his addresses and opt-out; return (person id, column) for what was different."""
    mine = await Address.filter(person_id__in=[one.person_id for one in page])
    chats = {address.person_id for address in mine if address.channel == "telegram" and address.verified_at}
    wanted: dict[str, tuple[Reached, str, str]] = {}
    for one in page:
        if one.phone:
            wanted[identity_hash(office, "sms", one.phone)] = (one, "sms", one.phone)
        if one.chat_id and one.person_id not in chats:
            wanted[identity_hash(office, "telegram", one.chat_id)] = (one, "telegram", one.chat_id)
    changed = await _attach(office, wanted)
    old = [each for each in mine if each.channel == "sms" and each.identity_hash not in wanted]
    if old:
        await Address.filter(id__in=[each.id for each in old]).update(person_id=None, verified_at=None)
        await people_queries.follow([each.id for each in old])
        changed += [(each.person_id, "phone") for each in old if each.person_id is not None]
    changed += await _opt_outs(office, page)
    return list(dict.fromkeys(changed))


async def _attach(office: Office, wanted: dict[str, tuple[Reached, str, str]]) -> list[tuple[int, str]]:
    now = office.clock.now()
    there = {address.identity_hash: address for address in await Address.filter(identity_hash__in=list(wanted))}
    new = [
        Address(
            channel=channel,
            identity=office.key.encrypt(identity),
            identity_hash=hashed,
            route=route_of(channel, identity),
            person_id=one.person_id,
            lang=one.lang,
            created_at=now,
            verified_at=now,
        )
        for hashed, (one, channel, identity) in wanted.items()
        if hashed not in there
    ]
    await Address.bulk_create(new, batch_size=500)
    changed = [(int(address.person_id or 0), _column(address.channel)) for address in new]
    for hashed, address in there.items():
        one, channel, _ = wanted[hashed]
        if address.person_id != one.person_id or address.verified_at is None:
            await Address.filter(id=address.id).update(person_id=one.person_id, verified_at=now, lang=one.lang)
            await people_queries.follow([address.id])
            changed.append((one.person_id, _column(channel)))
    return changed


def _column(channel: str) -> str:
    return "phone" if channel == "sms" else "chat_id"


async def _opt_outs(office: Office, page: Sequence[Reached]) -> list[tuple[int, str]]:
    """Write the opt-outs of the list on every address of a person; words of his own stand."""
    out = {one.person_id: one.education_out for one in page}
    addresses = await Address.filter(person_id__in=list(out), verified_at__isnull=False)
    said = {
        one.address_id: one
        for one in await Consent.filter(address_id__in=[each.id for each in addresses], category=EDUCATION)
    }
    now = office.clock.now()
    new: list[Consent] = []
    changed: list[tuple[int, str]] = []
    for address in addresses:
        wish, before = out[int(address.person_id or 0)], said.get(address.id)
        if before is None and wish:
            new.append(Consent(address_id=address.id, category=EDUCATION, given=False, source="import", at=now))
        elif before is not None and before.source == "import" and before.given == wish:
            await Consent.filter(id=before.id).update(given=not wish, at=now)
        else:
            continue
        changed.append((int(address.person_id or 0), "education_msgs"))
    await Consent.bulk_create(new, batch_size=1000)
    return changed
