"""The page of keys: taken over at the first sign-in, handed on and taken away; a locked record; a reset password."""

import re

import pytest
from argon2 import PasswordHasher

from models.org import Grant, Person
from models.record import GroupMember, KeyGroup
from people import passwords
from people.accounts import create_account
from tests.console.browser import Browser
from tests.console.house import House

PASSWORD = "lantern over the pier"


@pytest.fixture(autouse=True)
def _light(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same functions with little work, so that the tests are short."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    monkeypatch.setattr(passwords, "_KEY", passwords._KEY | {"time_cost": 1, "memory_cost": 8, "parallelism": 1})


async def hire(house: House, role: str, unit: str | None = None) -> Person:
    person = await house.person(role, unit)
    await create_account(house.office, person.id, role.replace("_", "-"), PASSWORD)
    return person


async def enter(browser: Browser, role: str, password: str = PASSWORD) -> str:
    """Sign in by the form; return the start page."""
    fields = {"login": role.replace("_", "-"), "password": password}
    return (await browser.post("/sign-in", fields, page="/sign-in")).words


async def test_a_key_is_taken_over_handed_on_and_taken_away(house: House) -> None:
    await hire(house, "clerk")
    head = await hire(house, "unit_head", "U10")
    record = f"/records/complaint/{house.complaint.public_id}"
    await house.complaint.__class__.filter(id=house.complaint.id).update(state="accepted", unit_id=head.unit_id)
    async with house.browser("en-GB") as clerk, house.browser("en-GB") as unit_head:
        early = await enter(unit_head, "unit_head")
        assert "have not admitted you yet" in early
        assert "Nobody holds this key yet" in (await unit_head.get("/keys")).words
        await enter(clerk, "clerk")
        assert "窗口没有人" in (await clerk.get(record)).text
        locked = await unit_head.get(record)
        assert locked.status == 200
        assert "This is sealed and you hold no key to it now" in locked.words
        assert "窗口没有人" not in locked.text
        assert 'action="' + record not in locked.text
        assert "Accounts that wait for you" in (await clerk.get("/")).words
        path = "/keys/complaint_centre"
        refused = await unit_head.post(f"{path}/admit", {"person": head.public_id}, page="/account")
        assert (refused.status, "hold no key to it" in refused.words) == (409, True)
        done = await clerk.post(f"{path}/admit", {"person": head.public_id}, page="/keys")
        assert "Admitted" in done.words
        assert "窗口没有人" in (await unit_head.get(record)).text
        gone = await clerk.post(f"{path}/remove/{head.public_id}", {}, page="/keys")
        assert "The key was taken away" in gone.words
        assert "窗口没有人" not in (await unit_head.get(record)).text
        own = (await house.person("clerk")).public_id
        last = await clerk.post(f"{path}/remove/{own}", {}, page="/keys")
        assert (last.status, "make a recovery key" in last.words) == (409, True)


async def test_nobody_is_admitted_whose_role_reads_nothing_of_it(house: House) -> None:
    await hire(house, "clerk")
    editor = await hire(house, "editor")
    async with house.browser("en-GB") as clerk:
        await enter(clerk, "clerk")
        for group, person, status in (
            ("complaint_centre", editor.public_id, 403),
            ("integrity_office", editor.public_id, 409),
            ("nothing", editor.public_id, 404),
            ("complaint_centre", "x", 404),
        ):
            answer = await clerk.post(f"/keys/{group}/admit", {"person": person}, page="/keys")
            assert answer.status == status, (group, person, answer.words)
        assert await GroupMember.all().count() == 1


async def test_administrators_learn_whose_key_nobody_holds_and_see_no_page_of_keys(house: House) -> None:
    async with await house.as_role("sysadmin", "en-GB") as admin:
        assert "Nobody holds these keys yet" in (await admin.get("/")).words
        assert (await admin.get("/keys")).status == 403
    await KeyGroup.all().update(private_key=b"")


async def test_a_reset_closes_sealed_records_until_somebody_admits_again(house: House) -> None:
    clerk_person = await hire(house, "clerk")
    second = await Person.get(staff_no="9021022")
    await Grant.create(person_id=second.id, role="clerk")
    await create_account(house.office, second.id, "second", PASSWORD)
    record = f"/records/complaint/{house.complaint.public_id}"
    path = f"/people/{clerk_person.public_id}"
    async with (
        await house.as_role("sysadmin", "en-GB") as admin,
        house.browser("en-GB") as clerk,
        house.browser("en-GB") as other,
    ):
        await enter(clerk, "clerk")
        refused = await admin.post(f"{path}/password", {}, page=path)
        assert (refused.status, "Only this account holds the key" in refused.words) == (409, True)
        await clerk.post("/keys/complaint_centre/admit", {"person": second.public_id}, page="/keys")
        shown = await admin.post(f"{path}/password", {}, page=path)
        assert "only after a colleague who holds the key" in shown.words
        password = re.search(r'id="password">([^<]+)<', shown.text)
        assert password
        assert (await clerk.get("/")).path == "/sign-in"
        await enter(clerk, "clerk", password[1])
        assert "you hold no key to it now" in (await clerk.get(record)).words
        await other.post("/sign-in", {"login": "second", "password": PASSWORD}, page="/sign-in")
        await other.post("/keys/complaint_centre/admit", {"person": clerk_person.public_id}, page="/keys")
        assert "窗口没有人" in (await clerk.get(record)).text
        fields = {"current": password[1], "fresh": PASSWORD, "again": PASSWORD}
        await clerk.post("/account/password", fields, page="/account")
        assert "窗口没有人" in (await clerk.get(record)).text


async def test_with_the_role_the_key_is_gone(house: House) -> None:
    await hire(house, "clerk")
    second = await Person.get(staff_no="9021022")
    grant = await Grant.create(person_id=second.id, role="clerk")
    await create_account(house.office, second.id, "second", PASSWORD)
    async with await house.as_role("sysadmin") as admin, house.browser() as clerk:
        await enter(clerk, "clerk")
        await clerk.post("/keys/complaint_centre/admit", {"person": second.public_id}, page="/keys")
        assert await GroupMember.all().count() == 2
        path = f"/people/{second.public_id}"
        await admin.post(f"{path}/roles/{grant.id}/take", {}, page=path)
        assert await GroupMember.all().count() == 1
