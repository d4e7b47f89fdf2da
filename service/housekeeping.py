"""What is looked after now and then: what is late, drafts, limits that act, checkpoints, what is wrong."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from bot import housekeeping as drafts
from bot.parts import Bot
from core.office import Office
from messaging import addresses, incidents, outbox
from models import cleaning, member_queries
from oversight import giver_exports
from people import access
from records import checkpoints, evidence, members, retention, system_acts

log = structlog.get_logger()


async def step(office: Office, bot: Bot, checkpoint_folder: Path) -> int:
    """Do each chore once; one that fails is logged and does not keep the others from being done."""
    chores: dict[str, Callable[[], Awaitable[int]]] = {
        "expire": lambda: outbox.expire(office),
        "erase": lambda: outbox.erase_said(office),
        "keys": lambda: _keys(office, bot),
        "routes": lambda: addresses.note_routes(office),
        "drafts": lambda: drafts.step(office, bot),
        "incidents": lambda: incidents.step(office, access.told_of_incident),
        "limits": lambda: system_acts.step(office, bot.kinds),
        "files": lambda: evidence.step(office),
        "exports": lambda: giver_exports.step(office),
        "checkpoints": lambda: checkpoints.step(office, checkpoint_folder),
    }
    done = 0
    for name, chore in chores.items():
        try:
            done += await chore()
        except Exception:
            log.exception("chore.failed", chore=name)
    return done


async def _keys(office: Office, bot: Bot) -> int:
    """Take keys from whom his roles entitle to none any more; leave nothing of what was erased in the files."""
    ended = await member_queries.forget_ended_sessions(office.clock.now())
    ended += await members.drop_unentitled(office, bot.kinds)
    await cleaning.fold_log()
    return ended


async def retain(office: Office, bot: Bot) -> int:
    """Erase what was kept long enough, a slice at a time until nothing is left; return how much it was."""
    done = 0
    try:
        while slice_ := await retention.step(office, bot.kinds):
            done += slice_
    except Exception:
        log.exception("chore.failed", chore="retention")
    return done
