"""Addresses: one way to reach somebody, found by a keyed hash, kept encrypted."""

from collections.abc import Mapping
from typing import Any, Final

from core.office import Office
from messaging.channel import SMS
from models import address_queries
from models.address import Address

ROUTE_CHARACTERS: Final = 6
ROUTE_SLICE: Final = 500


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
    encrypted, route = office.key.encrypt(identity), route_of(channel, identity)
    return await address_queries.create(channel, encrypted, hashed, route, lang, office.clock.now())


async def find(office: Office, channel: str, identity: str) -> Address | None:
    """Return the address, or None where nobody used it yet."""
    return await Address.get_or_none(channel=channel, identity_hash=identity_hash(office, channel, identity))


def identity_of(office: Office, address: Address) -> str:
    """Return the number or chat id of an address. Keep it out of logs."""
    return office.key.decrypt(address.identity)


async def mark_bad(office: Office, address_id: int, code: str | None) -> None:
    """Note that the provider cannot reach an address; nothing but answers goes there until it writes to us."""
    await address_queries.mark_bad(address_id, (code or "")[:16], office.clock.now())


async def heard_from(address_id: int, lane_id: int) -> None:
    """Note that an address wrote to a lane: it can be reached, and answers go out by that lane."""
    await address_queries.heard_from(address_id, lane_id)


def route_of(channel: str, identity: str) -> str | None:
    """Return how a number begins, enough for country and operator and no more; None for a chat."""
    return identity[:ROUTE_CHARACTERS] if channel == SMS else None


async def note_routes(office: Office, slices: int = 10) -> int:
    """Write how numbers begin where it is not written yet, a few slices of them; return how many."""
    done = 0
    for _ in range(slices):
        rows = await address_queries.unrouted(ROUTE_SLICE)
        await address_queries.set_routes([(row["id"], _route_of_row(office, row)) for row in rows])
        done += len(rows)
        if len(rows) < ROUTE_SLICE:
            break
    return done


def _route_of_row(office: Office, row: Mapping[str, Any]) -> str:
    return route_of(SMS, office.key.decrypt(row["identity"])) or ""
