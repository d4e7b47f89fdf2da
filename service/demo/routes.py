"""What only the service of the demo answers: sign-in by a click, the clock, the state of the story, the run of 500.

Everything that changes something asks for the header X-Tour, which a foreign page cannot send.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from aiohttp import web

from campaigns import results, running
from console import security
from core.errors import Refused
from core.office import Office
from messaging.outbox import Books, books
from messaging.setup import Messaging
from models.campaign import Campaign, Run
from models.record import Record
from people.sessions import open_session
from records.kind import Kinds
from service.demo import organisation
from service.demo.story import Story
from service.opening import Installation

Handler = Callable[[web.Request], Awaitable[web.Response]]


def _books(kept: Books) -> dict[str, Any]:
    return {
        "planned": kept.planned,
        "accepted": kept.accepted_ever,
        "ended": kept.ended,
        "open": kept.open,
        "unknown": kept.unknown,
        "balance": kept.balance,
    }


def _guarded(handler: Handler) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        if request.headers.get("X-Tour") != "1":
            raise web.HTTPForbidden
        return await handler(request)

    return answer


class DemoRoutes:
    """The routes, around the story's clock."""

    def __init__(self, story: Story, password: str) -> None:
        self.story = story
        self._password = password
        self.office: Office
        self.kinds: Kinds

    def install(self, app: web.Application, installation: Installation, _messaging: Messaging) -> None:
        """Add the routes to the service's application."""
        self.office, self.kinds = installation.office, installation.kinds
        app.add_routes(
            [
                web.get("/demo/as/{staff_no}", self.sign_in),
                web.get("/demo/state", self.state),
                web.post("/demo/prepare", _guarded(self.prepare)),
                web.post("/demo/clock/{to}", _guarded(self.clock)),
                web.post("/demo/run", _guarded(self.run)),
            ]
        )

    async def sign_in(self, request: web.Request) -> web.Response:
        """Become a member of the cast and go to the start page, or to the page that `next` names."""
        try:
            entered, _ = await organisation.enter(
                self.office, self.kinds, request.match_info["staff_no"], self._password
            )
        except Refused:
            raise web.HTTPNotFound from None
        target = request.query.get("next", "/")
        found = web.Response(status=303, headers={"Location": target if target.startswith("/") else "/"})
        name = security.session_cookie_name(self.office)
        token = await open_session(self.office, entered.account.id, entered.key)
        security.set_cookie(found, self.office, name, token)
        if lang := request.query.get("lang"):
            security.set_cookie(found, self.office, security.LANG_COOKIE, lang)
        return found

    async def prepare(self, _request: web.Request) -> web.Response:
        """Make the sample organisation and its reminders; safe to ask again."""
        prepared = organisation.prepare(self.office, self.kinds, self.story.start, self._password)
        return web.json_response({"reminder": await prepared})

    async def run(self, _request: web.Request) -> web.Response:
        """Have a reminder to 500 persons written and approved; it begins at once."""
        return web.json_response({"campaign": await organisation.prepare_run(self.office)})

    async def clock(self, request: web.Request) -> web.Response:
        """Move the clock forward to a named moment; past ones leave it where it is."""
        moment = await self._moment(request.match_info["to"])
        if moment is not None and moment > self.story.clock.now():
            self.story.move_to(moment)
        self.office.wakes.runs.set()
        self.office.wakes.outbox.set()
        return web.json_response({"now": self.story.local_now().isoformat(), "offset_s": self._offset()})

    async def _moment(self, to: str) -> datetime | None:
        if to == "due":
            return await running.next_due()
        named = {"next_morning": self.story.next_morning, "month_end": self.story.month_end}
        if to not in named:
            raise web.HTTPNotFound
        return named[to]()

    def _offset(self) -> int:
        return round(self.story.clock.offset.total_seconds())

    async def state(self, _request: web.Request) -> web.Response:
        """Tell where the story stands: figures and public ids, nothing of what anybody said."""
        reminder = await Campaign.filter(template=organisation.TEMPLATE).first()
        drill = await Campaign.filter(title=organisation.RUN_TITLE).order_by("-id").first()
        return web.json_response(
            {
                "now": self.story.local_now().isoformat(),
                "offset_s": self._offset(),
                "reminder": await self._campaign(reminder),
                "run": await self._campaign(drill),
                "complaint": await _latest("complaint"),
                "intercession": await _latest("intercession"),
                "books": _books(await books()),
            }
        )

    async def _campaign(self, campaign: Campaign | None) -> dict[str, Any] | None:
        if campaign is None:
            return None
        run = await Run.filter(campaign_id=campaign.id, round=1).first()
        told: dict[str, Any] = {"id": campaign.public_id, "state": campaign.state, "run": None}
        if run is not None:
            counted = await results.counts(self.office, run)
            told["run"] = {
                "id": run.public_id,
                "state": run.state,
                "audience": counted.audience,
                "submitted": counted.submitted,
                "acked": counted.acked,
                "suppressed": counted.suppressed,
                "no_address": counted.no_address,
                "unknown": counted.unknown,
                "books": _books(await books(run.id)),
            }
        return told


async def _latest(kind: str) -> dict[str, Any] | None:
    record = await Record.filter(kind=kind).order_by("-id").first()
    if record is None:
        return None
    return {
        "id": record.public_id,
        "number": record.number,
        "state": record.state,
        "many": await Record.filter(kind=kind).count(),
    }
