"""A paper answer entered from the keyboard alone; the pages fit a desk and a phone."""

import os

import pytest
from playwright.async_api import Browser, expect

from tests.console.conftest import sqlite_only
from tests.console.house import House
from tests.console.test_in_browser import chromium, fits, page_of
from tests.console.test_returns import of, open_september

__all__ = ["chromium"]
pytestmark = pytest.mark.browser
PICTURES = os.environ.get("LIANXIN_PICTURES", "")


@sqlite_only
@pytest.mark.parametrize("width", [1440, 390])
async def test_a_paper_answer_from_the_keyboard(house: House, chromium: Browser, width: int) -> None:
    await open_september(house)
    page = await page_of(chromium, house, "integrity_head", width)
    for path in ("returns", "returns/silent", "returns/2026-09/U14"):
        await page.goto(house.url + path)
        await fits(page)
        if PICTURES:
            await page.screenshot(path=f"{PICTURES}/{path.replace('/', '-')}-{width}.png", full_page=True)
    row = page.get_by_role("row").filter(has_text="9021040")
    await row.locator("summary").focus()
    await page.keyboard.press("Enter")
    await row.get_by_label("Nothing").focus()
    await page.keyboard.press("Space")
    await fits(page)
    if PICTURES:
        await page.screenshot(path=f"{PICTURES}/open-{width}.png", full_page=True)
    await row.get_by_role("button", name="Enter the answer").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("row").filter(has_text="9021040")).to_contain_text("Nothing")
    assert (await of(house, "9021040")).state == "zero_confirmed"
    await page.context.close()
