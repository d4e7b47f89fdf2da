"""A report in a real browser: at the width of a desk and of a phone, by keyboard, without scripts, and on paper."""

import io

import pytest
from playwright.async_api import Browser, expect
from pypdf import PdfReader

from tests.console.conftest import sqlite_only
from tests.console.house import House
from tests.console.test_in_browser import WIDTHS, chromium, fits, page_of
from tests.console.test_reports import prepared

__all__ = ["chromium"]
pytestmark = pytest.mark.browser


@sqlite_only
@pytest.mark.timeout(240)
@pytest.mark.parametrize("width", WIDTHS)
async def test_a_report_is_chosen_and_read(house: House, chromium: Browser, width: int) -> None:
    page = await page_of(chromium, house, "integrity_head", width, scripts=False)
    await page.goto(f"{house.url}reports")
    await page.get_by_role("link", name="Intercession statistics").first.click()
    await page.get_by_label("Period").select_option("2026")
    await page.get_by_role("button", name="Show").first.click()
    await expect(page.get_by_text("Period: 2026")).to_be_visible()
    await fits(page)
    table = page.get_by_role("region", name="Intercession statistics")
    await table.focus()
    await expect(table).to_be_focused()
    await expect(table.get_by_role("columnheader", name="Entries")).to_be_visible()
    await expect(table.get_by_role("rowheader", name="Total")).to_be_visible()
    await expect(page.get_by_role("img", name="Chart: ").first).to_be_visible()
    await page.goto(f"{house.url}digest")
    await fits(page)


@sqlite_only
@pytest.mark.timeout(240)
async def test_it_is_issued_after_a_question_and_printed_from_the_page(
    house: House,
    chromium: Browser,
) -> None:
    address = await prepared(house)
    page = await page_of(chromium, house, "leader", 390)
    await page.goto(house.url.rstrip("/") + address)
    await fits(page)
    await page.get_by_role("button", name="Issue").click()
    await page.get_by_role("dialog").get_by_role("button", name="Issue").click()
    await expect(page.get_by_role("status")).to_contain_text("It is issued")
    printed = PdfReader(io.BytesIO(await page.pdf(prefer_css_page_size=True)))
    box, text = printed.pages[0].mediabox, printed.pages[0].extract_text()
    assert box.width > box.height
    assert "Intercession statistics" in text
    assert "Download" not in "".join(each.extract_text() for each in printed.pages)
