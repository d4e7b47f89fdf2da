"""An acknowledgement that came in: 收到, a digit or a button. It is kept once for a person and due moment."""

from typing import Any

import structlog

from core.office import Office
from models import run_queries, sql
from models.campaign import Campaign
from models.inbound import OpenQuestion

ACKNOWLEDGED = "T-ACK-OK"
NOTHING_WAITS = "T-ACK-NONE"

log = structlog.get_logger()


async def acknowledge(office: Office, address_id: int, run_id: int | None, channel: str) -> str:
    """Write the acknowledgement of an address and return the key of what to answer.

    `run_id` is what the pressed button named (0: a test message); None is a word or digit, which answers what was last
    asked. A button pressed twice is thanked twice and counted once. In the caller's transaction.
    """
    question = await run_queries.waiting_acknowledgement(address_id, run_id, office.clock.now())
    if question is None:
        return await _answer_again(address_id, run_id)
    if question["ref_id"] is None:
        return await _received_test(office, question)
    if question["person_id"] is None:
        return NOTHING_WAITS
    now = office.clock.now()
    async with sql.transaction():
        await run_queries.acknowledge(question["ref_id"], question["person_id"], channel, now)
    log.info("acknowledged", run_id=question["ref_id"], address_id=address_id)
    return ACKNOWLEDGED


async def is_waiting(office: Office, address_id: int) -> bool:
    """Return whether an address is asked to acknowledge something that was said to it."""
    return await run_queries.waiting_acknowledgement(address_id, None, office.clock.now()) is not None


async def _answer_again(address_id: int, run_id: int | None) -> str:
    if run_id is None:
        return NOTHING_WAITS
    done = OpenQuestion.filter(address_id=address_id, kind="ack", outcome="answered")
    known = done.filter(ref_id__isnull=True) if run_id == 0 else done.filter(ref_id=run_id)
    return ACKNOWLEDGED if await known.exists() else NOTHING_WAITS


async def _received_test(office: Office, question: dict[str, Any]) -> str:
    """The author has his test message in hand: the version that it showed counts as tested."""
    _, campaign_id, version = str(question["topic"]).split(":")
    async with sql.transaction():
        await OpenQuestion.filter(id=question["id"]).update(closed_at=office.clock.now(), outcome="answered")
        await Campaign.filter(id=int(campaign_id), version=int(version)).update(tested_version=int(version))
    return ACKNOWLEDGED
