"""The pages of the register of gifts in a real browser: they fit a desk and a phone, in both languages."""

import datetime as dt
import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from console import security
from models import sql
from models.org import Person
from models.record import Record
from models.register import GiverExport, Publication
from oversight import custody_counts, giver_exports
from records.acts import do_act
from records.filing import file
from records.source import Source
from tests.console.conftest import sqlite_only
from tests.console.house import HOSTILE, House
from tests.console.test_in_browser import WIDTHS, chromium, fits
from tests.keys import unlocked

pytestmark = pytest.mark.browser
__all__ = ["chromium"]
ACCEPT = {"zh-Hans": "zh-CN", "en": "en-GB"}
CUSTODIAN, SECOND, OFFICER, HEAD, LIAISON = "9021007", "9021008", "9021005", "9021004", "9021019"


async def _do(house: House, who: str, record: Record, act: str, **values: str) -> None:
    person = await Person.get(staff_no=who)
    actor = await unlocked(house.office, house.kinds, person.id)
    await do_act(house.office, house.kinds, actor, record.public_id, act, values)


async def _gift(house: House) -> Record:
    """A gift in custody, verified, with its letter numbered and its publication up."""
    officer = await Person.get(staff_no="9021022")
    given = {"received_at": "2026-09-11", "giver_name": "许某", "giver_org": f"折桂报关行 {HOSTILE[:40]}"}
    given |= {"amount": "5000.00", "handling": "3", "kind": "1", "description": "现金，夹在单证袋里"}
    async with sql.transaction():
        source = Source(None, officer.id, "telegram", "zh-Hans", "bound_account")
        filed = await file(house.office, house.kinds, "gift", given, source)
    record = await Record.get(id=filed.record_id)
    await _do(house, CUSTODIAN, record, "接收", custody_no="B-17", receipt_no="S-17")
    await _do(house, SECOND, record, "接收")
    await _do(house, OFFICER, record, "核实")
    await _do(house, OFFICER, record, "拟函", letter_to="giver;employer")
    today = house.office.today()
    shown = {"giver_name": "许某", "giver_org": given["giver_org"], "amount_cny": 500000, "handling": "3"}
    await Publication.create(record_id=record.id, kind="gift", shown=shown, first_day=today, last_day=today)
    return record


async def _requests(house: House) -> None:
    """A list of givers that was asked for, and a count with a difference that waits."""
    liaison, custodian = [
        await unlocked(house.office, house.kinds, (await Person.get(staff_no=each)).id) for each in (LIAISON, CUSTODIAN)
    ]
    first = dt.date(2026, 9, 1)
    await giver_exports.ask(house.office, house.kinds, liaison, first, house.office.today(), "九月风险名单")
    (kept,) = await custody_counts.should_be_there(house.office, house.kinds, custodian)
    missing = {kept.record_id: "柜中未见，正在查找"}
    await custody_counts.enter(house.office, house.kinds, custodian, frozenset(), missing)
    assert await GiverExport.all().count() == 1


async def _page(chromium: Browser, house: House, who: str | None, lang: str, width: int) -> Page:
    context = await chromium.new_context(viewport={"width": width, "height": 900}, locale=ACCEPT[lang])
    if who:
        client = (await house.as_person(await Person.get(staff_no=who))).client
        cookie = next(each for each in client.cookie_jar if each.key == security.session_cookie_name(house.office))
        await client.close()
        await context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": house.url}])
    page = await context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
    page.on("console", lambda said: pytest.fail(said.text) if "Content Security" in said.text else None)
    return page


@sqlite_only
async def test_every_page_fits(house: House, chromium: Browser) -> None:
    record = await _gift(house)
    await _requests(house)
    looked = (
        (None, "/public/publications", "许某"),
        (OFFICER, f"/records/gift/{record.public_id}/letter", "5,000.00"),
        (HEAD, "/exports", "九月风险名单"),
        (LIAISON, "/exports", "2026-09-01"),
        (SECOND, "/counts", "2026Q3"),
        (CUSTODIAN, "/counts/new", "B-17"),
        (OFFICER, "/rates", "rate"),
    )
    for lang in ACCEPT:
        for width in WIDTHS:
            for who, path, shown in looked:
                page = await _page(chromium, house, who, lang, width)
                await page.goto(house.url.rstrip("/") + path)
                assert shown in await page.inner_text("main"), path
                await fits(page)
                if folder := os.environ.get("LIANXIN_PICTURES"):
                    name = f"{path.strip('/').replace('/', '-')[:12]}-{who}-{lang}-{width}.png"
                    await page.screenshot(path=Path(folder) / name, full_page=True)
                await page.context.close()
