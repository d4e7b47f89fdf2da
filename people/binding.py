"""Binding an address to a person: a one-time code goes to the registered number and must come back from the new one.

Neither step tells whether a staff number exists. A person gets three codes an hour at most, so that nobody can be
flooded in his name.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from core.office import Office
from core.texts import sign
from messaging.outbox import NewMessage, enqueue
from models import people_queries, sql
from models.address import Address, OneTimeCode
from models.org import Person
from people.persons import find_by_staff_no

VALID: Final = timedelta(minutes=10)
TRIES: Final = 5
MOST_AN_HOUR: Final = 3

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Bound:
    """What became of a code that came back: `person_id` when it fitted; `text_key` says so to the sender."""

    person_id: int | None
    text_key: str


async def start(office: Office, staff_no: str, address_id: int) -> str:
    """Send a code to the registered number of a staff number; return the key of what to say to the asker.

    The answer is the same whether there is such a person or not. Runs in the caller's transaction.
    """
    person = await find_by_staff_no(staff_no)
    registered = await _registered(person.id, address_id) if person else None
    if person is None or registered is None or await _too_many(office, person.id, address_id):
        log.info("binding code not sent", address_id=address_id)
        return "exchange.bind.otp"
    code, now = f"{secrets.randbelow(1_000_000):06d}", office.clock.now()
    await OneTimeCode.filter(address_id=address_id, used_at__isnull=True).update(used_at=now)
    row = await OneTimeCode.create(
        person_id=person.id,
        address_id=address_id,
        code_hash=_hash(office, address_id, code),
        created_at=now,
        expires_at=now + VALID,
    )
    text = sign(office.texts.say("T-BIND-CODE", person.lang, code=code), person.lang, office.signature)
    message = NewMessage(
        dedupe_key=f"bind:{row.id}",
        channel=registered.channel,
        address_id=registered.id,
        person_id=person.id,
        category="reply",
        lang=person.lang,
        text=text,
        text_key="T-BIND-CODE",
        expires_at=now + VALID,
    )
    await enqueue(office, message)
    return "exchange.bind.otp"


async def confirm(office: Office, address_id: int, code: str) -> Bound:
    """Look at a code that came from the new address; bind the address when it is the one that was sent.

    Five tries, ten minutes. Runs in a transaction of its own inside the caller's.
    """
    now = office.clock.now()
    row = await OneTimeCode.filter(address_id=address_id, used_at__isnull=True).order_by("-id").first()
    if row is None or row.expires_at <= now or await people_queries.count_code_try(row.id, TRIES) is None:
        return Bound(None, "binding.expired")
    if not hmac.compare_digest(row.code_hash, _hash(office, address_id, code.strip())):
        return Bound(None, "binding.wrong")
    async with sql.transaction():
        await OneTimeCode.filter(id=row.id).update(used_at=now)
        await _bind(office, row.person_id, address_id)
    log.info("address bound", address_id=address_id, person_id=row.person_id)
    return Bound(row.person_id, "T-BIND-OK")


async def _bind(office: Office, person_id: int, address_id: int) -> None:
    """Give the address to the person; an older one of the same channel is his no longer, his opt-outs go along."""
    now = office.clock.now()
    address, person = await Address.get(id=address_id), await Person.get(id=person_id)
    older = Address.filter(person_id=person_id, channel=address.channel).exclude(id=address_id)
    changed = [each.id for each in await older] + [address_id]
    await older.update(person_id=None, verified_at=None)
    await Address.filter(id=address_id).update(
        person_id=person_id, verified_at=now, lang=person.lang, bad_at=None, bad_code=None
    )
    await people_queries.follow(changed)
    await people_queries.carry_opt_outs(person_id, address_id, now)


async def _registered(person_id: int, new_address_id: int) -> Address | None:
    """The registered number: an SMS address first, never the address that asks."""
    known = Address.filter(person_id=person_id, verified_at__isnull=False, bad_at__isnull=True)
    return await known.exclude(id=new_address_id).filter(channel="sms").order_by("-verified_at").first()


async def _too_many(office: Office, person_id: int, address_id: int) -> bool:
    since = office.clock.now() - timedelta(hours=1)
    recent = OneTimeCode.filter(created_at__gt=since)
    return (
        await recent.filter(person_id=person_id).count() >= MOST_AN_HOUR
        or await recent.filter(address_id=address_id).count() >= MOST_AN_HOUR
    )


def _hash(office: Office, address_id: int, code: str) -> str:
    return office.key.keyed_hash("one-time code", f"{address_id}:{code}")
