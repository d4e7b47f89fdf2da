"""The page that the public reads: without signing in, without a cookie, in both languages, never who filed it."""

from datetime import date, timedelta

from models import sql
from models.org import Person, Unit
from models.record import Record
from models.register import Publication
from records.filing import file
from records.source import Source
from tests.console.conftest import sqlite_only
from tests.console.house import HOSTILE, House

PAGE = "/public/publications"


async def published(house: House, first: date, last: date, **more: str | int) -> None:
    """A gift of an officer with its publication."""
    officer = await Person.get(staff_no="9021022")
    values = {"received_at": "2026-09-11", "giver_name": "许某", "amount": "5000.00", "handling": "1"}
    async with sql.transaction():
        source = Source(None, officer.id, "telegram", "zh-Hans", "bound_account")
        filed = await file(house.office, house.kinds, "gift", values, source)
    shown = {"giver_name": f"许某 {HOSTILE}", "giver_org": "unknown", "amount_cny": 500000, "handling": "1", **more}
    await Publication.create(record_id=filed.record_id, kind="gift", shown=shown, first_day=first, last_day=last)


async def test_who_gave_what_and_never_who_filed_it(house: House) -> None:
    today = house.office.today()
    await published(house, today, today + timedelta(days=30))
    record = await Record.filter(kind="gift").first()
    assert record is not None
    officer = await Person.get(staff_no="9021022")
    unit = await Unit.get(id=record.unit_id)
    async with house.browser() as browser:
        page = await browser.get(PAGE)
        english = await browser.get(f"{PAGE}?lang=en")
    assert page.status == 200
    assert [word for word in ("许某", "不详", "5,000.00", "当场拒收") if word not in page.words] == []
    assert [
        word for word in ("许某", "Not known", "5,000.00", "Refused on the spot") if word not in english.words
    ] == []
    hidden = (str(record.number), record.public_id, house.office.key.decrypt(officer.name), "9021022", unit.name_zh)
    assert [word for word in hidden if word in page.text + english.text] == []
    assert "<script>alert" not in page.text
    assert "\u202e" not in page.text


@sqlite_only
async def test_only_while_it_is_published(house: House) -> None:
    today = house.office.today()
    await published(house, today - timedelta(days=31), today - timedelta(days=1), giver_name="昨日止")
    await published(house, today + timedelta(days=1), today + timedelta(days=9), giver_name="明日起")
    await published(house, today - timedelta(days=30), today, giver_name="今日止")
    async with house.browser() as browser:
        words = (await browser.get(PAGE)).words
    assert ("昨日止" in words, "明日起" in words, "今日止" in words) == (False, False, True)


@sqlite_only
async def test_it_is_kept_by_nobody_for_long_and_found_by_no_search_engine(house: House) -> None:
    async with house.browser() as browser:
        empty = await browser.get(PAGE)
    assert "目前没有公布" in empty.words
    assert empty.headers["Cache-Control"] == "public, max-age=60, must-revalidate"
    assert "noindex" in empty.headers["X-Robots-Tag"]
    assert "noindex" in empty.text
    assert "Set-Cookie" not in empty.headers
    assert "form_token" not in empty.text


@sqlite_only
async def test_small_totals_of_a_year_are_not_said(house: House) -> None:
    today = house.office.today()
    for times, sentence in (
        (4, "2026年至今：致函不足5件，金额（件数少，不公开）元，公布不足5件。"),
        (1, "2026年至今：致函5件，金额25,000.00元，公布5件。"),
    ):
        for _ in range(times):
            await published(house, today, today)
        for record in await Record.filter(kind="gift"):
            record.facts = {**record.facts, "letter_sent": f"{today}", "published_from": f"{today}"}
            await record.save()
        async with house.browser() as browser:
            assert sentence in (await browser.get(PAGE)).words
