"""Files that are wanted: fetched from the provider, cleaned in a process apart, sealed. Nothing of it in a transaction.

A file is claimed for some minutes; whoever dies meanwhile is followed by another try, and the first that is done keeps
it. What the provider cannot hand out now is asked for again, ever later; what it never will, or what is not taken, is
said to whoever sent it.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import structlog

from core import failpoints
from core.media.apart import clean_apart
from core.media.result import TOO_LARGE, Unfit
from core.office import Office
from core.texts import sign
from messaging import outbox
from messaging.channel import SMS, Fetching, FileRefused
from messaging.http_call import NotWritten, Throttled, Unclear
from messaging.outbox import NewMessage
from models import evidence_queries, sql
from models.address import Address
from records.evidence import MOST_BYTES, Wanted, keep, next_wanted

log = structlog.get_logger()

MOST_TRIES: Final = 12
FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(hours=2)
GONE: Final = "file.gone"
ChannelOf = Callable[[int], object]
"""The channel of a lane by its id, None where this process has none."""


async def step(office: Office, channel_of: ChannelOf) -> int:
    """Fetch and keep the oldest file that is wanted; return how many were looked at."""
    wanted = await next_wanted(office)
    if wanted is None:
        return 0
    channel = channel_of(wanted.lane_id)
    try:
        if not isinstance(channel, Fetching):
            raise Unclear("no_lane")
        received = await channel.fetch(wanted.file_id, MOST_BYTES)
        failpoints.hit("evidence.fetched")
        await keep(office, wanted, received, await clean_apart(received))
    except (NotWritten, Unclear, Throttled) as error:
        await _later(office, wanted, str(error))
    except FileRefused as refused:
        too_large = str(refused) == FileRefused.TOO_LARGE
        await _give_up(office, wanted, "refused" if too_large else "gone", TOO_LARGE if too_large else GONE)
    except Unfit as unfit:
        await _give_up(office, wanted, "refused", unfit.key)
    return 1


async def _later(office: Office, wanted: Wanted, why: str) -> None:
    log.info("file.not_fetched", file=wanted.id, tries=wanted.tries, why=why)
    if wanted.tries >= MOST_TRIES:
        await _give_up(office, wanted, "gone", GONE)
        return
    pause = min(FIRST_PAUSE * 2**wanted.tries, LONGEST_PAUSE)
    await evidence_queries.put_off(wanted.id, wanted.tries, office.clock.now() + pause)


async def _give_up(office: Office, wanted: Wanted, state: str, key: str) -> None:
    """Settle a file that is not kept, and say so where it was sent."""
    async with sql.transaction():
        row = await evidence_queries.give_up(wanted.id, wanted.tries, state, key)
        if row is not None and row["address_id"] is not None:
            await _say(office, row["address_id"], row["lang"], wanted.id, key)
    log.info("file.not_kept", file=wanted.id, state=state, why=key)


async def _say(office: Office, address_id: int, lang: str, file_id: int, key: str) -> None:
    address, text = await Address.get(id=address_id), office.texts.say(key, lang)
    await outbox.enqueue(
        office,
        NewMessage(
            dedupe_key=f"file:{file_id}",
            channel=address.channel,
            address_id=address_id,
            person_id=address.person_id,
            category="reply",
            lang=lang,
            text=sign(text, lang, office.signature) if address.channel == SMS else text,
            text_key=key,
        ),
    )
