"""One sandbox process for the whole run; each test has its own account and bot in it, and a listener for webhooks."""

import asyncio
import json
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import pytest
from aiohttp import web

TOKEN = "token-of-the-account"


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    command = [sys.executable, "-m", "sandbox", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"]
        process.terminate()
        assert process.wait(10) == 0


@dataclass
class Api:
    """The sandbox's JSON API, with the test's own account and bot."""

    url: str
    session: aiohttp.ClientSession
    account: str = field(default_factory=lambda: "AC" + secrets.token_hex(16))
    bot: str = field(default_factory=lambda: f"{secrets.randbelow(10**9) + 1}:{secrets.token_hex(8)}")

    async def call(self, method: str, path: str, body: Any = None, expect: int = 200) -> Any:
        async with self.session.request(method, f"{self.url}/sandbox/api/{path}", json=body) as answer:
            assert answer.status == expect, await answer.text()
            return await answer.json() if answer.content_type == "application/json" else None

    async def fault(self, provider: str, effect: str, match: dict[str, Any] | None = None, **besides: Any) -> str:
        own = {"account": self.account} if provider == "twilio" else {"bot": self.bot}
        body = {"provider": provider, "effect": effect, "match": own | (match or {}), **besides}
        answer = await self.call("POST", "faults", body, expect=201)
        return str(answer["id"])

    async def ledger(self, *fields: str) -> list[Any]:
        query = f"&fields={','.join(fields)}" if fields else ""
        rows: list[Any] = (await self.call("GET", f"ledger?account={self.account}{query}"))["rows"]
        return rows

    async def chat_ledger(self, *fields: str) -> list[Any]:
        rows: list[Any] = (await self.call("GET", f"ledger?bot={self.bot}&fields={','.join(fields)}"))["rows"]
        return rows

    async def sms(self, phone: str, text: str, **besides: Any) -> Any:
        body = {"account": self.account, "text": text, **besides}
        return await self.call("POST", f"phones/{phone}/send", body)

    async def phone(self, phone: str) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = (await self.call("GET", f"phones/{phone}?account={self.account}"))["messages"]
        return messages


@pytest.fixture
async def api(sandbox_url: str) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession() as session:
        api = Api(sandbox_url, session)
        await api.call("PUT", f"twilio/accounts/{api.account}", {"token": TOKEN, "status_delay_ms": 1, "retry_ms": 1})
        await api.call("PUT", f"telegram/bots/{api.bot}", {"username": "lianxin_bot", "retry_ms": 1})
        yield api
        await api.call("POST", "reset", {"account": api.account}, expect=204)
        await api.call("POST", "reset", {"bot": api.bot}, expect=204)


@dataclass
class Heard:
    """One request that the listener got."""

    url: str
    headers: dict[str, str]
    body: str

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body, keep_blank_values=True))


@dataclass
class Listener:
    """An application's webhooks: keeps what it hears and answers what it is told, 200 by default."""

    url: str = ""
    heard: list[Heard] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        url = self.url + request.raw_path
        self.heard.append(Heard(url, dict(request.headers), await request.text()))
        return web.Response(status=self.answers.pop(0) if self.answers else 200)

    async def until(self, count: int) -> list[Heard]:
        await wait_until(lambda: len(self.heard) >= count)
        return self.heard


async def wait_until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    """Wait until the condition holds; the test's own time limit ends it otherwise."""
    async with asyncio.timeout(10):
        while True:
            found = condition()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.01)


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    listener = Listener()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", listener.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    listener.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield listener
    await runner.cleanup()
