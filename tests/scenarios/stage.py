"""The whole product in one process against the sandbox: real clients, served webhooks and console, a clock by hand."""

import asyncio
import dataclasses
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from structlog.testing import capture_logs

from bot import step as bot_step
from bot.parts import Bot
from campaigns import running
from console.app import install
from core.clock import HandClock
from core.office import Office
from messaging import http_call, outbox, webhooks
from messaging.setup import Messaging, open_messaging
from messaging.telegram import TelegramSettings
from messaging.twilio_sms import TwilioSettings
from models.outgoing import Message
from oversight import patterns, returns
from oversight.rule import Rules
from oversight.rule_file import load_rules
from records import reading_out
from records.groups import ensure_groups
from records.kind import Kinds
from service import housekeeping
from tests.messaging.sandbox_client import SandboxClient

SECRET = "a-telegram-secret"
RATE = 100_000.0
OVER = {"delivered", "undelivered", "failed"}
SECONDS = 90.0
LOOK_SECONDS = 0.03


@dataclasses.dataclass
class Stage:
    """What a scenario is played on. `mute` holds the phones whose receipts the provider loses."""

    office: Office
    clock: HandClock
    kinds: Kinds
    bot: Bot
    messaging: Messaging
    sandbox: SandboxClient
    url: str
    logs: list[Any]
    folder: Path
    mute: set[str] = dataclasses.field(default_factory=set)

    @cached_property
    def rules(self) -> Rules:
        """The risk rules of the product."""
        return load_rules(self.kinds, self.office.limits)

    async def move_to(self, moment: datetime) -> None:
        """Go forward to a moment and let everything happen that is due by then."""
        if moment > self.clock.now():
            self.clock.move_to(moment)
            await housekeeping.step(self.office, self.bot, self.folder)
            await self.settle()

    async def settle(self) -> None:
        """Step every pump until nothing is left to do and the provider has reported what it will report."""
        async with asyncio.timeout(SECONDS):
            while True:
                if await self._step():
                    continue
                if not await self._a_receipt_is_due():
                    return
                await asyncio.sleep(LOOK_SECONDS)

    async def _step(self) -> int:
        moved = await bot_step.step(self.office, self.bot) + await running.step(self.office)
        moved += await patterns.step(self.office, self.kinds, self.rules)
        moved += await reading_out.step(self.office, self.kinds)
        moved += await returns.step(self.office, self.kinds)
        for sender in self.messaging.senders:
            moved += await outbox.step(self.office, sender)
        return moved

    async def _a_receipt_is_due(self) -> bool:
        """Whether the provider has still something to report, or something that it reported is still on its way."""
        rows = (await self.sandbox.call("GET", f"ledger?account={self.sandbox.account}&fields=id,status,to"))["rows"]
        if any(status not in OVER for _, status, _ in rows):
            return True
        waiting = Message.filter(channel="sms", state__in=["accepted", "sent"])
        heard = {id_ for id_, _, to in rows if to not in self.mute}
        return not heard.isdisjoint(await waiting.values_list("provider_id", flat=True))

    async def update_was_taken(self, update_id: int) -> None:
        """Wait until Telegram's update was posted and taken."""
        async with asyncio.timeout(SECONDS):
            while True:
                bot = await self.sandbox.call("GET", f"telegram/bots/{self.sandbox.bot}")
                if any(each["update_id"] == update_id and each["outcome"] == 200 for each in bot["webhooks"]):
                    return
                await asyncio.sleep(0.005)


def _client(sandbox_url: str, session: aiohttp.ClientSession) -> SandboxClient:
    unique = uuid.uuid4().hex
    return SandboxClient(sandbox_url, session, f"AC{unique}", uuid.uuid4().hex, f"{int(unique[:12], 16)}:{unique}")


async def _messaging(office: Office, session: aiohttp.ClientSession, sandbox: SandboxClient) -> Messaging:
    return await open_messaging(
        office,
        session,
        twilio=TwilioSettings(sandbox.account, sandbox.token, sandbox.sender, api_url=sandbox.url, rate=RATE),
        telegram=TelegramSettings(sandbox.bot, sandbox.url, SECRET, rate=RATE),
        owner="test",
        alone=True,
    )


@asynccontextmanager
async def _served(stage: Stage, sock: socket.socket) -> AsyncIterator[None]:
    app = web.Application(client_max_size=4 * 1024 * 1024)
    app.add_routes(webhooks.routes(stage.messaging))
    install(app, stage.office, stage.kinds)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.SockSite(runner, sock).start()
    try:
        yield
    finally:
        await runner.cleanup()


@asynccontextmanager
async def staged(
    office: Office, clock: HandClock, kinds: Kinds, sandbox_url: str, folder: Path
) -> AsyncIterator[Stage]:
    """Build what service/runtime.py builds, on an open database; its pumps are stepped by hand."""
    async with AsyncExitStack() as stack:
        sock = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        url = f"http://127.0.0.1:{sock.getsockname()[1]}"
        office = dataclasses.replace(office, public_url=url)
        await ensure_groups(office, kinds)
        logs = stack.enter_context(capture_logs())
        session = await stack.enter_async_context(http_call.open_session())
        sandbox = _client(sandbox_url, session)
        messaging = await _messaging(office, session, sandbox)
        stack.push_async_callback(messaging.close)
        stage = Stage(office, clock, kinds, Bot.make(office, kinds), messaging, sandbox, url, logs, folder)
        await stack.enter_async_context(_served(stage, sock))
        await sandbox.set_up(f"{url}/hooks/twilio/message")
        assert messaging.telegram is not None
        assert await messaging.telegram.use_webhook(f"{url}/hooks/telegram")
        yield stage
