"""Everything the sandbox knows, in memory."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from sandbox.changes import Changes
from sandbox.chat.model import Bot
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.ledger import Ledger
from sandbox.sms.model import TwilioAccount

POSTS_AT_ONCE = 64
"""How many webhooks the sandbox posts at the same time."""


@dataclass(slots=True)
class Phone:
    """How a virtual phone is labelled on the wall."""

    number: str
    label: str = ""
    lang: str = ""
    accounts: set[str] = field(default_factory=set)


class World:
    """The accounts, bots, phones, faults and the ledger of one sandbox, and the tasks that move them."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.changes = Changes()
        self.ledger = Ledger()
        self.faults = Faults()
        self.accounts: dict[str, TwilioAccount] = {}
        self.bots: dict[str, Bot] = {}
        self.phones: dict[str, Phone] = {}
        self.latency_ms = {"twilio": 0, "gateway": 0, "telegram": 0}
        self.post_slots = asyncio.Semaphore(POSTS_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """The client that posts webhooks; only while the server runs."""
        if self._session is None:
            raise RuntimeError("the sandbox is not started")
        return self._session

    def start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run `work` beside the requests until it ends or the sandbox stops."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def bot_chat_key(self, token: str, chat_id: int) -> str:
        """Return the key under which a chat's changes are told; it holds the bot's number, not its secret."""
        return f"chat:{token.partition(':')[0]}:{chat_id}"

    async def open(self) -> None:
        """Make the HTTP client."""
        connector = aiohttp.TCPConnector(limit=POSTS_AT_ONCE)
        self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    async def close(self) -> None:
        """Stop every task and the HTTP client."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def forget(self, owner: str | None) -> None:
        """Forget one account or bot with its messages and faults, or everything."""
        for bot in self.bots.values():
            if owner in (None, bot.token):
                bot.retire()
        if owner is None:
            self.accounts.clear()
            self.bots.clear()
            self.phones.clear()
            self.clock.offset *= 0
            self.latency_ms = dict.fromkeys(self.latency_ms, 0)
        else:
            self.accounts.pop(owner, None)
            self.bots.pop(owner, None)
        self.faults.clear(owner)
        self.ledger.forget(None if owner is None else [owner])
        self.changes.mark("reset")


WORLD = web.AppKey("world", World)
"""Where an application keeps its world."""
