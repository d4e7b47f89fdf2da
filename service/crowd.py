"""Everybody who is connected to the port: who only waits is let go in time, and at once where too many do.

A connection waits while its request is not complete: nothing said yet, a header or a body that comes drop by drop, or
nothing more to say. Whoever asks properly is answered, however many others wait.
"""

import asyncio
import resource
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware

IDLE_SECONDS: Final = 75.0
"""How long a connection may take over a request's header, or rest between two; longer than proxies keep theirs."""

BODY_SECONDS: Final = 60.0
MOST_WAITING: Final = 1000
LOOK_SECONDS: Final = 1.0
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = structlog.get_logger()


def may_open_many() -> int:
    """Raise this process's limit of open files as far as it may; return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard if hard != resource.RLIM_INFINITY else MOST_WAITING * 2


def _now() -> float:
    return asyncio.get_running_loop().time()


class Crowd:
    """The connections of one server. `watch` is a middleware; `kept` looks after them while its block runs."""

    def __init__(self) -> None:
        self._asked: dict[asyncio.BaseTransport, tuple[web.BaseRequest, float]] = {}

    def watch(self) -> Middleware:
        """Return the middleware that notes which connections have a request under way."""

        @web.middleware
        async def noted(request: web.Request, handler: Handler) -> web.StreamResponse:
            transport = request.transport
            if transport is None:
                return await handler(request)
            self._asked[transport] = (request, _now())
            try:
                return await handler(request)
            finally:
                self._asked.pop(transport, None)

        return noted

    @asynccontextmanager
    async def kept(self, server: web.Server) -> AsyncIterator[None]:
        """Look at the connections every second, and let go who has to."""
        most = min(MOST_WAITING, may_open_many() // 2)
        looking = asyncio.create_task(self._look_often(server, most), name="crowd")
        try:
            yield
        finally:
            looking.cancel()
            await asyncio.wait([looking])

    async def _look_often(self, server: web.Server, most: int) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            gone = self.let_go(server, most)
            if gone:
                log.warning("crowd.let_go", many=gone)

    def let_go(self, server: web.Server, most: int) -> int:
        """Close the connections that wait, the oldest first, down to `most`, and slow bodies; return how many."""
        waiting = [each for each in server.connections if not self._is_whole(each.transport)]
        late = [each for each in waiting if self._is_late(each.transport)]
        gone = dict.fromkeys([*late, *waiting[: max(0, len(waiting) - most)]])
        for each in gone:
            each.force_close()
        return len(gone)

    def _is_whole(self, transport: asyncio.BaseTransport | None) -> bool:
        """Say whether the connection has a request under way whose body is all there."""
        asked = self._asked.get(transport) if transport is not None else None
        return asked is not None and asked[0].content.is_eof()

    def _is_late(self, transport: asyncio.BaseTransport | None) -> bool:
        asked = self._asked.get(transport) if transport is not None else None
        return asked is not None and _now() - asked[1] > BODY_SECONDS
