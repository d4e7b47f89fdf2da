"""The only loops of the program. A step handles one slice and says how many rows it handled; a pump repeats it."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

REST_SECONDS = 2.0
AFTER_ERROR_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0)
Step = Callable[[], Awaitable[int]]
log = structlog.get_logger()


async def pump(name: str, step: Step, wake: asyncio.Event, rest: float = REST_SECONDS) -> None:
    """Clear the wake-up, step, rest when there was nothing. An error is logged without its message and tried again."""
    errors = 0
    while True:
        wake.clear()
        try:
            handled = await step()
            errors = 0
        except Exception:
            log.exception("pump.failed", pump=name)
            await asyncio.sleep(AFTER_ERROR_SECONDS[min(errors, len(AFTER_ERROR_SECONDS) - 1)])
            errors += 1
            continue
        if not handled:
            await _wait(wake, rest)


async def _wait(wake: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await wake.wait()
    except TimeoutError:
        pass
