"""The stage of these tests: the real clients, our webhooks on a real port, the sandbox as the provider."""

import dataclasses
import logging
import socket
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
import structlog
from aiohttp import web

from core.logs import VENDOR_LOGGERS
from core.office import Office
from messaging import addresses, http_call, outbox, webhooks
from messaging.gateway import GatewaySettings
from messaging.outbox import NewMessage, Sender
from messaging.setup import Messaging, open_messaging
from messaging.telegram import TelegramSettings
from messaging.twilio_sms import TwilioSettings
from tests.messaging import sandbox_client
from tests.messaging.sandbox_client import SandboxClient

SECRET = "a-telegram-secret"


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    process, url = sandbox_client.start()
    yield url
    process.terminate()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with http_call.open_session() as opened:
        yield opened


@pytest.fixture
def sandbox(sandbox_url: str, session: aiohttp.ClientSession) -> SandboxClient:
    unique = uuid.uuid4().hex
    return SandboxClient(sandbox_url, session, f"AC{unique}", uuid.uuid4().hex, f"{int(unique[:12], 16)}:{unique}")


@dataclass
class Stage:
    """Everything that a test of the real channels needs."""

    office: Office
    messaging: Messaging
    sandbox: SandboxClient
    url: str

    def sender(self, channel: str) -> Sender:
        return next(each for each in self.messaging.senders if each.lane.channel == channel)

    async def address(self, channel: str, identity: str) -> int:
        return await addresses.find_or_create_id(self.office, channel, identity)

    async def say(self, identity: str, text: str, *, key: str = "", channel: str = "sms", **more: Any) -> int:
        """Enqueue a service message (unless `category` says otherwise); return its address."""
        address_id = await self.address(channel, identity)
        values = {"category": "service", "lang": "zh-Hans"} | more
        message = NewMessage(key or uuid.uuid4().hex, channel, address_id, text=text, **values)
        assert await outbox.enqueue(self.office, message)
        return address_id

    async def send(self, channel: str = "sms") -> int:
        """Step until the queue gives nothing more; return how many left it."""
        total = 0
        while many := await outbox.step(self.office, self.sender(channel)):
            total += many
        return total


@asynccontextmanager
async def staged(
    office: Office,
    sandbox: SandboxClient,
    session: aiohttp.ClientSession,
    twilio: TwilioSettings | None,
    gateway: GatewaySettings | None = None,
) -> AsyncIterator[Stage]:
    """Serve the webhooks of these channels while the block runs."""
    sock = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    office = dataclasses.replace(office, public_url=url)
    telegram = TelegramSettings(sandbox.bot, sandbox.url, SECRET, rate=1000, time_limit=1.0)
    messaging = await open_messaging(
        office, session, twilio=twilio, telegram=telegram, gateway=gateway, owner="test", alone=False
    )
    app = web.Application()
    app.add_routes(webhooks.routes(messaging))
    runner = web.AppRunner(app)
    await runner.setup()
    await web.SockSite(runner, sock).start()
    yield Stage(office, messaging, sandbox, url)
    await messaging.close()
    await runner.cleanup()


@pytest.fixture
async def stage(
    db: str, office: Office, sandbox: SandboxClient, session: aiohttp.ClientSession
) -> AsyncIterator[Stage]:
    """Both channels against the sandbox, webhooks served, on both databases."""
    twilio = TwilioSettings(
        sandbox.account, sandbox.token, sandbox.sender, api_url=sandbox.url, rate=1000, time_limit=1.0
    )
    async with staged(office, sandbox, session, twilio) as stage:
        await sandbox.set_up(f"{stage.url}/hooks/twilio/message")
        yield stage


@dataclass
class Lines:
    """Everything that was logged."""

    ours: list[Any]
    vendors: pytest.LogCaptureFixture

    def __str__(self) -> str:
        return repr(self.ours) + "".join(record.getMessage() for record in self.vendors.records)

    def assert_without(self, *secrets: str) -> None:
        for secret in secrets:
            assert secret not in str(self)


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[Lines]:
    """What is logged at any level, with the vendors' loggers held as the service holds them."""
    caplog.set_level(logging.DEBUG)
    for name in VENDOR_LOGGERS:
        caplog.set_level(logging.WARNING, logger=name)
    with structlog.testing.capture_logs() as ours:
        yield Lines(ours, caplog)
