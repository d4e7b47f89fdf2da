"""`/bot{token}/{method}`: what python-telegram-bot talks to."""

import hmac
import re

from aiohttp import web

from sandbox.bad_days import answer_through
from sandbox.chat.methods import METHODS
from sandbox.chat.model import Bot, new_bot
from sandbox.chat.params import read_params
from sandbox.chat.refusals import TelegramDialect, TelegramRefusal
from sandbox.faults import Call
from sandbox.world import WORLD, World

_TOKEN = re.compile(r"\d{1,19}:[A-Za-z0-9_-]{3,}")
_DIALECT = TelegramDialect()
_NAMES = {name.lower(): name for name in METHODS}


def find_bot(world: World, token: str) -> Bot:
    """Return the bot of a token, made at its first use.

    Raises TelegramRefusal 404 for what is no token and 401 for a known bot's number with another secret.
    """
    known = world.bots.get(token)
    if known is not None:
        return known
    if not _TOKEN.fullmatch(token):
        raise TelegramRefusal(404, "Not Found")
    number = token.partition(":")[0]
    for other in world.bots:
        if hmac.compare_digest(other.partition(":")[0], number):
            raise TelegramRefusal(401, "Unauthorized")
    bot = world.bots[token] = new_bot(token)
    return bot


async def call(request: web.Request) -> web.StreamResponse:
    """Answer one Bot API call."""
    try:
        return await _call(request)
    except TelegramRefusal as refusal:
        return refusal.response()


async def _call(request: web.Request) -> web.StreamResponse:
    world = request.app[WORLD]
    bot = find_bot(world, request.match_info["token"])
    name = _NAMES.get(request.match_info["method"].lower())
    if name is None:
        raise TelegramRefusal(404, "Not Found")
    params = await read_params(request)
    struck = world.faults.strike(Call("telegram", bot.token, name, params.text("chat_id")))

    async def work() -> web.StreamResponse:
        try:
            return web.json_response({"ok": True, "result": await METHODS[name](world, bot, params)})
        except TelegramRefusal as refusal:
            return refusal.response()

    return await answer_through(request, struck, world.latency_ms["telegram"], _DIALECT, work)


async def download(request: web.Request) -> web.StreamResponse:
    """Answer the download of a file under the path that `getFile` named; faults know it as the method `file`."""
    world = request.app[WORLD]
    try:
        bot = find_bot(world, request.match_info["token"])
    except TelegramRefusal as refusal:
        return refusal.response()
    struck = world.faults.strike(Call("telegram", bot.token, "file"))

    async def work() -> web.StreamResponse:
        path = request.match_info["path"]
        file = next((each for each in bot.files.values() if each.path == path), None)
        if file is None:
            return TelegramRefusal(404, "Not Found").response()
        return web.Response(body=file.data, content_type="application/octet-stream")

    return await answer_through(request, struck, world.latency_ms["telegram"], _DIALECT, work)


def routes() -> list[web.RouteDef]:
    """Return the routes of Telegram's side."""
    return [
        web.get(r"/file/bot{token:[^/]+}/{path:.+}", download),
        web.get(r"/bot{token:[^/]+}/{method}", call),
        web.post(r"/bot{token:[^/]+}/{method}", call),
    ]
