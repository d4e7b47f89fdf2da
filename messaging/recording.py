"""Writing what became of tries, many in one commit; what an older epoch of the lane brings is refused."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog

from core import failpoints
from core.office import Office
from messaging import addresses, consent, settling
from messaging.channel import Result
from messaging.claiming import Claimed
from messaging.lanes import Lane
from models import outbox_queries, sql
from models.outbox_queries import Settled
from models.states import Outcome

log = structlog.get_logger()

PAUSES: Final = (0.1, 0.5, 2.0)
_NOT_SPENT: Final = frozenset({Outcome.NOT_SENT, Outcome.THROTTLED})
Done = Sequence[tuple[Claimed, Result]]


async def settle_patiently(office: Office, lane: Lane, done: Done) -> None:
    """Settle, again after a pause where the database fails: what the provider said must not be lost."""
    for pause in PAUSES:
        try:
            return await settle(office, lane, done)
        except Exception:
            log.warning("outbox.settling_failed", lane=lane.id, many=len(done), exc_info=True)
            await asyncio.sleep(pause)
    await settle(office, lane, done)


async def settle(office: Office, lane: Lane, done: Done) -> None:
    """Write what happened, in one commit; refuse what an older epoch brings."""
    now = office.clock.now()
    settled = [_settled(each, result, now) for each, result in done]
    back = 0 if lane.room is None else sum(each.units for each, result in done if result.outcome in _NOT_SPENT)
    noted = any(result.opted_out or result.bad_address for _, result in done)
    if outbox_queries.settles_alone() and not noted and not back:
        failpoints.hit("outbox.settling")
        ours = await outbox_queries.settle(settled, lane.id, lane.epoch, now)
    else:
        async with sql.transaction():
            ours = await outbox_queries.settle(settled, lane.id, lane.epoch, now)
            await _note_addresses(office, done, ours)
            if back:
                await lane.spend(office, -back)
            failpoints.hit("outbox.settling")
    if len(ours) < len(settled):
        log.warning("outbox.refused", lane=lane.id, epoch=lane.epoch, many=len(settled) - len(ours))
    await _note_trouble(office, lane, done)


def _settled(claimed: Claimed, result: Result, now: datetime) -> Settled:
    next_ = settling.after(result, claimed.tries, claimed.expires_at, now)
    accepted = result.outcome is Outcome.ACCEPTED
    return Settled(
        token=claimed.outgoing.token,
        message_id=claimed.message_id,
        outcome=str(result.outcome),
        provider_id=result.provider_id,
        code=result.code[:32] if result.code else None,
        state=str(next_.state),
        reason=str(next_.reason) if next_.reason else None,
        not_before=next_.not_before,
        accepted_at=now if accepted else None,
        back=next_.tries_back,
    )


async def _note_addresses(office: Office, done: Done, ours: set[str]) -> None:
    for claimed, result in done:
        if claimed.outgoing.token not in ours:
            continue
        if result.opted_out:
            await consent.withdraw(office, claimed.address_id, "provider")
        if result.bad_address:
            await addresses.mark_bad(office, claimed.address_id, result.code)


async def _note_trouble(office: Office, lane: Lane, done: Done) -> None:
    """Keep and log the group's last trouble; ids and codes only."""
    troubled = [(each, result) for each, result in done if result.outcome in settling.TROUBLE and result.code]
    for claimed, result in troubled:
        log.info("outbox.not_accepted", message=claimed.message_id, outcome=str(result.outcome), why=result.code)
    tried = [result for _, result in troubled if result is not settling.NOT_TRIED]
    if tried:
        await lane.note_trouble(office, str(tried[-1].code), lane.held_seconds(office))
