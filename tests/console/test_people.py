"""People, accounts, messages and the inbox by way of their pages."""

import re

import aiohttp
import pytest

from models.inbound import Inbound
from models.org import Account, Grant, Person, Unit
from models.outgoing import Message
from tests.console.browser import Browser
from tests.console.conftest import sqlite_only
from tests.console.house import CAST, House

UNITS = "unit_id,parent,name_zh,name_en,kind\nU99,U00,测试科,Test Section,section\n"


async def upload(browser: Browser, house: House, **files: str) -> str:
    form = aiohttp.FormData()
    form.add_field("form_token", await house.token_of(browser))
    for name, text in files.items():
        form.add_field(name, text.encode(), filename=f"{name}.csv", content_type="text/csv")
    async with browser.client.post("/people/import", data=form) as got:
        return await got.text()


async def test_an_import_is_looked_at_before_it_is_written(house: House) -> None:
    async with await house.as_role("sysadmin", "en-GB") as admin:
        seen = await upload(admin, house, units=UNITS)
        assert "nothing is written yet" in seen
        assert not await Unit.filter(code="U99").exists()
        kept = re.search(r'name="kept_units" value="([^"]+)"', seen)
        assert kept
        assert "测试科" not in seen
        done = await admin.post(
            "/people/import", {"apply": "1", "kept_units": kept[1]}, token=await house.token_of(admin)
        )
        assert "It is written." in done.words
        assert await Unit.filter(code="U99").exists()
        forged = await admin.post(
            "/people/import", {"apply": "1", "kept_units": "AAAA"}, token=await house.token_of(admin)
        )
        assert forged.status == 422


@sqlite_only
async def test_a_bad_file_is_reported_row_by_row(house: House) -> None:
    async with await house.as_role("sysadmin", "en-GB") as admin:
        page = await upload(admin, house, units=UNITS.replace("U00", "NOPE"))
        assert "1 faults were found" in page
        assert "kept_units" not in page
        assert await upload(admin, house) != page


async def test_an_account_is_given_used_disabled_and_given_back(house: House) -> None:
    person = await house.person("officer")
    path = f"/people/{person.public_id}"
    async with await house.as_role("sysadmin", "en-GB") as admin, house.browser("en-GB") as fresh:
        await admin.post(f"{path}/roles", {"role": "handler", "unit": ""}, page=path)
        given = await admin.post(f"{path}/account", {"login": "fresh"}, page=path)
        password = re.search(r'id="password">([^<]+)<', given.text)
        assert password
        fields = {"login": "fresh", "password": password[1]}
        assert (await fresh.post("/sign-in", fields, page="/sign-in")).path == "/"
        again = await admin.post(f"{path}/account", {"login": "other"}, page=path)
        assert again.status == 422
        await admin.post(f"{path}/disable", {}, page=path)
        assert (await fresh.get("/")).path == "/sign-in"
        await admin.post(f"{path}/enable", {}, page=path)
        assert (await fresh.post("/sign-in", fields, page="/sign-in")).path == "/"
        await admin.post(f"{path}/password", {}, page=path)
        assert (await fresh.get("/")).path == "/sign-in"
        assert "fresh" in (await admin.get("/accounts")).words


@sqlite_only
async def test_nobody_changes_his_own_rights(house: House) -> None:
    admin_person = await Person.get(staff_no=CAST["sysadmin"])
    path = f"/people/{admin_person.public_id}"
    async with await house.as_role("sysadmin", "en-GB") as admin:
        await Account.get(person_id=admin_person.id)
        for act, fields in (("roles", {"role": "clerk"}), ("disable", {}), ("password", {})):
            answer = await admin.post(f"{path}/{act}", fields, page=path)
            assert answer.status == 403
            assert "another administrator" in answer.words
        grant = await Grant.filter(person_id=admin_person.id).first()
        assert grant
        assert (await admin.post(f"{path}/roles/{grant.id}/take", {}, page=path)).status == 403


@sqlite_only
@pytest.mark.parametrize(
    ("fields", "fault"), [({"role": "god"}, "f-role"), ({"role": "unit_head", "unit": ""}, "f-unit"), ({}, "f-role")]
)
async def test_a_role_must_exist_and_have_its_reach(house: House, fields: dict[str, str], fault: str) -> None:
    person = await house.person("officer")
    path, before = f"/people/{person.public_id}", await Grant.filter(person_id=person.id).count()
    async with await house.as_role("sysadmin") as admin:
        answer = await admin.post(f"{path}/roles", fields, page=path)
        assert answer.status == 422
        assert f'href="#{fault}"' in answer.text
    assert await Grant.filter(person_id=person.id).count() == before


@sqlite_only
async def test_numbers_and_texts_are_not_on_the_pages_of_the_administrator(house: House) -> None:
    person = await house.person("officer")
    async with await house.as_role("sysadmin") as admin:
        for path in (
            "/sending/messages",
            f"/sending/messages/{house.message}",
            "/people",
            f"/people/{person.public_id}",
            "/accounts",
        ):
            text = (await admin.get(path)).text
            assert "85290000001" not in text, path
            assert "+86100000000" not in text, path
            assert "您好" not in text or path == "/", path


async def test_a_clerk_answers_what_nobody_understood_once(house: House) -> None:
    path = f"/inbox/{house.talk}"
    unread = await Inbound.get(for_person=True)
    async with await house.as_role("clerk", "en-GB") as clerk:
        assert "Unread in the inbox" in (await clerk.get("/")).words
        fields = {"text": "请明早九点来窗口。", "last": str(unread.id)}
        empty = await clerk.post(f"{path}/answer", fields | {"text": ""}, page=path)
        assert empty.status == 422
        long = await clerk.post(f"{path}/answer", fields | {"text": "长" * 400}, page=path)
        assert long.status == 422
        assert "长" * 400 in long.text
        for _ in range(2):
            done = await clerk.post(f"{path}/answer", fields, page=path)
            assert "The answer is on its way" in done.words
        assert "Nothing unread" in (await clerk.get("/inbox")).words
        assert "请明早九点来窗口" in (await clerk.get(path)).words
    answers = await Message.filter(dedupe_key__startswith="inbox:")
    assert [house.office.key.decrypt(each.body or b"") for each in answers] == ["【星瀾海關】请明早九点来窗口。"]


@sqlite_only
async def test_only_what_was_set_aside_for_a_person_is_in_the_inbox(house: House) -> None:
    await Inbound.all().update(for_person=False)
    async with await house.as_role("clerk") as clerk:
        assert (await clerk.get(f"/inbox/{house.talk}")).status == 404
