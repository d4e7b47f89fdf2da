"""Health: alive while the loop answers, ready while the database does. No secret, no count."""

import asyncio

import structlog
from aiohttp import web

from models.org import ServiceStamp

READY_SECONDS = 2.0
log = structlog.get_logger()


def routes() -> list[web.RouteDef]:
    """Return the routes of health."""
    return [web.get("/health/live", _live), web.get("/health/ready", _ready)]


async def _live(_request: web.Request) -> web.Response:
    return web.json_response({"live": True})


async def _ready(_request: web.Request) -> web.Response:
    try:
        async with asyncio.timeout(READY_SECONDS):
            await ServiceStamp.exists(name="key_check")
    except Exception:
        log.warning("health.not_ready", exc_info=True)
        return web.json_response({"ready": False, "why": "the database does not answer"}, status=503)
    return web.json_response({"ready": True})
