"""What no webhook brought, by Telegram's own queue: updates that wait because the webhook does not answer.

Telegram gives updates by webhook or by asking, never both. So the webhook is taken away, the updates are taken as by
polling, and the webhook is set again. A process that dies between leaves no webhook: the next start sets it, or the
next look.
"""

from datetime import timedelta
from typing import Final

import structlog

from core.office import Office
from messaging import polling
from messaging.http_call import Unclear
from messaging.lanes import Lane
from messaging.patience import Patience
from messaging.polling import Poller
from messaging.telegram import TelegramChat, Webhook

log = structlog.get_logger()

RECENT: Final = timedelta(minutes=10)
MOST_ROUNDS: Final = 100
HOOK_PATH: Final = "/hooks/telegram"


class PendingUpdates:
    """Looks at one bot's webhook, and takes what it fails to bring."""

    def __init__(self, lane: Lane, chat: TelegramChat, patience: Patience) -> None:
        self.lane, self.chat, self.patience = lane, chat, patience
        self._waited = False

    async def through(self, office: Office) -> int:
        """Take what waits where the webhook failed lately, or where something waited at the last look too.

        Return how many updates were taken. Sets a missing webhook; leaves one alone that somebody set elsewhere.
        Raises NotWritten, Unclear or Throttled where Telegram cannot be told, and what the database raises.
        """
        await self.patience.turn(office)
        hook = await self.chat.webhook()
        if hook.url == "":
            await self._set_again(office)
            return 0
        if hook.url != office.public_url + HOOK_PATH:
            log.error("pending.other_webhook", lane=self.lane.id)
            return 0
        stuck = hook.pending > 0 and (self._waited or _failed_lately(office, hook))
        self._waited = hook.pending > 0
        return await self._take(office) if stuck else 0

    async def _take(self, office: Office) -> int:
        if not await self.chat.use_polling():
            raise Unclear("webhook_not_taken_away")
        try:
            return await self._updates(office)
        finally:
            await self._set_again(office)

    async def _updates(self, office: Office) -> int:
        """Ask until nothing comes, which confirms the last ones, or so many times."""
        poller, taken = Poller(self.chat, self.lane), 0
        for _ in range(MOST_ROUNDS):
            if not self.lane.is_owned(office):
                raise Unclear("lane_lost")
            await self.patience.turn(office)
            many = await polling.take(office, poller, wait=0)
            taken += many
            if not many:
                break
        self._waited = False
        return taken

    async def _set_again(self, office: Office) -> None:
        if not await self.chat.use_webhook(office.public_url + HOOK_PATH):
            raise Unclear("webhook_not_set")
        log.warning("pending.webhook_set", lane=self.lane.id)


def _failed_lately(office: Office, hook: Webhook) -> bool:
    return hook.last_error_at is not None and office.clock.now() - hook.last_error_at < RECENT
