"""Bulletins by way of the pages: begun, checked, approved by two, issued, read; the pages of who reads and of all."""

from io import BytesIO

from docx import Document
from pypdf import PdfReader

from models.org import Person
from models.outgoing import Message
from models.reading import RecordReader
from models.record import Record
from records import reading_out
from tests.console.browser import Answer, Browser
from tests.console.conftest import sqlite_only
from tests.console.house import House

OFFICER = "9021005"
FIELDS = {
    "kind": "case",
    "scope": "public",
    "naming": "none",
    "title": "窗口纪律提醒",
    "text": "窗口空岗一次，已当日整改。",
    "reminder": "上岗不离岗。",
}


async def post(browser: Browser, house: House, path: str, **fields: str) -> Answer:
    return await browser.post(path, fields, token=await house.token_of(browser))


async def act(browser: Browser, house: House, record: Record, name: str, **fields: str) -> Answer:
    return await post(browser, house, f"/records/{record.kind}/{record.public_id}/act", act=name, **fields)


async def begun(house: House, kind: str = "bulletin") -> Record:
    async with await house.as_person(await Person.get(staff_no=OFFICER), "en-GB") as officer:
        page = await officer.get(f"/records/{kind}")
        assert f"/records/{kind}/new" in page.text
        assert (await officer.get(f"/records/{kind}/new")).status == 200
        answer = await post(officer, house, f"/records/{kind}/new")
        assert "Begun" in answer.words
    return await Record.filter(kind=kind).order_by("-id").first()  # type: ignore[return-value]


async def test_from_the_draft_to_who_has_read_it(house: House) -> None:
    record = await begun(house)
    path = f"/records/bulletin/{record.public_id}"
    async with await house.as_person(await Person.get(staff_no=OFFICER), "en-GB") as officer:
        assert "Done" in (await act(officer, house, record, "起草", **FIELDS)).words
        page = await officer.get(path)
        assert page.text.count(FIELDS["text"]) >= 3, "what was drafted stands in the forms of both acts"
        named = await act(officer, house, record, "脱密检查", **{**FIELDS, "text": "沐远航在岗。"})
        assert (named.status, "沐远航在岗。" in named.text) == (422, True)
        assert "not to name persons" in named.words
        nobody = await act(officer, house, record, "脱密检查", **{**FIELDS, "readers": "没有此人"})
        assert (nobody.status, "没有此人 was not found" in nobody.words) == (422, True)
        assert "Done" in (await act(officer, house, record, "脱密检查", **FIELDS, readers="9021022, 9021014")).words
        assert (await officer.get(f"{path}/sheet")).words.count(FIELDS["text"]) == 1
    async with await house.as_role("leader", "en-GB") as leader, await house.as_role("integrity_head", "en-GB") as head:
        assert str(record.number) in (await leader.get("/waiting")).words
        assert (await leader.get(f"{path}/sheet")).status == 404
        assert (await leader.get(f"{path}/readers")).status == 404
        assert FIELDS["text"] in (await leader.get(path)).words
        assert "Done" in (await act(leader, house, record, "批准")).words
        assert "another one must confirm" in (await act(leader, house, record, "批准")).words
        assert "waits for the second person" in (await head.get("/waiting")).words
        assert "Done" in (await act(head, house, record, "批准")).words
        assert "waits for the second person" not in (await head.get("/waiting")).words
    async with await house.as_role("sysadmin", "en-GB") as reader:
        assert FIELDS["title"] not in (await reader.get("/bulletins")).words
        assert (await reader.get(f"/bulletins/{record.public_id}")).status == 404
    await _issued_and_read(house, record)


async def _issued_and_read(house: House, record: Record) -> None:
    path = f"/records/bulletin/{record.public_id}"
    async with await house.as_person(await Person.get(staff_no=OFFICER), "en-GB") as officer:
        assert "Done" in (await act(officer, house, record, "发布")).words
        while await reading_out.step(house.office, house.kinds):
            pass
        assert await Message.filter(text_key="T-BULLETIN").count() == 2
        readers = await officer.get(f"{path}/readers")
        assert "0 of 2 have read it" in readers.words
        assert "9021022" in readers.words
        paper = await officer.data(f"{path}/sheet.docx")
        lines = [line.text for line in Document(BytesIO(paper)).paragraphs]
        assert lines[:3] == [FIELDS["title"], record.number, "Scope: Public"]
        assert [line for line in lines if FIELDS["text"] in line or FIELDS["reminder"] in line] == [
            FIELDS["text"],
            f"Reminder: {FIELDS['reminder']}",
        ]
        pdf = "\n".join(
            page.extract_text() for page in PdfReader(BytesIO(await officer.data(f"{path}/sheet.pdf"))).pages
        )
        assert [word for word in (FIELDS["title"], record.number, FIELDS["reminder"]) if word not in pdf] == []
        assert any(line.startswith("Not yet: ") and "、" in line for line in lines)
    async with await house.as_role("sysadmin", "en-GB") as reader:
        assert FIELDS["title"] in (await reader.get("/bulletins")).words
        page = await reader.get(f"/bulletins/{record.public_id}")
        assert FIELDS["reminder"] in page.words
        again = await post(reader, house, f"/bulletins/{record.public_id}/read")
        assert "It is kept that you have read it" in again.words
        assert "I have read it" not in (await reader.get(f"/bulletins/{record.public_id}")).words
    assert await RecordReader.filter(record_id=record.id, read_by="web").count() == 1
    async with await house.as_role("clerk", "en-GB") as other:
        assert (await other.get(f"/bulletins/{record.public_id}")).status == 404
        assert (await post(other, house, f"/bulletins/{record.public_id}/read")).status == 404
    async with house.browser("en-GB") as anybody:
        public = await anybody.get("/public/bulletins")
        assert (public.status, FIELDS["text"] in public.words) == (200, True)
        assert "/records/" not in public.text


@sqlite_only
async def test_nobody_else_learns_of_the_registers(house: House) -> None:
    records = [await begun(house, kind) for kind in ("bulletin", "commendation", "transfer")]
    for role in ("leader", "unit_head", "clerk", "handler", "editor", "sysadmin"):
        async with await house.as_role(role, "en-GB") as browser:
            start = await browser.get("/")
            for record in records:
                assert str(record.number) not in start.words
                assert (await browser.get(f"/records/{record.kind}/{record.public_id}")).status in (403, 404)
                assert (await browser.get(f"/records/{record.kind}/new")).status in (403, 404), (role, record.kind)
                answer = await post(browser, house, f"/records/{record.kind}/new")
                assert answer.status in (403, 404)
    assert await Record.filter(kind__in=["bulletin", "commendation", "transfer"]).count() == 3


@sqlite_only
async def test_the_page_for_the_public_is_empty_until_something_is_published(house: House) -> None:
    async with house.browser("zh-CN") as anybody:
        page = await anybody.get("/public/bulletins")
        assert (page.status, "现在没有公布的内容" in page.words) == (200, True)
        english = await anybody.get("/public/bulletins?lang=en")
        assert "Nothing is published now" in english.words


@sqlite_only
async def test_the_parcel_of_a_transfer_is_handed_out_to_the_head_alone(house: House) -> None:
    from core.crypto import new_pair
    from records.parcels import key_text, open_parcel

    record, (public, private) = await begun(house, "transfer"), new_pair()
    path = f"/records/transfer/{record.public_id}/parcel"
    given = {"from_body": "纪检处", "to_body": "派驻组", "content": "一件线索", "receiver_key": key_text(public)}
    async with await house.as_person(await Person.get(staff_no=OFFICER), "en-GB") as officer:
        bad = await act(officer, house, record, "送出", **{**given, "receiver_key": "abc"})
        assert (bad.status, "This is no public key" in bad.words) == (422, True)
        assert "Done" in (await act(officer, house, record, "送出", **given)).words
        assert (await officer.get(path)).status == 404
    async with await house.as_role("integrity_head", "en-GB") as head:
        assert "Done" in (await act(head, house, record, "送出")).words
        file = await head.get(path)
        assert open_parcel(private, file.text)["content"] == "一件线索"
