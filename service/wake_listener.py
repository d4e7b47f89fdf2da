"""Waking the pumps of this process for what other processes wrote, with a connection that is made again when lost."""

import asyncio

import structlog

from core.wake import WakeUp, WakeUps
from models import wake

PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0)
log = structlog.get_logger()


async def run(wakes: WakeUps, pauses: tuple[float, ...] = PAUSES) -> None:
    """Listen until cancelled; after a loss again, with growing pauses. PostgreSQL only."""
    by_sort: dict[str, WakeUp] = {
        "inbound": wakes.inbound,
        "outbox": wakes.outbox,
        "runs": wakes.runs,
        "lanes": wakes.lanes,
    }
    losses = 0

    def begun() -> None:
        nonlocal losses
        losses = 0
        for each in by_sort.values():  # what was told meanwhile was not heard
            each.set()

    def heard(sort: str) -> None:
        if sort in by_sort:
            by_sort[sort].set()

    def stopping() -> bool:
        task = asyncio.current_task()
        return task is not None and task.cancelling() > 0

    while True:
        try:
            await wake.listen(begun, heard)
        except Exception as error:
            if stopping():  # whatever the connection said while it was given back
                raise asyncio.CancelledError from None
            log.warning("wake.lost", kind=type(error).__name__)
        await asyncio.sleep(pauses[min(losses, len(pauses) - 1)])
        losses += 1
