"""A complaint by way of its page: read (which the ledger knows), taken up, assigned, answered, sent."""

from messaging import addresses
from models import sql
from models.ledger import LedgerEntry
from models.org import Person
from models.outgoing import Message
from models.record import Record
from records.filing import file
from records.source import Source
from tests.console.browser import Answer, Browser
from tests.console.conftest import sqlite_only
from tests.console.house import House

ANSWER = "窗口已增派人员，给您添麻烦了，谢谢提醒。"


async def act(browser: Browser, house: House, name: str, **fields: str) -> Answer:
    path = f"/records/complaint/{house.complaint.public_id}"
    return await browser.post(f"{path}/act", {"act": name, **fields}, token=await house.token_of(browser))


async def test_from_receiving_to_the_answer(house: House) -> None:
    path = f"/records/complaint/{house.complaint.public_id}"
    head = await house.person("unit_head", "U10")
    handler = await house.person("handler")
    async with await house.as_role("clerk", "en-GB") as clerk:
        assert house.complaint.number in (await clerk.get("/records/complaint")).words
        page = await clerk.get(path)
        assert "窗口没有人" in page.words
        assert "2 working days left" in page.words
        assert await LedgerEntry.filter(event="read", record_id=house.complaint.id).count() == 1
        lacking = await act(clerk, house, "受理", unit="U10")
        assert lacking.status == 422
        assert "Choose" in lacking.words or "Enter" in lacking.words
        assert (
            "Done, and written" in (await act(clerk, house, "受理", unit="U10", category="c04", state="closed")).words
        )
        strange = await act(clerk, house, "审核发出")
        assert strange.status == 409
        assert "Done" in (await act(clerk, house, "转办", assignee=handler.staff_no or "")).words
    async with await house.as_person(handler, "en-GB") as mine:
        for name in ("签收", "承办"):
            assert "Done" in (await act(mine, house, name)).words
        look = await act(mine, house, "拟答复", reply=ANSWER, found="founded", preview="1")
        assert f"{house.complaint.number}答覆：{ANSWER}" in look.words
        assert (await Record.get(id=house.complaint.id)).state == "handling"
        assert "Done" in (await act(mine, house, "拟答复", reply=ANSWER, found="founded")).words
    async with await house.as_person(head, "en-GB") as head_browser:
        assert ANSWER in (await head_browser.get(path)).words
        assert "Done" in (await act(head_browser, house, "审核发出")).words
    assert (await Record.get(id=house.complaint.id)).state == "replied"
    sent = [house.office.key.decrypt(each.body) for each in await Message.filter(text_key="T-REPLIED") if each.body]
    assert any(ANSWER in text for text in sent)


@sqlite_only
async def test_what_was_typed_stays_when_an_act_is_refused(house: House) -> None:
    async with await house.as_role("clerk", "en-GB") as clerk:
        answer = await act(clerk, house, "补充", what_is_missing="x" * 60)
        assert answer.status == 422
        assert "x" * 60 in answer.text
        assert (await Record.get(id=house.complaint.id)).state == "received"


@sqlite_only
async def test_the_list_is_searched_by_number_within_reach(house: House) -> None:
    async with await house.as_role("clerk", "en-GB") as clerk:
        own = await clerk.get(f"/records/complaint?view=all&number={house.complaint.number}")
        other = await clerk.get(f"/records/complaint?view=all&number={house.plea.number}")
        late = await clerk.get("/records/complaint?view=late&before=x&unit=nowhere")
    assert f"/records/complaint/{house.complaint.public_id}" in own.text
    assert "There are no records here" in other.words
    assert "There are no records here" in late.words


@sqlite_only
async def test_the_integrity_officer_reads_the_plea_and_the_ledger_knows(house: House) -> None:
    path = f"/records/intercession/{house.plea.public_id}"
    async with await house.as_role("integrity_head", "en-GB") as head:
        page = await head.get(path)
        assert "周某" in page.words
        assert "先放行" in page.words
    assert await LedgerEntry.filter(event="read", record_id=house.plea.id).count() == 1
    assert await Person.all().exists()


async def _gift(house: House) -> Record:
    officer = await Person.get(staff_no="9021022")
    chat = await addresses.find_or_create(house.office, "telegram", "900000022")
    values = {"received_at": "2026-09-13", "giver_name": "许某", "amount": "1234.50", "handling": "3", "kind": "5"}
    async with sql.transaction():
        source = Source(chat.id, officer.id, "telegram", "zh-Hans", "bound_account")
        filed = await file(house.office, house.kinds, "gift", {**values, "description": "茶具一套"}, source)
    return await Record.get(id=filed.record_id)


async def test_a_thing_is_taken_in_by_two_custodians(house: House) -> None:
    gift = await _gift(house)
    path = f"/records/gift/{gift.public_id}"
    people = [await Person.get(staff_no=number) for number in ("9021007", "9021008")]
    slip = {"act": "接收", "custody_no": "B-17", "receipt_no": "S-17"}
    async with await house.as_person(people[0], "en-GB") as first, await house.as_person(people[1], "en-GB") as second:
        assert str(gift.number) in (await first.get("/")).words
        waiting = await first.get("/records/gift")
        assert "Waiting for you" in waiting.words
        assert str(gift.number) in waiting.words
        page = await first.get(path)
        assert "茶具一套" in page.words
        assert "1,234.50" in page.words
        assert "This takes two persons" in page.words
        assert "许某" not in page.words
        token = await house.token_of(first)
        assert "Done" in (await first.post(f"{path}/act", slip, token=token)).words
        alone = await first.post(f"{path}/act", {"act": "接收"}, token=token)
        assert (alone.status, "another one must confirm" in alone.words) == (422, True)
        seen = await second.get(path)
        assert "waits for you to confirm" in seen.words
        assert "B-17" in seen.words
        token = await house.token_of(second)
        back = {"act": "接收", "take_back": "1"}
        assert "Taken back" in (await second.post(f"{path}/act", back, token=token)).words
        await second.post(f"{path}/act", slip, token=token)
        assert (await second.get(f"{path}/slip")).status == 404
        done = await first.post(f"{path}/act", {"act": "接收"}, token=await house.token_of(first))
        assert "Done" in done.words
        slip_page = await first.get(f"{path}/slip")
        assert slip_page.words.count("茶具一套") == 3
        assert slip_page.words.count("Second receiver") == 3
        assert slip_page.words.count("S-17") == 3
    assert (await Record.get(id=gift.id)).tracks == {"custody": "held"}
    async with await house.as_role("integrity_head", "en-GB") as head:
        page = await head.get(path)
        assert "In custody" in page.words
        assert "Proposed, waits for a second person" in page.words
        assert "康乐之 (9021007)" in page.words or "Kang Lezhi (9021007)" in page.words


@sqlite_only
async def test_the_register_of_gifts_is_shut_to_others(house: House) -> None:
    gift = await _gift(house)
    for role in ("clerk", "sysadmin", "editor"):
        async with await house.as_role(role) as other:
            assert (await other.get(f"/records/gift/{gift.public_id}")).status in (403, 404)
            assert (await other.get("/records/gift")).status in (403, 404)
