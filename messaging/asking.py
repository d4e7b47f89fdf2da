"""Asking a provider about messages whose outcome stayed unknown, when no receipt settled them.

Found: it counts like a receipt. Twice, five minutes apart, certainly not there: it goes back to the queue and is sent
as a new try. Anything else leaves it `unknown`, to be asked about again after a growing pause, for a day at most.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from core.office import Office
from messaging import matching, receipts, settling
from messaging.channel import Askable, Listing, Sent
from messaging.lanes import Lane
from messaging.matching import Try
from messaging.patience import Patience
from models import asking_queries, sql
from models.states import MessageState

log = structlog.get_logger()

SLICE: Final = 10
RIPE: Final = timedelta(seconds=60)
AGAIN: Final = timedelta(minutes=5)
PAUSES: Final = (AGAIN, AGAIN, timedelta(minutes=15), timedelta(hours=1))
LONGEST: Final = timedelta(days=1)


class Asker:
    """What asks for one lane, never more than five times a second; it waits when the provider is in trouble."""

    def __init__(self, lane: Lane, channel: Askable) -> None:
        self.lane, self.channel = lane, channel
        self.patience = Patience("asking.held", lane.id)

    def may_ask(self, office: Office) -> bool:
        """Say whether the lane is ours and nobody asked us to wait."""
        return self.lane.is_owned(office) and not self.lane.is_held(office) and self.patience.is_over(office)

    def note(self, office: Office, listing: Listing) -> None:
        """Hold after trouble; be at ease after a list."""
        if listing.trouble is None:
            self.patience.ease()
        else:
            self.patience.hold(office, listing.trouble, listing.retry_after)


async def step(office: Office, asker: Asker) -> int:
    """Ask about the messages at a few addresses; return how many messages were settled or go out again."""
    if not asker.may_ask(office):
        return 0
    now = office.clock.now()
    due = await asking_queries.due_addresses(asker.lane.id, now, now - RIPE, now - LONGEST, SLICE)
    settled = 0
    for address_id in due:
        if asker.may_ask(office):
            settled += await _ask(office, asker, address_id)
    return settled


async def _ask(office: Office, asker: Asker, address_id: int) -> int:
    """List once for an address, outside any transaction, then judge all its tries in one."""
    tries = await asking_queries.open_tries(address_id)
    if not tries:
        return 0
    await asker.patience.turn(office)
    listing = await asker.channel.sent_to(office.key.decrypt(tries[0]["identity"]))
    asker.note(office, listing)
    async with sql.transaction():
        return await _judge(office, await asking_queries.open_tries(address_id), listing)


async def _judge(office: Office, tries: Sequence[dict[str, Any]], listing: Listing) -> int:
    """Settle what the list settles; put the rest off. Nothing while another message is on its way there."""
    now = office.clock.now()
    unknown = [row for row in tries if row["state"] == MessageState.UNKNOWN]
    said: Mapping[int, Sent | None] = {}
    if listing.trouble is None and len(unknown) == len(tries):
        taken = await asking_queries.claimed([sent.provider_id for sent in listing.sent])
        unclaimed = [sent for sent in listing.sent if sent.provider_id not in taken]
        said = matching.judge([_try(office, row) for row in unknown], unclaimed)
    settled = 0
    for row in unknown:
        sent = said.get(row["id"])
        if sent is not None:
            settled += await receipts.record(office, row["token"], sent.report)
            log.info("asking.found", message=row["message_id"])
        elif row["id"] in said and listing.is_complete:
            settled += await _absent(office, row, now)
        else:
            await _put_off(row, now, sql.as_time(row["absent_at"]) if listing.trouble else None)
    return settled


def _try(office: Office, row: Mapping[str, Any]) -> Try:
    text = office.key.decrypt(row["body"]) if row["body"] is not None else row["run_text"]
    started_at, finished_at = sql.as_time(row["started_at"]), sql.as_time(row["finished_at"])
    assert started_at is not None
    assert finished_at is not None
    return Try(row["id"], str(text), started_at, max(started_at, finished_at))


async def _absent(office: Office, row: Mapping[str, Any], now: datetime) -> int:
    """Send again what is absent for the second time; note the first."""
    absent_at = sql.as_time(row["absent_at"])
    is_sure = absent_at is not None and now - absent_at >= AGAIN and row["tries"] < settling.MOST_TRIES
    if not is_sure or not await asking_queries.send_again(row["id"], now):
        await _put_off(row, now, absent_at or now)
        return 0
    log.info("asking.absent", message=row["message_id"])
    office.wakes.outbox.set()
    return 1


async def _put_off(row: Mapping[str, Any], now: datetime, absent_at: datetime | None) -> None:
    pause = PAUSES[min(row["asks"], len(PAUSES) - 1)]
    await asking_queries.put_off(row["id"], now + pause, absent_at)
