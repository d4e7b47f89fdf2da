"""What is looked after now and then: messages whose time is over, drafts to remind of or to end, limits that act."""

from collections.abc import Awaitable, Callable

import structlog

from bot import housekeeping as drafts
from bot.parts import Bot
from core.office import Office
from messaging import outbox
from records import system_acts

log = structlog.get_logger()


async def step(office: Office, bot: Bot) -> int:
    """Do each chore once; one that fails is logged and does not keep the others from being done."""
    chores: dict[str, Callable[[], Awaitable[int]]] = {
        "expire": lambda: outbox.expire(office),
        "drafts": lambda: drafts.step(office, bot),
        "limits": lambda: system_acts.step(office, bot.kinds),
    }
    done = 0
    for name, chore in chores.items():
        try:
            done += await chore()
        except Exception:
            log.exception("chore.failed", chore=name)
    return done
