"""Typed reading of what scripts send, and plain refusals."""

import json
from typing import Any

from aiohttp import web

from sandbox.chat.api import find_bot
from sandbox.chat.model import Bot, Chat
from sandbox.chat.refusals import TelegramRefusal
from sandbox.sms.model import TwilioAccount
from sandbox.world import World


class Unusable(Exception):
    """The call cannot be done; the message says why."""

    def __init__(self, why: str, status: int = 400) -> None:
        super().__init__(why)
        self.status = status

    def response(self) -> web.Response:
        """Return `{"error": why}`."""
        return web.json_response({"error": str(self)}, status=self.status)


class Body:
    """A JSON object with named fields of known types; every reader raises `Unusable` for a wrong type."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def has(self, name: str) -> bool:
        """Say whether the field was sent."""
        return name in self._values

    def is_null(self, name: str) -> bool:
        """Say whether the field was sent as null."""
        return name in self._values and self._values[name] is None

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text; without default it must be there and not empty."""
        value = self._values.get(name, default)
        if not isinstance(value, str) or (default is None and not value):
            raise Unusable(f"{name}: a text is needed")
        return value

    def number(self, name: str, default: int | None = None) -> int:
        """Return a whole number."""
        value = self.maybe_number(name)
        if value is None:
            value = default
        if value is None:
            raise Unusable(f"{name}: a whole number is needed")
        return value

    def maybe_number(self, name: str) -> int | None:
        """Return a whole number, or None when absent or null."""
        value = self._values.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise Unusable(f"{name}: a whole number is needed")
        return value

    def maybe_text(self, name: str) -> str | None:
        """Return a text, or None when absent or null; a number is taken as its digits."""
        value = self._values.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if value is not None and not isinstance(value, str):
            raise Unusable(f"{name}: a text is needed")
        return value

    def real(self, name: str, default: float) -> float:
        """Return a number."""
        value = self._values.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Unusable(f"{name}: a number is needed")
        return value

    def real_or_text(self, name: str, default: float) -> float | str:
        """Return a number, or a text that may be empty."""
        value = self._values.get(name, default)
        return value if isinstance(value, str) else self.real(name, default)

    def flag(self, name: str, default: bool) -> bool:
        """Return true or false."""
        value = self._values.get(name, default)
        if not isinstance(value, bool):
            raise Unusable(f"{name}: true or false is needed")
        return value

    def texts(self, name: str) -> list[str]:
        """Return a list of texts, empty when absent."""
        value = self._values.get(name, [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise Unusable(f"{name}: a list of texts is needed")
        return value

    def part(self, name: str) -> "Body":
        """Return an object inside, empty when absent."""
        value = self._values.get(name, {})
        if not isinstance(value, dict):
            raise Unusable(f"{name}: an object is needed")
        return Body(value)

    def names(self) -> set[str]:
        """Return the names of what was sent."""
        return set(self._values)


async def read_body(request: web.Request, allowed: set[str]) -> Body:
    """Read a JSON object; raises `Unusable` for anything else and for fields that nobody would look at."""
    text = await request.text()
    try:
        values = json.loads(text) if text else {}
    except ValueError:
        raise Unusable("the body is not JSON") from None
    if not isinstance(values, dict):
        raise Unusable("the body is not a JSON object")
    unknown = sorted(set(values) - allowed)
    if unknown:
        raise Unusable(f"unknown field: {', '.join(unknown)}")
    return Body(values)


def account_named(world: World, sid: str | None) -> TwilioAccount:
    """Return the account, or the only one when none is named."""
    if not sid and len(world.accounts) == 1:
        return next(iter(world.accounts.values()))
    account = world.accounts.get(sid or "")
    if account is None:
        raise Unusable("no such account" if sid else "name the account", 404)
    return account


def bot_named(world: World, token: str | None) -> Bot:
    """Return the bot of a token, or of the number in front of its colon, or the only one when none is named."""
    if not token and len(world.bots) == 1:
        return next(iter(world.bots.values()))
    for bot in world.bots.values():
        if token in (bot.token, str(bot.bot_id)):
            return bot
    raise Unusable("no such bot" if token else "name the bot", 404)


def bot_made(world: World, token: str) -> Bot:
    """Return the bot of a token, made when it is new."""
    try:
        return find_bot(world, token)
    except TelegramRefusal as refusal:
        raise Unusable(f"token: {refusal.description}") from None


def chat_named(bot: Bot, text: str) -> Chat:
    """Return a chat that exists."""
    chat = bot.chats.get(number_in_path(text))
    if chat is None:
        raise Unusable("no such chat", 404)
    return chat


def number_in_path(text: str) -> int:
    """Return a chat id of a path."""
    try:
        return int(text)
    except ValueError:
        raise Unusable("a chat id is a whole number") from None
