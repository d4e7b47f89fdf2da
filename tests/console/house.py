"""The sample organisation behind a served console: a reminder on its way, a complaint, a plea, something unread."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from aiohttp import web
from aiohttp.test_utils import TestServer

from campaigns import drafting
from console import security
from console.app import install
from core.office import Office
from messaging import addresses
from messaging.outbox import NewMessage, enqueue
from models import sql
from models.campaign import Campaign
from models.inbound import Inbound
from models.lane import Lane
from models.org import Grant, Person
from models.outgoing import Attempt, Message
from models.record import Record
from models.sending import Incident
from people.sessions import csrf_of, open_session
from records.filing import file
from records.groups import ensure_groups
from records.kind import Kinds
from records.source import Source
from tests.campaigns.story import free
from tests.console.browser import Browser
from tests.keys import unlocked
from tests.people.sample import actor, load_sample

CAST = {
    "leader": "9021001",
    "integrity_head": "9021004",
    "editor": "9021012",
    "approver": "9021013",
    "sysadmin": "9021014",
}
DRIVER = "+85290000001"
HOSTILE = "<script>alert(1)</script> {{ 7*7 }} {% raw %} \u202etxt.exe =HYPERLINK(1)"


@dataclass
class House:
    """Everything that a test of the console needs."""

    office: Office
    kinds: Kinds
    url: str
    campaign: Campaign
    complaint: Record
    plea: Record
    talk: str
    message: int
    unknown: int
    lane: int

    def browser(self, lang: str = "zh-CN") -> Browser:
        return Browser(self.url, lang)

    async def person(self, role: str, unit: str | None = None) -> Person:
        """The first person of the sample who has a role (whose reach begins at a unit)."""
        grants = Grant.filter(role=role)
        grants = grants.filter(scope__code=unit) if unit else grants
        found = await grants.order_by("person__staff_no").first().prefetch_related("person")
        assert found, role
        return found.person

    async def as_person(self, person: Person, lang: str = "zh-CN") -> Browser:
        """A browser in which somebody is signed in."""
        actor = await unlocked(self.office, self.kinds, person.id)
        assert actor.key is not None
        token = await open_session(self.office, actor.key.account_id, actor.key)
        browser = self.browser(lang)
        browser.take(security.session_cookie_name(self.office), token)
        return browser

    async def token_of(self, browser: Browser) -> str:
        """The token that forms of a signed-in browser carry."""
        name = security.session_cookie_name(self.office)
        cookie = next(each for each in browser.client.cookie_jar if each.key == name)
        return csrf_of(self.office, cookie.value)

    async def as_role(self, role: str, lang: str = "zh-CN") -> Browser:
        person = await Person.get(staff_no=CAST[role]) if role in CAST else await self.person(role)
        return await self.as_person(person, lang)


async def furnish(office: Office, kinds: Kinds) -> tuple[Campaign, Record, Record, str, int]:
    """Rows that every page shows something of."""
    await load_sample(office)
    await ensure_groups(office, kinds)
    editor = await actor(office, int(CAST["editor"]))
    campaign = await drafting.do_create(office, editor, free(HOSTILE))
    driver = await addresses.find_or_create(office, "sms", DRIVER, lang="zh-Hant")
    async with sql.transaction():
        values = {"content": f"窗口没有人 {HOSTILE}", "unit": "U10"}
        filed = await file(office, kinds, "complaint", values, Source(driver.id, None, "sms", "zh-Hant"))
    officer = await Person.get(staff_no="9021022")
    chat = await addresses.find_or_create(office, "telegram", "900000022")
    plea = {"occurred_at": "2026-09-13", "asker_name": "周某", "matter": "1", "request": "先放行", "response": "1"}
    async with sql.transaction():
        source = Source(chat.id, officer.id, "telegram", "zh-Hans", "bound_account")
        pleaded = await file(office, kinds, "intercession", plea, source)
    lane = await Lane.create(name="sms", channel="sms", rate=10.0)
    await Inbound.create(
        lane_id=lane.id,
        provider_id="SM1",
        channel="sms",
        address_id=driver.id,
        kind="text",
        body=office.key.encrypt(f"请回电 {HOSTILE}"),
        received_at=office.clock.now(),
        state="handled",
        for_person=True,
    )
    async with sql.transaction():
        said = NewMessage("test:hello", "sms", driver.id, "reply", "zh-Hant", f"您好 {HOSTILE}")
        await enqueue(office, said)
    complaint, intercession = await Record.get(id=filed.record_id), await Record.get(id=pleaded.record_id)
    message = await Message.get(dedupe_key="test:hello")
    return campaign, complaint, intercession, driver.public_id, message.id


async def trouble(office: Office) -> tuple[int, int]:
    """What the pages of sending show besides: a message of which nobody knows, tried once, and an incident."""
    now, lane = office.clock.now(), await Lane.get(name="sms")
    driver = await addresses.find_or_create(office, "sms", DRIVER)
    async with sql.transaction():
        await enqueue(office, NewMessage("test:unclear", "sms", driver.id, "reply", "zh-Hant", f"再見 {HOSTILE}"))
    unknown = await Message.get(dedupe_key="test:unclear")
    await Message.filter(id=unknown.id).update(state="unknown", tries=1)
    tried = {"started_at": now, "finished_at": now, "outcome": "unknown", "code": "TimeoutError"}
    await Attempt.create(message_id=unknown.id, token="t", lane_id=lane.id, epoch=1, **tried)
    await Incident.create(sort="lane_unreachable", lane_id=lane.id, code="http_429", opened_at=now, last_at=now)
    await Incident.create(sort="waiting", code="sms", opened_at=now, last_at=now, closed_at=now)
    return unknown.id, lane.id


@asynccontextmanager
async def served(office: Office, kinds: Kinds) -> AsyncIterator[House]:
    """A house with a real server."""
    campaign, complaint, plea, talk, message = await furnish(office, kinds)
    unknown, lane = await trouble(office)
    app = web.Application(client_max_size=4 * 1024 * 1024)
    server = TestServer(app, host="127.0.0.1")
    public = replace(office, public_url="http://127.0.0.1")
    install(app, public, kinds)
    await server.start_server()
    try:
        yield House(public, kinds, str(server.make_url("/")), campaign, complaint, plea, talk, message, unknown, lane)
    finally:
        await server.close()
