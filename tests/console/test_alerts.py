"""Risk alerts on pages: counted by level, linked to what they count, the rules in both languages; heads see none."""

from models import sql
from models.org import Person
from models.pattern import RaisedAlert
from models.record import Record
from oversight import patterns
from oversight.rule_file import load_rules
from records.amending import amend
from records.source import Source
from tests.console.conftest import sqlite_only
from tests.console.house import House

HEAD, OFFICER, SUPERVISOR = "9021021", "9021022", "9021020"
PATHS = ("/", "/waiting", "/records", "/records/risk_alert", "/records/complaint", "/rules", "/people", "/reminders")


async def _look(house: House) -> None:
    rules = load_rules(house.kinds, house.office.limits)
    while await patterns.step(house.office, house.kinds, rules):
        pass


async def _affected(house: House) -> Record:
    """The plea of the house has an effect: a red alert. Return it."""
    owner = await Person.get(staff_no=OFFICER)
    source = Source(None, owner.id, "telegram", "zh-Hans", "bound_account")
    async with sql.transaction():
        await amend(house.office, house.kinds, house.plea.id, {"effect": "3"}, source)
    await _look(house)
    row = await RaisedAlert.get(rule="RK06")
    return await Record.get(id=row.record_id)


async def _pages(house: House, staff_no: str) -> dict[str, tuple[int, str]]:
    found = {}
    async with await house.as_person(await Person.get(staff_no=staff_no)) as browser:
        for path in PATHS:
            answer = await browser.get(path)
            found[path] = (answer.status, answer.words)
    return found


@sqlite_only
async def test_the_alert_links_what_it_counts(house: House) -> None:
    alert = await _affected(house)
    async with await house.as_role("integrity_head") as browser:
        start = await browser.get("/")
        assert "廉政风险预警：红" in start.words
        listed = await browser.get("/records/risk_alert")
        assert str(alert.number) in listed.words
        page = await browser.get(f"/records/risk_alert/{alert.public_id}")
        assert f'href="/records/intercession/{house.plea.public_id}"' in page.text
        assert "RK06 已影响办理或已照办" in page.words
        assert (await browser.get(f"/records/intercession/{house.plea.public_id}")).status == 200


@sqlite_only
async def test_what_a_reader_may_not_open_is_only_counted(house: House) -> None:
    """An alert of a complaint and something that is not there any more: one link, one more."""
    alert = await _affected(house)
    alert.facts = {**alert.facts, "hits": f"{house.plea.number};SQ26091499990"}
    await alert.save(update_fields=["facts"])
    async with await house.as_role("integrity_head") as browser:
        page = await browser.get(f"/records/risk_alert/{alert.public_id}")
        assert "另有 1 条" in page.words
        assert "SQ26091499990" not in page.words


@sqlite_only
async def test_no_page_of_a_head_changes(house: House) -> None:
    """Word for word the same before and after: no row, no count, no card; and the address leads nowhere."""
    before = {who: await _pages(house, who) for who in (HEAD, SUPERVISOR, OFFICER)}
    alert = await _affected(house)
    assert {who: await _pages(house, who) for who in before} == before
    for who in before:
        async with await house.as_person(await Person.get(staff_no=who)) as browser:
            assert (await browser.get(f"/records/risk_alert/{alert.public_id}")).status in (403, 404)


@sqlite_only
async def test_the_rules_in_both_languages(house: House) -> None:
    async with await house.as_role("integrity_officer") as browser:
        page = await browser.get("/rules")
        assert page.status == 200
        for words in (
            "RK05",
            "同一说情人找过三名以上关员",
            "90 天内同一（说情人姓名 + 为谁说情",
            "不按登记多少给任何人打分",
        ):
            assert words in page.words
    async with await house.as_role("integrity_officer", "en") as browser:
        await browser.post("/language", {"lang": "en"}, page="/rules")
        page = await browser.get("/rules")
        for words in ("RK15", "Same company in an intercession and a gift within 60 days", "Who explains"):
            assert words in page.words
        assert not [character for character in page.words.split("RK01")[1] if "\u4e00" <= character <= "\u9fff"]
    for role in ("unit_head", "sysadmin", "leader", "clerk"):
        async with await house.as_role(role) as browser:
            assert (await browser.get("/rules")).status == 403


@sqlite_only
async def test_the_page_says_which_company_was_found(house: House) -> None:
    """What was found is shown beside what was written; what means no company stands alone."""
    owner = await Person.get(staff_no=OFFICER)
    source = Source(None, owner.id, "telegram", "zh-Hans", "bound_account")
    path = f"/records/intercession/{house.plea.public_id}"
    for written, shown in (("素舸货运", "素舸货运 (SLC007 星澜素舸货运代理有限公司（虚构）)"), ("某公司", "某公司")):
        async with sql.transaction():
            await amend(house.office, house.kinds, house.plea.id, {"on_behalf_of": written}, source)
        async with await house.as_role("integrity_head") as browser:
            words = (await browser.get(path)).words
            assert shown in words
            assert "某公司 (" not in words
