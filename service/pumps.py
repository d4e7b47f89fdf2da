"""The only loops of the program. A step handles one slice and says how many rows it handled; a pump repeats it."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from core.wake import WakeUp

REST_SECONDS = 2.0
SHUTDOWN_SECONDS = 22.0
"""How long what is under way may take when the process is told to end."""
AFTER_ERROR_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0)
Step = Callable[[], Awaitable[int]]
log = structlog.get_logger()


async def pump(name: str, step: Step, wake: WakeUp, stop: asyncio.Event, rest: float = REST_SECONDS) -> None:
    """Step until told to stop; rest when there was nothing to do.

    An error is logged without its message and the step tried again after a growing pause.
    """
    errors = 0
    while not stop.is_set():
        turn = wake.turn
        try:
            handled = await step()
            errors = 0
        except Exception:
            log.exception("pump.failed", pump=name)
            await wake.wait_past(wake.turn, AFTER_ERROR_SECONDS[min(errors, len(AFTER_ERROR_SECONDS) - 1)])
            errors += 1
            continue
        if not handled and not stop.is_set():
            await wake.wait_past(turn, rest)
