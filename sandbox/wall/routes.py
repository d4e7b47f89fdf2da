"""The page, its files and what it asks for."""

import json
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import available_timezones

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, select_autoescape

from sandbox.control.body import Unusable
from sandbox.wall.cards import MOST_CARDS, Wanted, wall_of
from sandbox.wall.words import WORDS, choose_language
from sandbox.world import WORLD

_FOLDER = Path(__file__).parent
_FILES = {
    "wall.css": "text/css",
    "wall.js": "text/javascript",
    "cards.js": "text/javascript",
    "mark.svg": "image/svg+xml",
}
_POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; object-src 'none'; "
    "frame-ancestors 'self' http://127.0.0.1:* http://localhost:*"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
_PAGES = Environment(loader=FileSystemLoader(_FOLDER), autoescape=select_autoescape(), trim_blocks=True)


async def page(request: web.Request) -> web.Response:
    """Show the wall; `lang=zh|en`, `tz=` an IANA zone; `only=NUMBER,CHAT…` shows just those and nothing else."""
    lang = choose_language(request.query.get("lang", ""), request.headers.get("Accept-Language", ""))
    other = urlencode({**request.query, "lang": "en" if lang == "zh" else "zh"})
    html = _PAGES.get_template("wall.html").render(
        words=WORDS[lang],
        words_json=json.dumps(WORDS[lang], ensure_ascii=False),
        only=request.query.get("only", ""),
        tz=known_zone(request.query.get("tz", "")),
        other=f"?{other}",
    )
    return web.Response(text=html, content_type="text/html", headers=_HEADERS)


def known_zone(name: str) -> str:
    """Return the name of a time zone that exists, else nothing."""
    return name if name in available_timezones() else ""


async def file(request: web.Request) -> web.Response:
    """Serve one of the page's files."""
    name = request.match_info["name"]
    if name not in _FILES:
        raise web.HTTPNotFound
    body = (_FOLDER / name).read_bytes()
    return web.Response(body=body, content_type=_FILES[name], charset="utf-8", headers=_HEADERS)


async def wall(request: web.Request) -> web.Response:
    """Return the cards that the page shows."""
    query = request.query
    limit = query.get("limit", str(MOST_CARDS))
    if not limit.isdecimal():
        raise Unusable("limit: a whole number is needed")
    wanted = Wanted(
        words=query.get("q", "").strip(),
        only=tuple(filter(None, query.get("only", "").replace(" ", "+").split(","))),
        account=query.get("account", ""),
        bot=query.get("bot", ""),
        kind=query.get("kind", ""),
        limit=int(limit),
    )
    return web.json_response(wall_of(request.app[WORLD], wanted), headers={"Cache-Control": "no-store"})


async def no_icon(request: web.Request) -> web.Response:
    """Point browsers that ask for an icon to ours."""
    raise web.HTTPFound("/wall/mark.svg")


def routes() -> list[web.RouteDef]:
    """Return the routes of the page."""
    return [
        web.get("/", page),
        web.get("/favicon.ico", no_icon),
        web.get("/wall/{name}", file),
        web.get("/sandbox/api/wall", wall),
    ]
