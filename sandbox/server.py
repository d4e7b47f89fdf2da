"""The process: one address on this machine, one line on standard output, a clean end."""

import argparse
import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from aiohttp import web

from sandbox.chat.api import routes as chat_api
from sandbox.control.body import Unusable
from sandbox.control.chat_routes import routes as chat_control
from sandbox.control.fault_routes import routes as fault_control
from sandbox.control.gateway_routes import routes as gateway_control
from sandbox.control.ledger_routes import routes as ledger_control
from sandbox.control.sms_routes import routes as sms_control
from sandbox.gateway.api import routes as gateway_api
from sandbox.posting import is_loopback
from sandbox.sms.api import routes as sms_api
from sandbox.wall.routes import routes as wall_pages
from sandbox.world import WORLD, World

MOST_BODY = 40 * 1024 * 1024
"""Of what a script sends: a file of 20 MB and more, in base64."""
DEFAULT_LISTEN = "127.0.0.1:8081"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def read_listen(text: str) -> tuple[str, int]:
    """Return host and port of `host:port`; raises ValueError unless the host is this machine's loopback."""
    parts = urlsplit(f"//{text}")
    host, port = parts.hostname or "", parts.port
    if port is None:
        raise ValueError(f"{text}: write it as 127.0.0.1:8081")
    if not is_loopback(host):
        raise ValueError(f"{host} is not a loopback address: the sandbox has no passwords and stays on this machine")
    return host, port


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse pages of other sites, and word what a script did wrong."""
    host = urlsplit(f"//{request.host}").hostname or ""
    origin = request.headers.get("Origin")
    if not is_loopback(host) or (origin and not is_loopback(urlsplit(origin).hostname or "")):
        return web.json_response({"error": "only for this machine"}, status=403)
    try:
        return await handler(request)
    except Unusable as problem:
        return problem.response()
    except UnicodeDecodeError:
        return Unusable("the body is not UTF-8").response()


async def _live(app: web.Application) -> AsyncIterator[None]:
    await app[WORLD].open()
    yield
    await app[WORLD].close()


def make_app() -> web.Application:
    """Return a sandbox with an empty world."""
    app = web.Application(middlewares=[_guard], client_max_size=MOST_BODY)
    app[WORLD] = World()
    app.cleanup_ctx.append(_live)
    apis = (sms_api, gateway_api, chat_api)
    control = (sms_control, gateway_control, chat_control, fault_control, ledger_control)
    for routes in (*apis, *control, wall_pages):
        app.add_routes(routes())
    return app


@contextlib.asynccontextmanager
async def serving(host: str, port: int) -> AsyncIterator[str]:
    """Serve while the block runs; yields the URL. Port 0 takes a free one. Raises OSError when it cannot listen."""
    runner = web.AppRunner(make_app(), access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, backlog=1024).start()
        bound = runner.addresses[0][1]
        yield f"http://[{host}]:{bound}" if ":" in host else f"http://{host}:{bound}"
    finally:
        await runner.cleanup()


async def _serve_until_told(host: str, port: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    async with serving(host, port) as url:
        print(json.dumps({"url": url}), flush=True)
        await stop.wait()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the sandbox until SIGTERM or SIGINT; prints one JSON line with its `url` when it is ready.

    Exits 2 with one line on standard error for an address that it does not listen on.
    """
    parser = argparse.ArgumentParser(
        prog="sandbox", description="Twilio and Telegram, with virtual phones, on loopback."
    )
    parser.add_argument("--listen", default=DEFAULT_LISTEN, help="host:port on this machine; port 0 takes a free one")
    try:
        host, port = read_listen(parser.parse_args(arguments).listen)
        asyncio.run(_serve_until_told(host, port))
    except (ValueError, OSError) as problem:
        print(f"sandbox: {problem}", file=sys.stderr)
        sys.exit(2)
