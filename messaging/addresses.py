"""Addresses: one way to reach somebody, found by a keyed hash, kept encrypted."""

from core.office import Office
from models import address_queries
from models.address import Address


def identity_hash(office: Office, channel: str, identity: str) -> str:
    """Return the keyed hash by which an address is found."""
    return office.key.keyed_hash("address", f"{channel}:{identity}")


async def find_or_create(office: Office, channel: str, identity: str, *, lang: str | None = None) -> Address:
    """Return the address of a number in E.164 or a chat id; `lang` counts only where none is known yet."""
    return await Address.get(id=await find_or_create_id(office, channel, identity, lang=lang))


async def find_or_create_id(office: Office, channel: str, identity: str, *, lang: str | None = None) -> int:
    """Return the id of an address; write nothing where it is there already."""
    hashed = identity_hash(office, channel, identity)
    found = await address_queries.find(channel, hashed)
    if found is not None:
        return found
    return await address_queries.create(channel, office.key.encrypt(identity), hashed, lang, office.clock.now())


async def find(office: Office, channel: str, identity: str) -> Address | None:
    """Return the address, or None where nobody used it yet."""
    return await Address.get_or_none(channel=channel, identity_hash=identity_hash(office, channel, identity))


def identity_of(office: Office, address: Address) -> str:
    """Return the number or chat id of an address. Keep it out of logs."""
    return office.key.decrypt(address.identity)


async def mark_bad(office: Office, address_id: int, code: str | None) -> None:
    """Note that the provider cannot reach an address; nothing but answers goes there until it writes to us."""
    await address_queries.mark_bad(address_id, (code or "")[:16], office.clock.now())


async def mark_good(address_id: int) -> None:
    """Note that an address was heard from."""
    await address_queries.mark_good(address_id)
