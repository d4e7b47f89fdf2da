"""The pages of monthly returns: the roll by role, the persons of a unit, paper, excuses, the empty state, labels."""

import re
from datetime import datetime

import pytest

from models import sql
from models.org import Grant, Person
from models.record import Record
from models.returns import MonthlyReturn
from oversight import returns
from records.kind import Kinds
from records.marks import person_mark
from tests.console.conftest import sqlite_only
from tests.console.house import House
from tests.console.test_queries import counted

MONTH = "/returns?month=2026-09"
ANSWERS = ("零报告", "有登记", "事后更正")


async def open_september(house: House) -> None:
    house.office.clock.move_to(datetime.fromisoformat("2026-09-30T10:00:00+08:00"))  # type: ignore[attr-defined]
    while await returns.step(house.office, house.kinds):
        pass


@pytest.fixture
async def asked(house: House) -> House:
    await open_september(house)
    return house


async def of(house: House, staff_no: str) -> Record:
    person = await Person.get(staff_no=staff_no)
    found = await MonthlyReturn.get(mark=person_mark(house.office, person.id))
    return await Record.get(id=found.record_id)


async def officer(house: House) -> Person:
    """The integrity officer who handles U14 and U10."""
    return await Person.get(staff_no="9021006")


@sqlite_only
async def test_before_the_first_month_the_page_says_when_it_comes(house: House) -> None:
    async with await house.as_role("integrity_head") as browser:
        page = await browser.get("/returns")
        assert page.status == 200
        assert "最后一个工作日" in page.words
        assert (await browser.get("/returns?month=2026-08")).status == 200
        assert (await browser.get("/returns/2026-08/U14")).status == 404
        assert "没有这样的部门" in (await browser.get("/returns/silent")).words


@sqlite_only
async def test_each_role_sees_its_part(asked: House) -> None:
    async with await asked.as_role("integrity_head") as browser:
        page = await browser.get(MONTH)
        assert all(word in page.words for word in ANSWERS)
        assert "2026-09" in page.words
        assert (await browser.get("/returns?month=2026-08")).status == 404
        assert (await browser.get("/returns?month=%3Cb%3E")).status == 404
    async with await asked.as_person(await asked.person("unit_head", "U10")) as browser:
        page = await browser.get(MONTH)
        assert not [word for word in ANSWERS if word in page.words]
        assert "鹭鸣港海关" in page.words
        assert (await browser.get("/returns/silent")).status == 403
        unit = await browser.get("/returns/2026-09/U10A")
        assert (unit.status, "纸面" in unit.words) == (200, False)
        assert (await browser.get("/returns/2026-09/U14")).status == 404
    async with await asked.as_role("leader") as browser:
        assert (await browser.get(MONTH)).status == 200
        assert (await browser.get("/returns/2026-09/U10A")).status == 404
    person = await asked.person("officer")
    for role in ("editor", "approver", "sysadmin", "clerk", "auditor", "handler", "custodian"):
        await Grant.filter(person_id=person.id).delete()
        await Grant.create(person_id=person.id, role=role)
        async with await asked.as_person(person) as browser:
            page = await browser.get(MONTH)
            assert page.status == 403, role
            assert "/returns" not in (await browser.get("/")).text, role


@sqlite_only
@pytest.mark.parametrize("lang", ["zh-CN", "en-GB"])
async def test_both_languages(asked: House, lang: str) -> None:
    async with await asked.as_role("integrity_head", lang) as browser:
        for path in ("/returns", "/returns/silent?months=3", "/returns/silent?months=abc", "/returns/2026-09/U10A"):
            page = await browser.get(path)
            assert page.status == 200, path
            assert ("Monthly returns" in page.words) is (lang == "en-GB"), path


async def test_paper_and_excuse(asked: House) -> None:
    path = "/returns/2026-09/U14"
    async with await asked.as_person(await officer(asked)) as browser:
        record = await of(asked, "9021040")
        assert "程知退" in (await browser.get(path)).words
        nothing = await browser.post(f"{path}/paper", {"return": record.public_id}, page=path)
        assert (nothing.status, "请选择答复" in nothing.words) == (422, True)
        wrong = await browser.post(f"{path}/paper", {"return": record.public_id, "answer": "has"}, page=path)
        assert (wrong.status, "没有其登记" in wrong.words or "没有他的登记" in wrong.words) == (422, True)
        assert (await of(asked, "9021040")).state == "open"
        blank = await browser.post(f"{path}/excuse", {"return": record.public_id, "excuse": " "}, page=path)
        assert (blank.status, "请写明免报原因" in blank.words) == (422, True)
        long = await browser.post(f"{path}/excuse", {"return": record.public_id, "excuse": "长" * 61}, page=path)
        assert long.status == 422
        done = await browser.post(f"{path}/paper", {"return": record.public_id, "answer": "zero"}, page=path)
        assert done.status == 200
        record = await of(asked, "9021040")
        assert (record.state, record.facts["proof"]) == ("zero_confirmed", "paper")
        again = await browser.post(f"{path}/paper", {"return": record.public_id, "answer": "zero"}, page=path)
        assert (again.status, "不能再改" in again.words) == (422, True)


async def test_an_excuse_is_sealed(asked: House) -> None:
    path = "/returns/2026-09/U14"
    async with await asked.as_person(await officer(asked)) as browser:
        record = await of(asked, "9021040")
        done = await browser.post(f"{path}/excuse", {"return": record.public_id, "excuse": "借调外地"}, page=path)
        assert done.status == 200
    assert (await of(asked, "9021040")).state == "excused"
    facts = await sql.value("SELECT facts FROM record WHERE id = $1", record.id)
    assert "借调" not in facts


async def test_nobody_acts_outside_his_units(asked: House) -> None:
    """By a form of his own units for somebody of another; a head has no acts at all."""
    record, path = await of(asked, "9021022"), "/returns/2026-09/U14"
    async with await asked.as_person(await officer(asked)) as browser:
        for act, fields in (("paper", {"answer": "zero"}), ("excuse", {"excuse": "x"})):
            answer = await browser.post(f"{path}/{act}", {"return": record.public_id, **fields}, page=path)
            assert answer.status == 404
    async with await asked.as_person(await asked.person("unit_head", "U10")) as browser:
        token = await asked.token_of(browser)
        path = "/returns/2026-09/U10A/paper"
        answer = await browser.post(path, {"return": record.public_id, "answer": "zero"}, token=token)
        assert answer.status == 403
    assert (await of(asked, "9021022")).state == "open"


@sqlite_only
async def test_queries_do_not_grow_with_persons(asked: House, monkeypatch: pytest.MonkeyPatch) -> None:
    most = {MONTH: 18, "/returns/2026-09/U10A": 18, "/returns/silent": 18}
    async with await asked.as_role("integrity_head") as browser:
        for path, pinned in most.items():
            await browser.get(path)
            with counted(monkeypatch) as seen:
                assert (await browser.get(path)).status == 200
            assert 3 < len(seen) <= pinned, (path, len(seen))


@sqlite_only
async def test_every_field_has_its_label(asked: House, kinds: Kinds) -> None:
    """Each field of a form is labelled under its own id, so that it is reached and named from the keyboard."""

    async with await asked.as_role("integrity_head") as browser:
        page = (await browser.get("/returns/2026-09/U10A")).text
    ids = re.findall(r'<(?:input|select)[^>]* id="([^"]+)"', page)
    assert ids
    assert len(ids) == len(set(ids))
    assert [one for one in ids if f'for="{one}"' not in page] == []


@sqlite_only
async def test_other_pages_stand_with_returns_that_have_no_number(asked: House) -> None:
    """The start page, the registers, what waits, what is kept how long: returns are in none of them by name."""
    async with await asked.as_role("integrity_head") as browser:
        for path in ("/", "/records", "/waiting", "/retention", "/digest", "/reports"):
            page = await browser.get(path)
            assert page.status == 200, path
            assert "None" not in page.words, path
        assert (await browser.get("/records/zero_report")).status == 404
        record = await of(asked, "9021022")
        assert (await browser.get(f"/records/zero_report/{record.public_id}")).status == 404
