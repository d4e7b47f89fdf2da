"""A record comes to be: row, sealed statement, number, code, ledger entry; or nothing at all."""

import asyncio

import pytest

from core.errors import NotAllowed, Refused
from core.numbers import parse_number
from models import ledger_read, sql
from models.record import KeyGroup, Record, RecordMatch, Statement
from records.filing import file
from records.source import Source
from tests.records.conftest import INTERCESSION, House


async def test_a_complaint_is_filed(house: House) -> None:
    filed = await house.complain("窗口等了两个小时没人理")
    record = await house.record(filed)
    assert (record.state, record.kind, record.lang, record.channel) == ("received", "complaint", "zh-Hans", "sms")
    assert parse_number(filed.number) is not None
    assert filed.number == "TS26091400019" or filed.number.startswith("TS2609140001")
    assert filed.query_code is not None
    assert len(filed.query_code) == 6
    assert filed.replies == (("T-TS-RECEIPT", {"no": filed.number, "code": filed.query_code, "date": "9月16日"}),)
    facts = {key: value for key, value in record.facts.items() if not key.startswith("@")}
    assert facts == {
        "no": filed.number,
        "received_at": "2026-09-14T00:00:00+00:00",
        "channel": "sms",
        "lang": "zh-Hans",
        "identity_mode": "anonymous",
    }
    statement = await Statement.get(record_id=record.id)
    assert statement.fields_given == ["content", "sender_phone"]
    assert await RecordMatch.filter(record_id=record.id, field="query_code").count() == 1


async def test_an_intercession_is_filed(house: House) -> None:
    house.at("2026-09-14T10:12")
    filed = await house.plead(channel="sms")
    record = await house.record(filed)
    assert record.state == "submitted"
    assert filed.number.startswith("SQ260914")
    assert filed.query_code is None
    assert filed.replies == (("T-SQ-RECEIPT", {"no": filed.number, "hhmm": "10:12"}),)
    assert record.facts["proof"] == "signing_code"
    assert record.facts["officer_unit"] == "U10A"
    assert record.unit_id == house.units["U10A"].id
    statement = await Statement.get(record_id=record.id)
    assert statement.fields_given == ["asker_name", "asker_unit_post", "officer", "officer_post", "request"]


REFUSED: list[tuple[str, str, dict[str, str], str, type[Exception]]] = [
    ("an outsider files no intercession", "intercession", INTERCESSION, "outsider", NotAllowed),
    ("an SMS without signing code", "intercession", INTERCESSION, "unsigned", NotAllowed),
    ("an answer is missing", "intercession", {**INTERCESSION, "request": ""}, "officer", Refused),
    ("a field of the office", "complaint", {"content": "没人", "identity_mode": "named"}, "outsider", Refused),
    ("nothing is said", "complaint", {}, "outsider", Refused),
]


async def test_what_is_refused_leaves_nothing(house: House) -> None:
    staff = house.persons["officer"].id
    sources = {
        "outsider": await house.outsider(),
        "unsigned": Source(house.numbers["officer"], staff, "sms", "zh-Hans"),
        "officer": house.staff("officer"),
    }
    for why, kind, values, who, error in REFUSED:
        with pytest.raises(error) as caught:
            async with sql.transaction():
                await file(house.office, house.kinds, kind, values, sources[who])
        assert type(caught.value) is error, why
    assert await Record.all().count() == await Statement.all().count() == 0
    assert [row async for row in ledger_read.rows()] == []


@pytest.mark.parametrize("kind", ["complaint", "intercession"])
async def test_numbers_are_unique_when_many_file_at_once(house: House, kind: str) -> None:
    filing = house.complain if kind == "complaint" else house.plead
    filed = await asyncio.gather(*(filing() for _ in range(12)))
    numbers = {each.number for each in filed}
    assert len(numbers) == 12
    if kind == "complaint":
        assert sorted(parse_number(each).sequence for each in numbers) == list(range(1, 13))  # type: ignore[union-attr]
    assert [row.entry.seq async for row in ledger_read.rows()] == list(range(12))


@pytest.mark.parametrize("change", ["UPDATE ledger_entry SET event = 'x'", "DELETE FROM ledger_entry"])
async def test_the_ledger_is_append_only(house: House, change: str) -> None:
    await house.complain()
    with pytest.raises(Exception, match="append-only"):
        await sql.execute(change)


async def test_groups_are_made_once(house: House) -> None:
    made = sorted(str(each.name) for each in await KeyGroup.all())
    assert made == ["complaint_centre", "integrity_office", "retaliation"]
