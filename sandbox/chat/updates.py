"""Updates on their way to the bot: the queue, the long poll, the webhook."""

import asyncio
import json
from contextlib import suppress
from typing import Any

from sandbox.chat.model import Bot, Webhook
from sandbox.chat.params import Params
from sandbox.chat.refusals import TelegramRefusal, bad_request
from sandbox.faults import WEBHOOK, Call
from sandbox.posting import Posted, post
from sandbox.world import World

MAX_LIMIT = 100
MAX_POLL_SECONDS = 50
MAX_BACKOFF_SECONDS = 5.0

_WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
_OTHER_POLL = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


def kind_of(update: dict[str, Any]) -> str:
    """Return what an update is about: `message`, `callback_query` …"""
    return next(name for name in update if name != "update_id")


def enqueue(world: World, bot: Bot, content: dict[str, Any], update_id: int | None = None) -> int:
    """Queue an update unless the bot does not want its kind; return its id.

    A given `update_id` is used as it is (a repetition, a gap, a random one); the next own id follows the greatest.
    """
    number = bot.next_update_id if update_id is None else update_id
    bot.next_update_id = max(bot.next_update_id, number + 1)
    update = {"update_id": number, **content}
    if not bot.allowed_updates or kind_of(update) in bot.allowed_updates:
        bot.updates.append(update)
        bot.news.set()
    return number


def drop_pending(bot: Bot) -> None:
    """Forget what was not delivered yet."""
    bot.updates.clear()


def _confirm(bot: Bot, offset: int) -> None:
    if offset < 0:
        while len(bot.updates) > -offset:
            bot.updates.popleft()
    elif offset:
        kept = [u for u in bot.updates if u["update_id"] >= offset]
        bot.updates.clear()
        bot.updates.extend(kept)


async def get_updates(world: World, bot: Bot, params: Params) -> list[dict[str, Any]]:
    """Answer `getUpdates`: confirm up to `offset`, then return what waits, waiting up to `timeout` seconds for it."""
    if bot.webhook is not None:
        raise TelegramRefusal(409, _WEBHOOK_ACTIVE)
    if bot.poll is not None and not bot.poll.done():
        bot.poll.set_result("replaced")
    _set_allowed(bot, params)
    _confirm(bot, params.number("offset", 0))
    limit = min(max(params.number("limit", MAX_LIMIT), 1), MAX_LIMIT)
    wait = min(max(params.number("timeout", 0), 0), MAX_POLL_SECONDS)
    if not bot.updates and wait:
        await _wait_for_news(bot, wait)
    return list(bot.updates)[:limit]


def _set_allowed(bot: Bot, params: Params) -> None:
    if not params.has("allowed_updates"):
        return
    allowed = params.data("allowed_updates", "can't parse allowed updates JSON object")
    bot.allowed_updates = [str(name) for name in allowed or ()]


async def _wait_for_news(bot: Bot, seconds: int) -> None:
    """Wait for an update; raises 409 when another poll or a webhook takes over."""
    bot.poll = asyncio.get_running_loop().create_future()
    ended = bot.poll
    bot.news.clear()
    news = asyncio.ensure_future(bot.news.wait())
    waiting: list[asyncio.Future[Any]] = [news, ended]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        news.cancel()
        if bot.poll is ended:
            bot.poll = None
    if ended.done():
        raise TelegramRefusal(409, _WEBHOOK_ACTIVE if ended.result() == "webhook" else _OTHER_POLL)


_SECRET_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


async def set_webhook(world: World, bot: Bot, params: Params) -> bool:
    """Answer `setWebhook`; an empty URL takes it away. Plain http is taken, which Telegram would refuse."""
    url = params.text("url")
    if not url:
        return await delete_webhook(world, bot, params)
    if not url.startswith(("http://", "https://")):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    secret = params.text("secret_token")
    if len(secret) > 256 or not _SECRET_LETTERS.issuperset(secret):
        raise bad_request("secret token contains unallowed characters")
    _set_allowed(bot, params)
    await _take_webhook_away(bot, params)
    bot.webhook = Webhook(url, secret, params.number("max_connections", 40))
    if bot.poll is not None and not bot.poll.done():
        bot.poll.set_result("webhook")
    bot.pump = world.start(_pump(world, bot, bot.webhook), f"webhook of bot {bot.bot_id}")
    return True


async def delete_webhook(world: World, bot: Bot, params: Params) -> bool:
    """Answer `deleteWebhook`."""
    await _take_webhook_away(bot, params)
    return True


async def _take_webhook_away(bot: Bot, params: Params) -> None:
    if bot.pump is not None:
        bot.pump.cancel()
        with suppress(asyncio.CancelledError):
            await bot.pump
    bot.pump = None
    bot.webhook = None
    if params.flag("drop_pending_updates"):
        drop_pending(bot)


def webhook_info(bot: Bot) -> dict[str, Any]:
    """Answer `getWebhookInfo`."""
    hook = bot.webhook
    info: dict[str, Any] = {
        "url": hook.url if hook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(bot.updates),
    }
    if hook is not None:
        info |= {"max_connections": hook.max_connections, "ip_address": "127.0.0.1"}
        if hook.last_error is not None:
            info |= {
                "last_error_date": int(hook.last_error.timestamp()),
                "last_error_message": hook.last_error_message,
            }
    if bot.allowed_updates:
        info["allowed_updates"] = bot.allowed_updates
    return info


async def _pump(world: World, bot: Bot, hook: Webhook) -> None:
    """Deliver updates one after another; a refused one is repeated, with growing pauses, before the next."""
    failures = 0
    while True:
        while not bot.updates:
            bot.news.clear()
            await bot.news.wait()
        update = bot.updates[0]
        posted = await _deliver(world, bot, hook, update)
        if posted.ok or posted.problem == "outside":
            failures = 0
            if bot.updates and bot.updates[0] is update:
                bot.updates.popleft()
            continue
        hook.last_error = world.clock.now()
        hook.last_error_message = _describe(posted)
        await asyncio.sleep(min(bot.retry_ms * 2**failures / 1000, MAX_BACKOFF_SECONDS))
        failures = min(failures + 1, 20)


async def _deliver(world: World, bot: Bot, hook: Webhook, update: dict[str, Any]) -> Posted:
    headers = {"Content-Type": "application/json"}
    if hook.secret_token:
        headers["X-Telegram-Bot-Api-Secret-Token"] = hook.secret_token
    if world.faults.strike(Call("telegram", bot.token, WEBHOOK)):
        posted = Posted(None, "connect")
    else:
        posted = await post(world, hook.url, headers=headers, body=json.dumps(update).encode())
    outcome = posted.status if posted.status is not None else posted.problem
    bot.webhook_log.append(
        {
            "at": world.clock.now().isoformat(timespec="milliseconds"),
            "update_id": update["update_id"],
            "kind": kind_of(update),
            "outcome": outcome,
        }
    )
    return posted


def _describe(posted: Posted) -> str:
    if posted.status is not None:
        return f"Wrong response from the webhook: {posted.status} {posted.text}".rstrip()
    return "Read timeout expired" if posted.problem == "timeout" else "Connection refused"
