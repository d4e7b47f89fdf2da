"""The inbox: what a provider delivers is stored before it is answered, once for ever, and handled in order per address.

`receive` is called by webhooks and polling; `step` hands rows to the bot. A row whose handling fails is tried again
with growing pauses; after five tries it is set aside for a person, so that it does not hold up what came after it.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from core import failpoints
from core.office import Office
from core.text import clean
from messaging import addresses, consent
from messaging.channel import Arrival, Attached
from models import inbox_queries, sql

log = structlog.get_logger()

MOST_TRIES: Final = 5
FIRST_PAUSE: Final = timedelta(seconds=2)
PROVIDER_OPT: Final = {"out": "provider_opt_out", "in": "provider_opt_in"}


@dataclass(frozen=True, slots=True)
class Carried:
    """What came besides a text: files that are still with the provider, their album, when it was first sent."""

    files: tuple[Attached, ...] = ()
    album: str | None = None
    forwarded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class InboundRow:
    """One row for the bot. `text` is the text, or the data of a button; None where it was neither or was scrubbed.

    `intent` is set only where the provider itself reports an opt-out or opt-in, which is recorded already:
    provider_opt_out or provider_opt_in. `address_lang` is the language known of the address. `carried` is what came
    besides the text.
    """

    id: int
    channel: str
    address_id: int
    person_id: int | None
    is_verified: bool
    address_lang: str | None
    kind: str
    text: str | None
    press_id: str | None
    about_provider_id: str | None
    received_at: datetime
    tries: int
    intent: str | None
    lane_id: int
    carried: Carried


async def receive(office: Office, lane_id: int, arrival: Arrival) -> bool:
    """Store an arrival and commit; False where its id was stored before.

    Raises what the database raises: then the provider must not be told that we have it.
    """
    now = office.clock.now()
    async with sql.transaction():
        address_id = await addresses.find_or_create_id(office, arrival.channel, arrival.identity, lang=arrival.lang)
        stored = await inbox_queries.insert(
            lane_id,
            arrival.provider_id,
            arrival.channel,
            address_id,
            arrival.kind,
            office.key.encrypt(clean(arrival.text)) if arrival.text is not None else None,
            arrival.press_id,
            arrival.about_provider_id,
            now,
            PROVIDER_OPT.get(arrival.opt or ""),
            _packed(office, arrival),
            arrival.message_id,
        )
        if stored:
            await _note_address(office, address_id, lane_id, arrival)
        failpoints.hit("inbox.storing")
    failpoints.hit("inbox.stored")
    office.wakes.inbound.set()
    return stored


async def _note_address(office: Office, address_id: int, lane_id: int, arrival: Arrival) -> None:
    """Somebody who writes can be reached, by that lane; somebody who blocked us does not want to be."""
    if arrival.opt == "out":
        await consent.withdraw(office, address_id, "provider")
    else:
        await addresses.heard_from(address_id, lane_id)
    if arrival.opt == "in":
        await consent.give(office, address_id, "provider")


async def next_rows(office: Office, limit: int = 20) -> list[InboundRow]:
    """Return the oldest new row of each address, at most so many."""
    return [_row(office, found) for found in await inbox_queries.next_rows(office.clock.now(), limit)]


def _row(office: Office, found: dict[str, Any]) -> InboundRow:
    received_at = sql.as_time(found["received_at"])
    assert received_at is not None
    return InboundRow(
        id=found["id"],
        channel=found["channel"],
        address_id=found["address_id"],
        person_id=found["person_id"],
        is_verified=found["verified_at"] is not None,
        address_lang=found["lang"],
        kind=found["kind"],
        text=office.key.decrypt(found["body"]) if found["body"] is not None else None,
        press_id=found["press_id"],
        about_provider_id=found["about_provider_id"],
        received_at=received_at,
        tries=found["tries"],
        intent=found["intent"],
        lane_id=found["lane_id"],
        carried=_unpacked(office, found["carried"]),
    )


def _packed(office: Office, arrival: Arrival) -> bytes | None:
    if not arrival.files and arrival.forwarded_at is None:
        return None
    files = [asdict(each) for each in arrival.files]
    at = arrival.forwarded_at.isoformat() if arrival.forwarded_at is not None else None
    return office.key.encrypt(json.dumps({"files": files, "album": arrival.album, "at": at}))


def _unpacked(office: Office, stored: bytes | None) -> Carried:
    if stored is None:
        return Carried()
    held = json.loads(office.key.decrypt(stored))
    files = tuple(Attached(**each) for each in held["files"])
    return Carried(files, held["album"], datetime.fromisoformat(held["at"]) if held["at"] else None)


async def step(office: Office, handle: Callable[[InboundRow], Awaitable[None]], limit: int = 20) -> int:
    """Hand new rows to `handle`, each inside its own transaction that also marks it handled; return how many.

    What `handle` raises undoes its changes and counts as a try. It must start no task and wait for nothing slow.
    """
    rows = await next_rows(office, limit)
    for row in rows:
        await _handle_one(office, row, handle)
    return len(rows)


async def _handle_one(office: Office, row: InboundRow, handle: Callable[[InboundRow], Awaitable[None]]) -> None:
    try:
        async with sql.transaction():
            if await take(office, row):
                await handle(row)
    except Exception:
        log.warning("inbox.failed", inbound=row.id, tries=row.tries + 1, exc_info=True)
        await put_back(office, row)
    else:
        office.wakes.outbox.set()


async def take(office: Office, row: InboundRow) -> bool:
    """Mark a row handled in the caller's transaction; False where another process did."""
    return await inbox_queries.take(row.id, office.clock.now())


async def put_back(office: Office, row: InboundRow) -> None:
    """Count a failed try: again after a growing pause, set aside for a person after five."""
    not_before = office.clock.now() + FIRST_PAUSE * 2**row.tries
    state = await inbox_queries.put_back(row.id, not_before, MOST_TRIES)
    if state == "set_aside":
        log.error("inbox.set_aside", inbound=row.id)


async def note(
    row: InboundRow,
    *,
    intent: str | None = None,
    urgent: bool = False,
    for_person: bool = False,
    till_read: bool = False,
) -> None:
    """Keep what a row was recognised as, whether a danger phrase was in it, and whether a person must read it.

    `till_read`: what it says stands in a record or draft, so its body is erased once a person has read it.
    """
    await inbox_queries.note(row.id, intent, urgent=urgent, for_person=for_person, till_read=till_read)


async def scrub(inbound_id: int) -> None:
    """Drop the body of a row that held a signing code, or whose words stand in a record now; its id stays."""
    await inbox_queries.scrub(inbound_id)


async def mark_read(office: Office, address_id: int, last: int) -> None:
    """Note that a person has read what an address wrote up to a row; erase of it what stands in records."""
    await inbox_queries.mark_read(address_id, last, office.clock.now())
