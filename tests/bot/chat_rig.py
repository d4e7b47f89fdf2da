"""The bot as it runs: a person's chat in the sandbox, updates, files and answers over HTTP."""

import base64
import itertools
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from bot import fetching
from messaging import http_call, outbox, polling
from messaging.polling import Poller
from messaging.setup import Messaging, open_messaging
from messaging.telegram import TelegramSettings
from tests.bot.conftest import Cast, World
from tests.messaging.sandbox_client import SandboxClient

_PEOPLE = itertools.count(700_000_001)


@dataclass
class Chat:
    """A person's chat with the bot, whose answers are read in the sandbox."""

    world: World
    sandbox: SandboxClient
    messaging: Messaging
    poller: Poller
    number: int
    seen: set[int] = field(default_factory=set)

    async def writes(self, text: str, **more: Any) -> list[dict[str, Any]]:
        """Write, let everything happen, return what the bot said."""
        await self.leaves(text=text, **more)
        return await self.settles()

    async def sends(self, sort: str, data: bytes, **more: Any) -> list[dict[str, Any]]:
        """Send a file, let everything happen, return what the bot said."""
        await self.leaves_file(sort, data, **more)
        return await self.settles()

    async def leaves_file(self, sort: str, data: bytes, *, size: int | None = None, **more: Any) -> None:
        """Send a file that nobody answers yet."""
        file = {"sort": sort, "data": base64.b64encode(data).decode(), "name": "IMG_0001.JPG.exe", "mime": "x/y"}
        more.setdefault("lasting", "")
        file["lasting"] = more.pop("lasting")
        await self.leaves(file=file | ({} if size is None else {"size": size}), **more)

    async def leaves(self, *, forwarded: datetime | None = None, **body: Any) -> None:
        """Send something that nobody answers yet; `forwarded` is when somebody else wrote it."""
        if forwarded is not None:
            body["forward"] = {"name": "周某", "date": int(forwarded.astimezone(UTC).timestamp())}
        await self.sandbox.call("POST", f"chats/{self.number}/send", bot=self.sandbox.bot, **body)

    async def presses(self, label: str) -> list[dict[str, Any]]:
        """Press a button of the newest message that has it."""
        await self.sandbox.call("POST", f"chats/{self.number}/press", bot=self.sandbox.bot, label=label)
        return await self.settles()

    async def settles(self, *, fetches: bool = True) -> list[dict[str, Any]]:
        """Take updates in, answer them, fetch files, send; return what the bot said."""
        while await polling.take(self.world.office, self.poller, wait=0):
            pass
        await self.world.settle()
        while fetches and await self.fetches():
            pass
        for sender in self.messaging.senders:
            while await outbox.step(self.world.office, sender):
                pass
        return await self.reads()

    async def fetches(self) -> int:
        """Fetch one file that waits."""

        def channel_of(lane_id: int) -> object:
            lane = self.messaging.open.get(lane_id)
            return lane.channel if lane else None

        return await fetching.step(self.world.office, channel_of)

    async def reads(self) -> list[dict[str, Any]]:
        """Return what the bot said since this was last called."""
        new = [one for one in await self.shown() if one["direction"] == "in" and one["message_id"] not in self.seen]
        self.seen |= {one["message_id"] for one in new}
        return new

    async def shown(self) -> list[dict[str, Any]]:
        """Return every message that is on the person's screen."""
        messages: list[dict[str, Any]] = (
            await self.sandbox.call("GET", f"chats/{self.number}?bot={self.sandbox.bot}")
        )["messages"]
        return messages


def labels(said: Sequence[dict[str, Any]]) -> list[str]:
    """The buttons under what was said last."""
    rows = (said[-1]["reply_markup"] or {}).get("inline_keyboard", []) if said else []
    return [button["text"] for row in rows for button in row]


@asynccontextmanager
async def chat_of(world: World, sandbox: SandboxClient, person: Any = None) -> AsyncIterator[Chat]:
    """A chat over the sandbox; with a person it is his, bound."""
    number = next(_PEOPLE)
    await sandbox.call("PUT", f"telegram/bots/{sandbox.bot}", retry_ms=10)
    await sandbox.call("PUT", f"chats/{number}", bot=sandbox.bot, name="x", lang="zh-hans")
    await world.phone("telegram", str(number), person)
    async with http_call.open_session() as session:
        settings = TelegramSettings(sandbox.bot, sandbox.url, mode="polling", rate=1000, time_limit=2.0)
        messaging = await open_messaging(world.office, session, twilio=None, telegram=settings, owner="rig", alone=True)
        assert messaging.telegram is not None
        lane = messaging.lanes["telegram"]
        try:
            yield Chat(world, sandbox, messaging, Poller(messaging.telegram, lane), number)
        finally:
            await messaging.close()


@pytest.fixture
async def sandbox(sandbox_url: str) -> AsyncIterator[SandboxClient]:
    """An account and a bot of one's own in the sandbox."""
    unique = uuid.uuid4().hex
    async with aiohttp.ClientSession() as session:
        yield SandboxClient(sandbox_url, session, f"AC{unique}", unique, f"{int(unique[:12], 16)}:{unique}")


@pytest.fixture
async def lin(cast: Cast, sandbox: SandboxClient) -> AsyncIterator[Chat]:
    """The chat of the officer Lin."""
    async with chat_of(cast.world, sandbox, cast.lin) as chat:
        yield chat
