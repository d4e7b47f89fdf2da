"""What a process serves over HTTP: console, webhooks, health and metrics. Only processes that serve it import it."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from console.app import install
from core.errors import InvalidSettings
from messaging import webhooks
from messaging.lanes import Lane
from messaging.setup import Messaging
from service import health, metrics
from service.crowd import IDLE_SECONDS, Crowd
from service.opening import Installation
from service.pumps import SHUTDOWN_SECONDS
from service.settings import Settings

MOST_BODY_BYTES = 4 * 1024 * 1024
Extend = Callable[[web.Application, Installation, Messaging], None]


@asynccontextmanager
async def listening(
    installation: Installation, messaging: Messaging, extend: Extend | None, frame_ancestor: str | None
) -> AsyncIterator[None]:
    """Serve until the block ends. Raises InvalidSettings where nothing can listen."""
    settings = installation.settings
    crowd = Crowd()
    app = web.Application(client_max_size=MOST_BODY_BYTES, middlewares=[crowd.watch()])

    def lanes() -> list[Lane]:
        return [sender.lane for sender in messaging.senders]

    app.add_routes(webhooks.routes(messaging))
    app.add_routes(health.routes())
    app.add_routes(metrics.routes(installation.office, lanes, settings.metrics_token.get_secret_value()))
    install(app, installation.office, installation.kinds, frame_ancestor=frame_ancestor)
    if extend is not None:
        extend(app, installation, messaging)
    runner = web.AppRunner(
        app,
        access_log=None,
        shutdown_timeout=SHUTDOWN_SECONDS,
        handle_signals=False,
        keepalive_timeout=IDLE_SECONDS,
    )
    await runner.setup()
    assert runner.server is not None
    try:
        async with crowd.kept(runner.server):
            await _listen(runner, settings)
            yield
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, settings: Settings) -> None:
    try:
        await web.TCPSite(runner, *settings.host_and_port).start()
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else type(error).__name__
        raise InvalidSettings(f"Nothing can listen on {settings.listen} ({why}). Set LIANXIN_LISTEN.") from None
