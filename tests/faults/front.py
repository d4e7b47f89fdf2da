"""What stands before several programs: each request goes to the next one that takes it, as a load balancer does."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from tests.faults.program import free_port

PATIENCE_SECONDS = 3.0
REST_SECONDS = 2.0
"""How long one that did not answer is asked last."""


class Front:
    """Passes requests on; the order of asking turns, and begins with those that answered lately."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.behind: Sequence[str] = ()
        self._turn = 0
        self._silent: dict[str, float] = {}

    def _order(self) -> list[str]:
        self._turn += 1
        start = self._turn % len(self.behind)
        turned = [*self.behind[start:], *self.behind[:start]]
        return sorted(turned, key=lambda url: self._silent.get(url, 0.0) > time.monotonic() - REST_SECONDS)

    async def pass_on(self, request: web.Request) -> web.Response:
        """Answer as the first program that answers; 502 where none does."""
        body = await request.read()
        headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
        for url in self._order():
            limit = aiohttp.ClientTimeout(total=PATIENCE_SECONDS)
            try:
                async with self._client.post(
                    url + request.raw_path, data=body, headers=headers, timeout=limit
                ) as answer:
                    return web.Response(status=answer.status, body=await answer.read())
            except (aiohttp.ClientError, TimeoutError, OSError):
                self._silent[url] = time.monotonic()
        return web.Response(status=502)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Pass on while the block runs."""
        app = web.Application()
        app.router.add_post("/{path:.*}", self.pass_on)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        connector = aiohttp.TCPConnector(force_close=True)
        async with aiohttp.ClientSession(connector=connector) as self._client:
            await web.TCPSite(runner, "127.0.0.1", self.port).start()
            try:
                yield
            finally:
                await asyncio.wait_for(runner.cleanup(), 30)
