"""How updates of a bot reach us: its webhook is set, or it is taken away and updates are asked for.

The process that owns the bot's lane does so, and it alone: two that ask for the updates of one bot disturb each other.
"""

from typing import Final

import structlog

from bot.chat_commands import menu
from core.office import Office
from messaging import polling
from messaging.lanes import Lane
from messaging.pending import HOOK_PATH
from messaging.polling import Poller
from messaging.telegram import TelegramChat

RETRY_SECONDS: Final = (1.0, 2.0, 5.0, 15.0, 60.0)
MENU_LANGUAGES: Final = (("zh-Hans", None), ("en", "en"))
"""The menu of everybody, and that of people whose chat program speaks English (the provider knows ISO 639-1 only)."""
log = structlog.get_logger()


class ChatIn:
    """Takes a bot's updates in, for as long as its lane is ours."""

    def __init__(self, lane: Lane, chat: TelegramChat) -> None:
        self.lane, self.chat = lane, chat
        self.poller = Poller(chat, lane)
        self._agreed_epoch = 0
        self._tries = 0
        self._again_at = float("-inf")

    async def step(self, office: Office) -> int:
        """Agree with the provider how updates come, anew in each epoch of the lane; by polling, ask for some.

        Return how many were stored. Raises what the database raises.
        """
        if not self.lane.is_owned(office):
            return 0
        if self._agreed_epoch != self.lane.epoch and not await self._agree(office):
            return 0
        return await polling.step(office, self.poller) if self._polls else 0

    @property
    def _polls(self) -> bool:
        return self.chat.settings.mode == "polling"

    async def _agree(self, office: Office) -> bool:
        """Tell the provider, where it is time to try; after a failure wait ever longer."""
        epoch, now = self.lane.epoch, office.clock.monotonic()
        if now < self._again_at:
            return False
        if await self._told(office):
            log.info("telegram.agreed", lane=self.lane.id, mode=self.chat.settings.mode)
            self._agreed_epoch, self._tries = epoch, 0
            return True
        pause = RETRY_SECONDS[min(self._tries, len(RETRY_SECONDS) - 1)]
        log.warning("telegram.not_agreed", lane=self.lane.id, again_in=pause)
        self._tries += 1
        self._again_at = office.clock.monotonic() + pause
        return False

    async def _told(self, office: Office) -> bool:
        way = self.chat.use_polling() if self._polls else self.chat.use_webhook(office.public_url + HOOK_PATH)
        if not await way:
            return False
        told = [await self.chat.set_commands(menu(office, lang), code) for lang, code in MENU_LANGUAGES]
        return all(told)
