"""Puts the pages into an aiohttp application, beside whatever else it serves."""

from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from aiohttp import web

from console import security
from console.answers import fault_page
from console.guard import guarded
from console.rendering import STATIC, set_up_templates
from console.routes import PAGES
from console.visit import CONSOLE, Console, begin
from console.words import words
from core.errors import LianxinError
from core.festivals import Festivals
from core.office import Office
from oversight.reports import load_reports
from records.kind import Kinds

OTHERS: Final = ("/hooks/", "/health/", "/metrics", "/api/")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = structlog.get_logger()


def install(app: web.Application, office: Office, kinds: Kinds, *, frame_ancestor: str | None = None) -> None:
    """Add every page at `/`. Paths of OTHERS (webhooks, health, metrics) are left alone.

    `frame_ancestor` is the origin of the page that may show the console in a frame; None forbids every frame.
    """
    app[CONSOLE] = Console(office, kinds, load_reports(kinds), words(), Festivals.load(office.calendar), frame_ancestor)
    set_up_templates(app)
    app.middlewares.append(_faults)
    app.on_response_prepare.append(_headers)
    app.router.add_static(security.ASSETS, STATIC)
    for page in PAGES:
        app.router.add_route(page.method, page.path, guarded(page))


def _is_ours(request: web.Request) -> bool:
    return not request.path.startswith(OTHERS)


async def _headers(request: web.Request, response: web.StreamResponse) -> None:
    if _is_ours(request):
        policy = security.content_policy(request.app[CONSOLE].frame_ancestor)
        security.add_headers(response, request.path, policy)


@web.middleware
async def _faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    if not _is_ours(request):
        return await handler(request)
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return fault_page(await begin(request), error.status)
    except Exception as error:
        kind = type(error).__name__
        log.error("page failed", route=_route_of(request), error=kind, ours=isinstance(error, LianxinError))
        return fault_page(await begin(request), 500)


def _route_of(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else ""
