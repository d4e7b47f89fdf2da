"""Transfers: a parcel that only its receiver opens, sent by two persons, signed for, answered."""

import json

import pytest

from core.crypto import new_pair
from core.errors import KeyFileError, NotThere, Refused
from models.reading import InFlight
from records.filing import Filed
from records.in_flight import in_flight
from records.parcels import key_text, make_parcel, open_parcel, read_key
from records.reading import list_records, open_record
from tests.records.conftest import House

CONTENT = "8月12日，素舸货代在港边饭店宴请。"


def given(public: bytes) -> dict[str, str]:
    return {
        "from_body": "纪检监察处",
        "to_body": "派驻纪检监察组",
        "content": CONTENT,
        "receiver_key": key_text(public),
    }


async def sent(house: House, public: bytes) -> Filed:
    filed = await house.begin("transfer")
    assert await house.do("integrity", filed, "送出", **given(public)) == "prepared"
    assert await house.do("integrity_head", filed, "送出") == "sent"
    return filed


async def test_only_the_receiver_opens_the_parcel(house: House) -> None:
    public, private = new_pair()
    filed = await sent(house, public)
    parcel = (await in_flight(house.office, filed.record_id))["parcel"]
    assert CONTENT not in parcel
    opened = open_parcel(private, parcel)
    assert (opened["no"], opened["content"], opened["to_body"]) == (filed.number, CONTENT, "派驻纪检监察组")
    with pytest.raises(KeyFileError):
        open_parcel(new_pair()[1], parcel)
    altered = json.loads(parcel) | {"content": json.loads(parcel)["content"][:-8] + "AAAAAAA="}
    with pytest.raises(KeyFileError):
        open_parcel(private, json.dumps(altered))


async def test_the_second_person_is_another_one(house: House) -> None:
    filed = await house.begin("transfer")
    public, _ = new_pair()
    assert await house.do("integrity", filed, "送出", **given(public)) == "prepared"
    with pytest.raises(Refused, match="second_person"):
        await house.do("integrity", filed, "送出")
    assert await InFlight.filter(record_id=filed.record_id).count() == 0


WRONG_KEYS = ["", "派驻组公钥", "AAAA", "A" * 43, "x" * 60]


@pytest.mark.parametrize("key", WRONG_KEYS)
async def test_a_wrong_key_is_refused_and_nothing_is_kept(house: House, key: str) -> None:
    filed = await house.begin("transfer")
    with pytest.raises(Refused) as refused:
        await house.do("integrity", filed, "送出", **{**given(new_pair()[0]), "receiver_key": key})
    assert refused.value.values["field"] == "receiver_key"
    assert (await house.record(filed)).state == "prepared"


async def test_it_is_signed_for_answered_and_its_copy_erased(house: House) -> None:
    filed = await sent(house, new_pair()[0])
    record = await house.record(filed)
    assert (record.facts["sent_on"], record.due_at is not None) == ("2026-09-14", True)
    assert await house.do("integrity_head", filed, "签收", receipt_at="2026-09-14 07:50") == "received"
    assert await InFlight.filter(record_id=filed.record_id).count() == 0
    assert await house.do("integrity_head", filed, "回告", result_code="R-2") == "result"
    record = await house.record(filed)
    assert not [value for value in record.facts.values() if CONTENT in str(value) or "派驻" in str(value)]


async def test_who_began_it_sees_that_it_is_there_and_not_what_is_in_it(house: House) -> None:
    filed = await sent(house, new_pair()[0])
    mine = await open_record(house.office, house.kinds, await house.actor("integrity"), filed.public_id)
    assert not {"content", "parcel", "to_body"} & mine.values.keys()
    head = await open_record(house.office, house.kinds, await house.actor("integrity_head"), filed.public_id)
    assert (head.values["content"], head.values["sent_by"]) == (CONTENT, "9021005;9021004")
    with pytest.raises(NotThere):
        await open_record(house.office, house.kinds, await house.actor("integrity_other"), filed.public_id)
    for who in ("leader", "clerk", "port_head", "officer"):
        assert await list_records(house.office, house.kinds, await house.actor(who), "transfer") == []


def test_a_key_is_read_as_it_is_told() -> None:
    public, private = new_pair()
    assert read_key(f" {key_text(public)}\n") == public
    assert len(key_text(public)) == 43
    assert open_parcel(private, make_parcel(key_text(public), {"a": "甲"})) == {"a": "甲"}
    for wrong in ("{}", "[]", "not json", '{"format": "lianxin parcel 1"}'):
        with pytest.raises(KeyFileError):
            open_parcel(private, wrong)
