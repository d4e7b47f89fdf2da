"""How updates of the chat reach us: the webhook is set, or it is taken away and updates are asked for."""

import asyncio

import structlog

from bot.chat_commands import menu
from core.wake import WakeUp
from messaging import polling
from messaging.polling import Poller
from messaging.setup import Messaging
from messaging.telegram import TelegramChat
from service.pumps import pump

RETRY_SECONDS = (1.0, 2.0, 5.0, 15.0, 60.0)
MENU_LANGUAGES = (("zh-Hans", None), ("en", "en"))
"""The menu of everybody, and that of people whose chat program speaks English (the provider knows ISO 639-1 only)."""
log = structlog.get_logger()


async def run(messaging: Messaging, chat: TelegramChat, stop: asyncio.Event) -> None:
    """Agree with the provider how updates come, trying until it answers; by polling, ask for them until cancelled."""
    polls = chat.settings.mode == "polling"
    await _agree(messaging, chat, polls=polls)
    if polls:
        office, poller = messaging.office, Poller(chat, messaging.lanes[chat.name])
        await pump("telegram.in", lambda: polling.step(office, poller), WakeUp(), stop)


async def _agree(messaging: Messaging, chat: TelegramChat, *, polls: bool) -> None:
    tries = 0
    while not await _told(messaging, chat, polls=polls):
        pause = RETRY_SECONDS[min(tries, len(RETRY_SECONDS) - 1)]
        log.warning("telegram.not_agreed", again_in=pause)
        tries += 1
        await asyncio.sleep(pause)
    log.info("telegram.agreed", mode=chat.settings.mode)


async def _told(messaging: Messaging, chat: TelegramChat, *, polls: bool) -> bool:
    way = chat.use_polling() if polls else chat.use_webhook(f"{messaging.office.public_url}/hooks/telegram")
    if not await way:
        return False
    told = [await chat.set_commands(menu(messaging.office, lang), code) for lang, code in MENU_LANGUAGES]
    return all(told)
