"""One scenario being played: the step that is on, what phones heard in it, what the console answered."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot import questions
from bot.draft import Draft
from console import security
from messaging import addresses
from models.campaign import Campaign, Run
from models.org import Person
from models.record import Record
from models.returns import MonthlyReturn
from records.marks import person_mark
from tests.console.browser import Answer, Browser
from tests.scenarios.page_form import fields_of
from tests.scenarios.people import SIGNING_CODES, contacts, session_of
from tests.scenarios.plot import Scenario, Step
from tests.scenarios.stage import Stage

ORDER = {"first": 0, "second": 1}
PROVIDERS = ("twilio", "telegram")
RETURN = "zero_report"


@dataclass(frozen=True)
class Heard:
    """One message that a phone or chat got from us."""

    to: str
    text: str


@dataclass
class Play:
    """What a step's deed acts on, and what the checks of its expectations look at.

    `heard` is what everybody got in this step, `said_since` where in it the last thing was sent; `due_before` the limit
    of the record when the step began, `passed` what was heard while the clock went forward to it.
    """

    stage: Stage
    scenario: Scenario
    step: Step
    page: Answer | None = None
    campaign_id: str = ""
    heard: list[Heard] = field(default_factory=list)
    passed: list[Heard] = field(default_factory=list)
    said_since: int = 0
    due_before: datetime | None = None
    kept: dict[str, Any] = field(default_factory=dict)
    _browsers: dict[str, Browser] = field(default_factory=dict)
    _marks: dict[str, int] = field(default_factory=dict)

    async def begin(self, step: Step) -> None:
        """Go to the moment of a step and forget what was heard before it."""
        self.step, self.page = step, None
        if step.at is not None:
            await self.stage.move_to(step.at)
        self.due_before = (await self.record()).due_at if await self.records() else None
        await self.listen()
        self.passed, self.heard, self.said_since = self.heard, [], 0

    async def listen(self) -> None:
        """Take in what the providers accepted since the last time."""
        self.said_since = len(self.heard)
        for provider in PROVIDERS:
            for row in (await self.stage.sandbox.ledger(provider))[self._marks.get(provider, 0) :]:
                self._marks[provider] = self._marks.get(provider, 0) + 1
                self.heard.append(Heard(str(row["to"]), row["text"]))

    async def say(self, who: str, by: str, text: str) -> None:
        """Let somebody send a text, and everything happen that follows from it."""
        text = text.replace("<signing code>", SIGNING_CODES.get(who, ""))
        contact, sandbox = contacts()[who], self.stage.sandbox
        if by == "sms":
            sent = await sandbox.call("POST", f"phones/{contact.phone}/send", account=sandbox.account, text=text)
            assert sent["webhook_status"] == 200
        else:
            sent = await sandbox.call("POST", f"chats/{contact.chat}/send", bot=sandbox.bot, text=text)
            await self.stage.update_was_taken(sent["update_id"])
        await self.stage.settle()
        await self.listen()

    async def press(self, who: str, label: str) -> None:
        """Let somebody press the newest button of that label."""
        sandbox = self.stage.sandbox
        sent = await sandbox.call("POST", f"chats/{contacts()[who].chat}/press", bot=sandbox.bot, label=label)
        await self.stage.update_was_taken(sent["update_id"])

    def texts_to(self, who: str, *, last: bool = True) -> list[str]:
        """Return what somebody got, by SMS or chat, in this step (after the last thing that was sent)."""
        mine = {contacts()[who].phone, contacts()[who].chat} - {""}
        return [each.text for each in self.heard[self.said_since if last else 0 :] if each.to in mine]

    async def browser(self, staff_no: str) -> Browser:
        """Return the browser of a member of staff, signed in."""
        browser = self._browsers.get(staff_no) or Browser(self.stage.url)
        self._browsers[staff_no] = browser
        if (await browser.get("/account", follow=False)).status != 200:
            token = await session_of(self.stage, staff_no)
            browser.take(security.session_cookie_name(self.stage.office), token)
        return browser

    @property
    def visitor(self) -> Browser:
        """The browser of somebody who never signed in."""
        if "" not in self._browsers:
            self._browsers[""] = Browser(self.stage.url)
        return self._browsers[""]

    async def look(self, path: str, staff_no: str | None = None) -> Answer:
        """Let somebody (who the step is about) open a page."""
        self.page = await (await self.browser(staff_no or self.step.who)).get(path)
        return self.page

    async def send(self, page: str, action: str, changes: dict[str, str], staff_no: str | None = None) -> Answer:
        """Let somebody send a form of a page with some of its fields changed, and what follows from it happen."""
        browser = await self.browser(staff_no or self.step.who)
        shown = await browser.get(page)
        assert shown.status == 200, f"{page} answered {shown.status}"
        fields = fields_of(shown.text, action) | changes
        self.page = await browser.post(action, fields, token="")
        await self.stage.settle()
        await self.listen()
        return self.page

    async def act(self, act: str, **fields: str) -> Answer:
        """Do an act on the record of the step by the form of its page."""
        record = await self.record()
        page = f"/records/{record.kind}/{record.public_id}"
        browser = await self.browser(self.step.who)
        self.page = await browser.post(f"{page}/act", {"act": act, **fields}, page=page)
        await self.stage.settle()
        await self.listen()
        return self.page

    async def campaign(self) -> Campaign:
        """Return the campaign of the scenario."""
        return await Campaign.get(public_id=self.campaign_id)

    async def run(self, number: int = 1) -> Run:
        """Return a round of its run."""
        return await Run.get(campaign__public_id=self.campaign_id, round=number)

    async def records(self) -> list[Record]:
        """Return the records of the step's kind in the order in which they were filed; not those given."""
        kind = str(self.step.expect.get("kind", self.step.kind))
        return await Record.filter(kind=kind).exclude(id__in=self.kept.get("given", [])).order_by("id")

    async def record(self) -> Record:
        """Return the record that the step is about: the one of another kind just filed, the return of who it names."""
        if "kind" in self.step.expect:
            return (await self.records())[-1]
        if self.step.kind == RETURN:
            several = self.step.expect.get("records", [self.step.who])
            about = str(self.step.expect.get("record", several[0]))
            return await self.return_of(about if about.isdecimal() else next(iter(contacts())))
        at = ORDER.get(str(self.step.expect.get("record")), 0)
        found = await self.records()
        return found[min(at, len(found) - 1)]

    async def return_of(self, staff_no: str) -> Record:
        """Return the newest monthly return of a member of staff."""
        person = await Person.get(staff_no=staff_no)
        mark = person_mark(self.stage.office, person.id)
        found = await MonthlyReturn.filter(mark=mark).order_by("-id").first()
        assert found is not None, staff_no
        return await Record.get(id=found.record_id)

    async def draft(self) -> Draft | None:
        """Return the dialog that is open with the sender of the step."""
        contact = contacts()[self.step.who]
        found = [("sms", contact.phone)] if self.step.by == "sms" else [("telegram", contact.chat)]
        address = await addresses.find(self.stage.office, *found[0])
        stack = await questions.stack(self.stage.office, address.id) if address else []
        return next((Draft.of(each.payload) for each in stack if each.kind == "dialog"), None)

    def says(self, key: str, text: str) -> bool:
        """Whether a text holds a sentence of the catalogue, in any language and with any values."""
        for sentence in self.stage.office.texts.get(key).says.values():
            pieces = re.split(r"\{\w+\}", sentence.strip())
            if re.search(".*?".join(re.escape(each) for each in pieces), text, re.DOTALL):
                return True
        return False

    async def close(self) -> None:
        """Close the browsers."""
        for browser in self._browsers.values():
            await browser.client.close()
