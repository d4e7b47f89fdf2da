"""The tour page: phones and console side by side, a clock, roles at one click, the guided round."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

import jinja2
from aiohttp import web

from console.words import Lang, Words, preferred
from core.errors import LianxinError
from service.demo import cast
from service.demo.round import Round

WEB: Final = Path(__file__).parent / "web"
WORDS: Final = Path(__file__).parent / "words.csv"


@cache
def words() -> Words:
    """Return the words of the tour."""
    return Words.load(WORDS)


@asynccontextmanager
async def serving(round_: Round, console_url: str, sandbox_url: str, address: str) -> AsyncIterator[None]:
    """Serve the tour at its address while the context is open."""
    app = web.Application()
    tour = Tour(round_, console_url, sandbox_url)
    app.add_routes(
        [
            web.get("/", tour.page),
            web.get("/api/state", tour.state),
            web.post("/api/clock/{to}", tour.clock),
            web.post("/api/do/{step}", tour.do),
            web.static("/static", WEB),
        ]
    )
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    there = urlsplit(address)
    try:
        await web.TCPSite(runner, there.hostname, there.port).start()
        yield
    finally:
        await runner.cleanup()


class Tour:
    """The handlers of the page."""

    def __init__(self, round_: Round, console_url: str, sandbox_url: str) -> None:
        self._round, self._console, self._sandbox = round_, console_url, sandbox_url
        self._done: set[str] = set()
        self._busy = asyncio.Lock()
        self._pages = jinja2.Environment(loader=jinja2.FileSystemLoader(WEB), autoescape=True)

    def _lang(self, request: web.Request) -> Lang:
        asked = request.query.get("lang")
        if asked in ("zh-Hans", "en"):
            return "en" if asked == "en" else "zh-Hans"
        return preferred(request.headers.get("Accept-Language", ""))

    async def page(self, request: web.Request) -> web.Response:
        """Show the tour."""
        lang = self._lang(request)
        wall = (
            f"{self._sandbox}/?lang={'en' if lang == 'en' else 'zh'}&tz=Asia/Shanghai&only={quote(','.join(cast.WALL))}"
        )
        html = self._pages.get_template("tour.html").render(
            lang=lang,
            t=lambda key: words().say(lang, key),
            steps=list(self._round.steps),
            roles=cast.ROLES,
            phones_url=wall,
            console_url=self._console,
        )
        policy = (
            f"default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; "
            f"form-action 'none'; frame-src {self._console} {self._sandbox}"
        )
        headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        return web.Response(text=html, content_type="text/html", headers=headers)

    async def state(self, request: web.Request) -> web.Response:
        """Tell clock, books and finished steps."""
        lang = self._lang(request)
        told = await self._round.state()
        now = datetime.fromisoformat(told["now"])
        kept = told["books"]
        verdict = words().say(lang, "tour.balanced" if kept["balance"] else "tour.unbalanced")
        line = f"{words().say(lang, 'tour.books_line', **kept)} · {verdict}"
        return web.json_response({"now": _moment(now, lang), "books": line, "done": sorted(self._done | _seen(told))})

    async def clock(self, request: web.Request) -> web.Response:
        """Move the clock."""
        _check_own(request)
        await self._round.move_clock(request.match_info["to"])
        return web.json_response({})

    async def do(self, request: web.Request) -> web.Response:
        """Do one step; answer with what was seen, or with why it did not work."""
        _check_own(request)
        step, lang = request.match_info["step"], self._lang(request)
        if step not in self._round.steps:
            raise web.HTTPNotFound
        try:
            async with self._busy:
                key, values = await self._round.steps[step]()
        except (LianxinError, TimeoutError) as error:
            return web.json_response({"error": str(error) or type(error).__name__}, status=409)
        self._done.add(step)
        desk = _desk(step, await self._round.state())
        shown = f"{self._console}/demo/as/{desk[0]}?lang={lang}&next={quote(desk[1])}"
        return web.json_response({"said": words().say(lang, key, **values), "desk": shown})


def _desk(step: str, told: dict[str, Any]) -> tuple[str, str]:
    """Return whose console shows what the step did, and on which page."""
    reminder, run = told["reminder"], told["run"]
    results = f"/reminders/{reminder['id']}"
    pages: dict[str, tuple[str, str]] = {
        "approve": (cast.APPROVER, results),
        "send": (cast.EDITOR, results),
        "ack": (cast.EDITOR, results),
        "register": (cast.INTEGRITY, "/records/intercession"),
        "plug": (cast.EDITOR, f"/reminders/{run['id']}" if run else results),
    }
    for kind, staff_no, steps in (
        ("complaint", cast.CLERK, ("complain", "answer", "rate")),
        ("intercession", cast.INTEGRITY, ("look",)),
    ):
        if told[kind]:
            pages |= dict.fromkeys(steps, (staff_no, f"/records/{kind}/{told[kind]['id']}"))
    return pages.get(step, (cast.EDITOR, "/"))


def _check_own(request: web.Request) -> None:
    """Refuse what a foreign page could send."""
    if request.headers.get("X-Tour") != "1":
        raise web.HTTPForbidden


def _seen(told: dict[str, Any]) -> set[str]:
    """Return the steps that a visitor did by hand, as far as the state shows them."""
    found = set()
    reminder, complaint = told["reminder"], told["complaint"]
    if reminder and reminder["state"] in ("approved", "active", "finished"):
        found.add("approve")
    if reminder and reminder["run"] and reminder["run"]["state"] == "finished":
        found.add("send")
        found |= {"ack"} if reminder["run"]["acked"] else set()
    if complaint:
        found.add("complain")
        found |= {"answer"} if complaint["state"] in ("replied", "followed_up", "closed") else set()
        found |= {"rate"} if complaint["state"] == "closed" else set()
    if told["intercession"]:
        found.add("register")
    return found


def _moment(now: datetime, lang: Lang) -> str:
    if lang == "en":
        return f"{now:%a} {now.day} {now:%b %Y} {now:%H:%M:%S}"
    return f"{now.year}年{now.month}月{now.day}日 周{'一二三四五六日'[now.weekday()]} {now:%H:%M:%S}"
