"""Every page for every role, generated from the table of pages; and what another unit must not even notice."""

from console.guard import ANYBODY
from console.routes import PAGES
from models.org import Grant
from models.record import Record
from people.roles import roles
from tests.console.conftest import sqlite_only
from tests.console.house import House

NOT_HELD = {"public", "family"}


def address_of(house: House, path: str) -> str:
    known = {
        "campaign": house.campaign.public_id,
        "kind": "complaint",
        "record": house.complaint.public_id,
        "address": house.talk,
        "message": str(house.message),
    }
    for name, value in known.items():
        path = path.replace("{" + name + "}", value)
    return path.replace("{group}", "to_send").replace("{", "").replace("}", "")


@sqlite_only
async def test_nobody_gets_in_without_signing_in(house: House) -> None:
    async with house.browser() as browser:
        token = await browser.token("/sign-in")
        for page in PAGES:
            if page.act == ANYBODY:
                continue
            address = address_of(house, page.path)
            if page.method == "GET":
                answer = await browser.get(address, follow=False)
            else:
                answer = await browser.post(address, {}, token=token, follow=False)
            assert answer.status == 303, address
            assert answer.headers["Location"].startswith("/sign-in"), address


@sqlite_only
async def test_every_page_for_every_role(house: House) -> None:
    """403 exactly where the role lacks the act; what it has answers with anything else, never with 500."""
    held = {role.id: role for role in roles().by_id.values() if role.id not in NOT_HELD}
    faults = []
    person = await house.person("officer")
    for role in held.values():
        await Grant.filter(person_id=person.id).delete()
        await Grant.create(person_id=person.id, role=role.id)
        async with await house.as_person(person) as browser:
            token = await house.token_of(browser)
            for page in PAGES:
                if page.act == ANYBODY or page.path == "/sign-out":
                    continue
                address = address_of(house, page.path)
                if page.method == "GET":
                    answer = await browser.get(address, follow=False)
                else:
                    answer = await browser.post(address, {}, token=token, follow=False)
                allowed = page.act in role.may
                if (not allowed and answer.status != 403) or answer.status >= 500:
                    faults.append((role.id, page.method, address, answer.status))
                if allowed and answer.status == 403 and "/acts/" not in address:
                    faults.append((role.id, page.method, address, answer.status))
    assert not faults


@sqlite_only
async def test_records_out_of_reach_do_not_exist(house: House) -> None:
    """A complaint against U10 and a plea of an officer of U10A: who must find nothing at all."""
    complaint, plea = house.complaint.public_id, house.plea.public_id
    await Record.filter(id=house.complaint.id).update(state="accepted")
    near = await house.person("unit_head", "U10")
    far = await house.person("unit_head", "U11")
    clerk, sysadmin = await house.person("clerk"), await house.person("sysadmin")
    sees = [
        (near, f"/records/complaint/{complaint}", 200),
        (far, f"/records/complaint/{complaint}", 404),
        (near, f"/records/intercession/{plea}", 404),
        (near, f"/records/complaint/{plea}", 404),
        (near, "/records/intercession", 404),
        (clerk, f"/records/intercession/{plea}", 404),
        (clerk, f"/records/complaint/{plea}", 404),
        (clerk, "/records/intercession", 404),
        (sysadmin, f"/records/complaint/{complaint}", 403),
        (sysadmin, "/records/intercession", 403),
    ]
    for person, path, status in sees:
        async with await house.as_person(person) as browser:
            assert (await browser.get(path)).status == status, (person.staff_no, path)


@sqlite_only
async def test_no_page_tells_of_a_plea_to_who_may_not_know(house: House) -> None:
    head, number = await house.person("unit_head", "U10"), house.plea.number or "-"
    for person in (head, await house.person("clerk"), await house.person("sysadmin"), await house.person("editor")):
        async with await house.as_person(person) as browser:
            for path in (
                "/",
                "/records/complaint",
                f"/records/complaint?view=all&number={number}",
                "/sending/messages",
                "/people",
            ):
                answer = await browser.get(path)
                found = answer.text.replace(f'value="{number}"', "").replace(f"number={number}", "")
                assert number not in found, path
                assert "说情" not in found, path
                assert "周某" not in found, path
