"""Receipts: what a provider reports after it accepted a message, found by the attempt's token.

They come early, twice, out of order or days late; a message only moves forward. A receipt also proves that the
provider has the message: it settles an attempt whose outcome was unknown.
"""

from typing import Any

import structlog

from core.office import Office
from messaging import addresses, consent
from messaging.channel import Report
from models import outbox_queries, sql

log = structlog.get_logger()


async def record(office: Office, token: str, report: Report) -> bool:
    """Keep a receipt and move its message forward; False for a token that we never issued, or another message's.

    A status that we do not know is taken and has no effect.
    """
    async with sql.transaction():
        attempt = await outbox_queries.attempt_by_token(token)
        if attempt is None or _is_swapped(attempt["provider_id"], report.provider_id):
            return False
        if report.state is None:
            log.warning("receipt.strange", attempt=attempt["id"])
        elif await outbox_queries.add_receipt(attempt["id"], report.status, report.code, office.clock.now()):
            await _apply(office, attempt, report)
            await _note_address(office, attempt["address_id"], report)
    return True


def _is_swapped(known: str | None, given: str | None) -> bool:
    return known is not None and given is not None and known != given


async def _apply(office: Office, attempt: dict[str, Any], report: Report) -> None:
    assert report.state is not None
    now = office.clock.now()
    if attempt["provider_id"] is None and report.provider_id is not None:  # attempt before message, as settling does
        await outbox_queries.name_attempt(attempt["id"], report.provider_id)
    if not await outbox_queries.move_forward(attempt["message_id"], report.state, report.provider_id, now):
        await outbox_queries.note_accepted(attempt["message_id"], report.provider_id, now)


async def _note_address(office: Office, address_id: int | None, report: Report) -> None:
    if address_id is not None and report.opted_out:
        await consent.withdraw(office, address_id, "provider")
    if address_id is not None and report.bad_address:
        await addresses.mark_bad(office, address_id, report.code)
