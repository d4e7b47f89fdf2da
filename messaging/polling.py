"""Telegram by long polling: every update is stored before the offset that confirms it goes out."""

import structlog

from core.office import Office
from messaging import inbox
from messaging.http_call import NotWritten, Throttled, Unclear
from messaging.lanes import Lane
from messaging.telegram import POLL_SECONDS, TelegramChat, parse_update

log = structlog.get_logger()


class Poller:
    """The one that asks for a bot's updates, and the offset up to which they are stored."""

    def __init__(self, chat: TelegramChat, lane: Lane) -> None:
        self.chat, self.lane = chat, lane
        self.offset: int | None = None


async def step(office: Office, poller: Poller) -> int:
    """Wait up to 25 s for updates and store them; return how many. 0 also where Telegram cannot be asked now.

    Raises what the database raises; then the offset stands before the update that was not stored.
    """
    try:
        return await take(office, poller, POLL_SECONDS)
    except (NotWritten, Unclear, Throttled) as error:
        log.warning("polling.failed", why=str(error))
        return 0


async def take(office: Office, poller: Poller, wait: int) -> int:
    """Ask once, waiting so many seconds for updates, and store them; return how many.

    Raises NotWritten, Unclear or Throttled, and what the database raises, as above.
    """
    updates = await poller.chat.get_updates(poller.offset, wait)
    if not updates:  # all is confirmed; ids go on at random after a silence, perhaps below what was confirmed
        poller.offset = None
    for update in updates:
        await _store(office, poller, update)
        update_id = update.get("update_id")
        if isinstance(update_id, int):
            poller.offset = update_id + 1
    return len(updates)


async def _store(office: Office, poller: Poller, update: dict[str, object]) -> None:
    try:
        arrival = parse_update(update)
    except ValueError as error:
        log.warning("polling.strange_update", why=str(error))
        return
    if arrival is not None:
        await inbox.receive(office, poller.lane.id, arrival)
