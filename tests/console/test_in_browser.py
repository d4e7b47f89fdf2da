"""The ways through the console that matter most, in a real browser, at the width of a desk and of a phone."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from console import security
from models.campaign import Campaign
from models.lane import Lane
from models.org import Person
from models.outgoing import Message
from models.record import Record
from people.accounts import create_account
from tests.campaigns.story import mark_received
from tests.console.conftest import sqlite_only
from tests.console.house import House

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = (1440, 390)


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    if not Path(CHROMIUM).exists():
        if os.environ.get("LIANXIN_REQUIRE_BROWSER") == "1":
            pytest.fail("NO CHROMIUM: it is required here. Install the package chromium.")
        pytest.skip("NO CHROMIUM FOUND: the console was not looked at in a browser. Install the package chromium.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        await browser.close()


async def page_of(chromium: Browser, house: House, role: str | None, width: int, *, scripts: bool = True) -> Page:
    """A page in a fresh browser, signed in by cookie; every fault of a script or of the policy fails the test."""
    context: BrowserContext = await chromium.new_context(
        viewport={"width": width, "height": 900}, locale="en-GB", java_script_enabled=scripts
    )
    if role:
        client = (await house.as_role(role)).client
        cookie = next(each for each in client.cookie_jar if each.key == security.session_cookie_name(house.office))
        await client.close()
        await context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": house.url}])
    page = await context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
    page.on("console", lambda said: pytest.fail(said.text) if "Content Security" in said.text else None)
    page.set_default_timeout(15_000)
    return page


async def fits(page: Page) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


@sqlite_only
async def test_signing_in(house: House, chromium: Browser) -> None:
    person = await house.person("clerk")
    await create_account(house.office, person.id, "clerk", "a long enough phrase")
    page = await page_of(chromium, house, None, 390)
    await page.goto(house.url)
    await page.get_by_label("Login").fill("clerk")
    await page.get_by_label("Password").fill("wrong")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.get_by_label("Login")).to_have_value("clerk")
    await page.get_by_label("Password").fill("a long enough phrase")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Good day")
    await fits(page)
    await page.get_by_role("button", name="简体中文").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("您好")


@sqlite_only
async def test_a_reminder_from_template_to_approval(house: House, chromium: Browser) -> None:
    page = await page_of(chromium, house, "editor", 1440)
    await page.goto(f"{house.url}reminders")
    await page.get_by_role("link", name="New reminder").click()
    await page.get_by_role("link", name="Use RM-ZQ-01").click()
    await expect(page.locator(".moment")).to_contain_text("Tue 22 Sep")
    await page.get_by_role("spinbutton", name="Working days before").fill("2")
    await page.get_by_role("spinbutton", name="Working days before").blur()
    await expect(page.locator(".moment")).to_contain_text("Wed 23 Sep")
    await page.get_by_label("English").fill("x" * 161)
    await expect(page.locator("#c-text_en")).to_contain_text("SMS parts: 2")
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        await fits(page)
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_role("status")).to_contain_text("The draft is saved")
    campaign = await Campaign.get(template="RM-ZQ-01")
    await page.get_by_role("button", name="Send a test to myself").click()
    await mark_received(campaign)
    await page.reload()
    await page.get_by_role("button", name="Submit for approval").click()
    await page.get_by_role("button", name="Approve").click()
    await expect(page.get_by_role("alert")).to_contain_text("Not done")
    other = await page_of(chromium, house, "approver", 390)
    await other.goto(f"{house.url}reminders/{campaign.public_id}")
    await fits(other)
    await other.get_by_role("button", name="Approve").click()
    await other.get_by_role("dialog").get_by_role("button", name="Approve").click()
    await expect(other.get_by_role("status")).to_contain_text("Approved")
    assert (await Campaign.get(id=campaign.id)).state == "approved"


@sqlite_only
@pytest.mark.parametrize("scripts", [True, False])
async def test_a_complaint_is_taken_up_with_and_without_scripts(house: House, chromium: Browser, scripts: bool) -> None:
    page = await page_of(chromium, house, "clerk", 390, scripts=scripts)
    await page.goto(f"{house.url}records")
    await page.get_by_role("link", name=house.complaint.number or "").click()
    await expect(page.get_by_text("That you opened it is written into the ledger")).to_be_visible()
    await page.get_by_text("Take it up").first.click()
    await page.get_by_role("button", name="Take it up").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.get_by_label("Category").first.select_option("c04")
    await page.get_by_label("Unit complained of").first.select_option("U10")
    await page.get_by_role("button", name="Take it up").click()
    await expect(page.get_by_role("status")).to_contain_text("Done")
    assert (await Record.get(id=house.complaint.id)).state == "accepted"
    assert await Person.all().exists()


SENDING = (
    "/sending",
    "/sending/stop",
    "/sending/lanes/new",
    "/sending/unknown",
    "/sending/unknown/others",
    "/sending/unknown/others/resend",
    "/sending/incidents",
    "/sending/messages",
)


@sqlite_only
@pytest.mark.parametrize("width", WIDTHS)
async def test_sending_again_by_keyboard_after_a_warning(house: House, chromium: Browser, width: int) -> None:
    page = await page_of(chromium, house, "sysadmin", width)
    for path in SENDING:
        await page.goto(f"{house.url.rstrip('/')}{path}")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await fits(page)
    await page.goto(f"{house.url}sending/unknown/others")
    await page.get_by_role("link", name=f"Send again {house.unknown}").press("Enter")
    await expect(page.get_by_text("may get it twice")).to_be_visible()
    await page.get_by_role("button", name="Send again").press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("Queued again")
    assert (await Message.get(id=house.unknown)).possible_duplicate


@sqlite_only
@pytest.mark.parametrize("width", WIDTHS)
async def test_credentials_are_replaced_by_keyboard(house: House, chromium: Browser, width: int) -> None:
    old = house.office.key.encrypt('{"token": "1:old", "webhook_secret": "s"}')
    lane = await Lane.create(name="bot", channel="telegram", rate=1.0, credentials=old)
    page = await page_of(chromium, house, "sysadmin", width)
    await page.goto(f"{house.url}sending/lanes/{lane.id}")
    form = page.get_by_role("form", name="Replace credentials")
    await form.get_by_label("Token of the bot").fill("2:new")
    await form.get_by_role("button", name="Replace credentials").press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("another bot")
    await fits(page)
    await expect(form.get_by_label("Token of the bot")).to_have_attribute("aria-invalid", "true")
    await expect(form.get_by_label("Token of the bot")).to_have_value("")
    await form.get_by_label("Token of the bot").fill("1:new")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status").first).to_contain_text("credentials are replaced")
    assert (await Lane.get(id=lane.id)).credentials != old


@sqlite_only
async def test_stopping_everything_asks_first(house: House, chromium: Browser) -> None:
    page = await page_of(chromium, house, "sysadmin", 390)
    await page.goto(f"{house.url}sending")
    await page.get_by_role("link", name="Stop sending").click()
    await page.get_by_role("button", name="Stop sending").click()
    await expect(page.get_by_role("status").first).to_contain_text("Sending is stopped")
    await fits(page)
    await page.get_by_role("button", name="Resume sending").click()
    await page.get_by_role("dialog").get_by_role("button", name="Resume sending").click()
    await expect(page.get_by_role("status").first).to_contain_text("Sending goes on")
