"""How a page answers: shown, gone on from, refused. No answer holds personal data in its address."""

import structlog
from aiohttp import web

from console import security
from console.rendering import render
from console.visit import Visit
from core.errors import Refused

log = structlog.get_logger()
_FAULTS = {400, 403, 404, 409, 413, 500}


def go_on(visit: Visit, location: str, done: str = "") -> web.Response:
    """Answer a form that was carried out: the browser loads the next page, which shows the notice `done.<done>`."""
    response = web.Response(status=303, headers={"Location": location})
    if done:
        security.set_cookie(response, visit.office, security.NOTICE_COOKIE, f"done.{done}", max_age=60)
    return response


def fault_page(visit: Visit, status: int, text: str = "") -> web.Response:
    """Return the page of an error: what happened, what to do next, nothing about anybody."""
    known = status if status in _FAULTS else 404 if status == 405 else 500 if status > 500 else 400
    return render(visit, "fault.html", {"status": status, "key": f"fault.{known}", "text": text}, status=status)


def refused_page(visit: Visit, refused: Refused) -> web.Response:
    """Return the page that says in a sentence why something was not done."""
    return fault_page(visit, 403, visit.refusal(refused))


def safe_next(given: str) -> str:
    """Return a path of ours to go on to; anything that could lead elsewhere becomes the start page."""
    inside = given.startswith("/") and not given.startswith(("//", "/\\")) and given.isprintable()
    return given if inside and "\\" not in given else "/"
