"""What stands before every page: the origin of a form, its token, the sign-in, the right. Denied unless allowed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

import structlog
from aiohttp import web

from console import security
from console.answers import fault_page, refused_page
from console.posting import read_posted
from console.visit import Visit, begin
from core.errors import NotAllowed, NotThere, Refused

ANYBODY: Final = ""
Handler = Callable[[Visit], Awaitable[web.StreamResponse]]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its address, who may ask for it (an act of people/data/roles.yaml, or ANYBODY), and what answers."""

    method: str
    path: str
    act: str
    handler: Handler


def guarded(page: Page) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return the page as aiohttp serves it, behind every check."""

    async def answer(request: web.Request) -> web.StreamResponse:
        visit = await begin(request)
        if request.method == "POST":
            if not security.is_own_origin(request, visit.office.public_url):
                return _refuse_form(visit, "origin")
            visit.posted = await read_posted(request, signed_in=visit.visitor is not None)
            if not _carries_token(visit):
                return _refuse_form(visit, "token")
        if page.act != ANYBODY and visit.visitor is None:
            return _to_sign_in(request)
        if page.act != ANYBODY and not visit.may(page.act):
            return fault_page(visit, 403)
        return await _answered(page, visit)

    return answer


async def _answered(page: Page, visit: Visit) -> web.StreamResponse:
    try:
        return await page.handler(visit)
    except NotThere:
        return fault_page(visit, 404)
    except NotAllowed as refused:
        return refused_page(visit, refused)
    except Refused as refused:
        return fault_page(visit, 409, visit.refusal(refused))


def _carries_token(visit: Visit) -> bool:
    given = visit.posted.get(security.FORM_FIELD, [""])[0]
    if not isinstance(given, str):
        return False
    if visit.visitor is None and security.FORM_COOKIE not in visit.request.cookies:
        return False
    return security.is_same(given, visit.form_token)


def _refuse_form(visit: Visit, why: str) -> web.Response:
    log.info("form refused", why=why)
    return fault_page(visit, 403, visit.t("fault.form"))


def _to_sign_in(request: web.Request) -> web.Response:
    here = request.rel_url.path_qs if request.method == "GET" else "/"
    location = "/sign-in" if here == "/" else f"/sign-in?next={quote(here, safe='/')}"
    return web.Response(status=303, headers={"Location": location})
