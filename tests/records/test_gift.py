"""The register of gifts: its limits, its tracks, acts of two persons, the rule for publication."""

import json
from datetime import timedelta

import pytest

from core.errors import Conflict, NotAllowed, NotThere, Refused
from core.media.result import Cleaned
from models import sql
from models.record import Record
from records import system_acts
from records.acts import acts_open, do_act, do_take_back
from records.amending import amend
from records.evidence import upload
from records.filing import Filed
from records.publication import public_list
from records.reading import list_records, open_record, waiting_acts
from records.status import own_open
from tests.records.conftest import House
from tests.records.test_limits import due
from tests.records.test_transitions import declared, messages, walked

SLIP = {"custody_no": "B-17", "receipt_no": "S-17"}
LETTER = {"letter_no": "星澜监函〔2026〕1号", "letter_to": "giver;employer", "letter_sent": "2026-09-14"}


async def act(house: House, filed: Filed, who: str, name: str, **values: str) -> Record:
    """Do an act and return the record after it."""
    await do_act(house.office, house.kinds, await house.actor(who), filed.public_id, name, values)
    return await house.record(filed)


async def both(house: House, filed: Filed, first: str, second: str, name: str, **values: str) -> Record:
    await act(house, filed, first, name, **values)
    return await act(house, filed, second, name)


async def names(house: House, filed: Filed, who: str) -> list[str]:
    return [
        one.act for one in await acts_open(house.office, house.kinds, await house.actor(who), await house.record(filed))
    ]


async def held(house: House, **more: str) -> Filed:
    filed = await house.gift(**more)
    await both(house, filed, "custodian", "auditor", "接收", **SLIP)
    return filed


async def to_hearing(house: House, **more: str) -> Filed:
    filed = await house.gift(**{"amount": "5000.00", **more})
    assert (await act(house, filed, "integrity", "核实")).tracks["publication"] == "proposed"
    await act(house, filed, "integrity", "告知")
    return filed


async def detail_of(event: str) -> list[dict[str, object]]:
    rows = await sql.rows(
        "SELECT d.detail FROM ledger_entry e JOIN ledger_detail d ON d.seq = e.seq WHERE e.event = $1 ORDER BY e.seq",
        event,
    )
    return [json.loads(row["detail"]) for row in rows]


async def test_what_is_counted_is_a_fact_in_minor_units(house: House) -> None:
    record = await house.record(await house.gift(amount="1234.50"))
    assert (record.facts["amount"], record.facts["currency"], record.facts["amount_cny"]) == (123450, "CNY", 123450)
    assert record.facts["officers_same_occasion"] == 1
    assert record.facts["received_at"] == "2026-09-11"
    assert {"giver_name", "description", "officer"} & record.facts.keys() == set()


async def test_limits_count_from_the_day_of_receipt(house: House) -> None:
    """S05: filed within three working days, handed in within a month, verified within five working days."""
    house.at("2026-09-14T09:05")
    filed = await house.gift()
    record = await house.record(filed)
    assert not record.facts["@course"]["filed_late"]
    assert filed.replies == (("T-HB-RECEIPT", {"no": filed.number, "date": "10月11日", "place": "纪检处301室"}),)
    assert await due(house, filed) == "09-20T24:00"
    house.at("2026-09-17T00:00")
    late = await house.record(await house.gift())
    assert late.facts["@course"]["filed_late"]


async def test_limits_count_from_the_return_to_office(house: House) -> None:
    house.at("2026-09-14T09:05")
    filed = await house.gift(received_at="2026-07-01")
    assert await due(house, filed) == "08-01T24:00"
    async with sql.transaction():
        await amend(house.office, house.kinds, filed.record_id, {"back_at": "2026-09-13"}, house.staff("officer"))
    assert await due(house, filed) == "09-20T24:00"
    away = await house.record(await house.gift(received_at="2026-07-01", back_at="2026-09-13"))
    assert not away.facts["@course"]["filed_late"]


async def test_two_different_persons_take_it_in(house: House) -> None:
    filed = await house.gift()
    record = await act(house, filed, "custodian", "接收", **SLIP)
    assert record.tracks == {"custody": "awaited"}
    assert "custody_no" not in record.facts
    with pytest.raises(Refused, match="second_person"):
        await act(house, filed, "custodian", "接收")
    record = await act(house, filed, "auditor", "接收")
    assert record.tracks == {"custody": "held"}
    assert record.facts["custody_no"] == "B-17"
    assert (await messages(house))[-1] == f"编号{filed.number}已于9月14日办妥，收据请向保管员领取。"
    proposed, moved = (await detail_of("proposed"))[0], (await detail_of("moved"))[0]
    assert (proposed["act"], moved["act"], moved["track"]) == ("接收", "接收", "custody")
    assert moved["first"]
    opened = await open_record(house.office, house.kinds, await house.actor("integrity"), filed.public_id)
    assert opened.values["custody_by"] == "9021007;9021008"


async def test_what_waits_can_be_taken_back_and_is_seen_by_the_second(house: House) -> None:
    filed = await house.gift()
    await act(house, filed, "custodian", "接收", **SLIP)
    record = await house.record(filed)
    shown = await acts_open(house.office, house.kinds, await house.actor("auditor"), record)
    assert [(one.act, one.proposed) for one in shown] == [("接收", SLIP)]
    await do_take_back(house.office, house.kinds, await house.actor("auditor"), filed.public_id, "接收")
    with pytest.raises(Refused, match="missing"):
        await act(house, filed, "auditor", "接收")
    assert len(await detail_of("taken_back")) == 1


async def test_what_cannot_be_done_is_not_even_proposed(house: House) -> None:
    filed = await to_hearing(house)
    with pytest.raises(Conflict, match="too_early"):
        await act(house, filed, "leader", "批准")
    with pytest.raises(NotAllowed):
        await act(house, filed, "integrity_head", "批准")
    assert await detail_of("proposed") == []


async def test_the_custodian_sees_the_thing_and_nobody(house: House) -> None:
    filed = await house.gift()
    custodian = await house.actor("custodian")
    assert await list_records(house.office, house.kinds, custodian, "gift") == []
    assert [row.number for row in await waiting_acts(house.office, house.kinds, custodian, "gift")] == [filed.number]
    seen = await open_record(house.office, house.kinds, custodian, filed.public_id)
    assert set(seen.values) == {"no", "description", "amount", "currency", "kind"}
    await both(house, filed, "custodian", "auditor", "接收", **SLIP)
    seen = await open_record(house.office, house.kinds, custodian, filed.public_id)
    assert {"giver_name", "giver_org"} <= set(seen.values)
    assert not {"officer", "place", "officer_unit"} & set(seen.values)


async def test_who_filed_it_and_other_units_do_not_know_of_it(house: House) -> None:
    filed = await house.gift()
    for who in ("officer", "port_head", "integrity_other", "area_leader"):
        with pytest.raises(NotThere):
            await open_record(house.office, house.kinds, await house.actor(who), filed.public_id)
    named = await house.gift(giver_name="宁见微")
    with pytest.raises(NotThere):
        await open_record(house.office, house.kinds, await house.actor("integrity"), named.public_id)


async def test_the_owner_is_told_that_a_thing_is_waited_for(house: House) -> None:
    filed = await house.gift()
    source = house.staff("officer")
    line = (await own_open(house.office, house.kinds, source.address_id or 0, source.person_id))[0]
    assert (line.state_key, f"{line.date:%m-%d}") == ("status.waiting_you", "10-11")
    await both(house, filed, "custodian", "auditor", "接收", **SLIP)
    line = (await own_open(house.office, house.kinds, source.address_id or 0, source.person_id))[0]
    assert line.state_key == "status.received"


async def test_an_unknown_amount_is_estimated_before_it_is_verified(house: House) -> None:
    filed = await house.gift(amount="unknown")
    assert "amount_cny" not in (await house.record(filed)).facts
    with pytest.raises(Refused, match="missing") as refused:
        await act(house, filed, "integrity", "核实")
    assert refused.value.values["field"] == "amount_cny"
    record = await act(house, filed, "integrity", "核实", amount_cny="6000", valuer="询价")
    assert (record.facts["amount_cny"], record.facts["publish_reasons"]) == (600000, "r2")
    foreign = await house.record(await house.gift(amount="900.00", currency="USD"))
    assert (foreign.facts["amount"], "amount_cny" in foreign.facts) == (90000, False)


async def test_the_rule_for_publication(house: House) -> None:
    async def reasons(filed: Filed, **values: str) -> str | None:
        found: str | None = (await act(house, filed, "integrity", "核实", **values)).facts.get("publish_reasons")
        return found

    first, second = await house.gift(), await house.gift("officer_2", giver_org="折桂 报关行", giver_name="金某")
    assert await reasons(first) is None
    assert await reasons(second) == "r1"
    assert await reasons(await house.gift(giver_org="unknown", giver_name="unknown")) is None
    assert await reasons(await house.gift(giver_org="unknown", giver_name="unknown")) is None
    assert await reasons(await house.gift(giver_org="甲行", amount="5000.00")) == "r2"
    assert await reasons(await house.gift(giver_org="乙行", amount="4999.99")) is None
    assert await reasons(await house.gift(giver_org="丙行", officers_same_occasion="3")) == "r3"
    assert await reasons(await house.gift(giver_org="丁行"), bribery="true") == "r4"
    none = await house.gift(giver_org="戊行")
    await act(house, none, "integrity", "不属", reason="亲友往来")
    assert await reasons(await house.gift(giver_org="戊行")) is None
    assert await reasons(await house.gift(giver_org="戊行", amount="8000.00", officers_same_occasion="4")) == "r1;r2;r3"


async def _ways_of_things(house: House) -> None:
    filed = await held(house)
    assert "直接缴库" not in await names(house, filed, "custodian")  # who gave it is known
    assert "易腐处置" not in await names(house, filed, "custodian")
    await act(house, filed, "custodian", "退还")
    record = await act(house, filed, "custodian", "签收", disposal_date="2026-09-14")
    assert (record.tracks["custody"], record.facts["disposal"]) == ("returned", "returned")
    filed = await held(house, giver_org="二行")
    await act(house, filed, "custodian", "退还")
    treasury = {"treasury_doc": "K-1", "disposal_date": "2026-09-14"}
    failed = {"attempt_date": "2026-09-14", "attempt_result": "地址不存在"}
    assert (await act(house, filed, "custodian", "退还未成", **failed)).tracks["custody"] == "returning"
    record = await act(house, filed, "custodian", "无法退还缴库", **treasury)
    assert (record.tracks["custody"], record.facts["disposal"]) == ("remitted", "treasury")
    filed = await held(house, giver_name="unknown", giver_org="unknown")
    assert (await act(house, filed, "custodian", "直接缴库", **treasury)).tracks["custody"] == "remitted"
    assert (await act(house, filed, "integrity", "核实")).tracks["letter"] == "not_due"
    filed = await held(house, kind="6", giver_org="三行")
    assert await due(house, filed) == "09-15T24:00"  # decided within one working day
    person, kind = house.persons["custodian"], house.kinds.get("gift")
    taken = await upload(house.office, kind, "disposal_photo", b"x", Cleaned("text/plain", b"x"), person.id, "zh-Hans")
    photo = {"disposal_photo": taken, "disposal_date": "2026-09-14"}
    assert (await both(house, filed, "auditor", "custodian", "易腐处置", **photo)).tracks["custody"] == "disposed"
    filed = await held(house, giver_org="四行")
    other = {"disposal": "evidence", "disposal_date": "2026-09-14", "reason": "移送"}
    assert (await both(house, filed, "integrity_head", "integrity", "其他处置", **other)).tracks[
        "custody"
    ] == "disposed"
    with pytest.raises(Refused, match="future_date"):
        await act(house, await held(house), "integrity_head", "其他处置", **{**other, "disposal_date": "2026-09-15"})


STATEMENT = {"giver_statement": "是员工个人所为", "statement_date": "2026-09-14"}
ACCOUNT = {"account_slip_no": "581-77", "account_slip_date": "2026-09-12"}


async def _slips_of_the_account(house: House) -> None:
    """A slip settles only where it bears the name and is older than an inquiry."""
    filed = await house.gift(giver_org="八行")
    for slip in ({"account_slip_named": "2"}, {"account_slip_named": "1", "inquiry_from": "2026-09-12"}):
        record = await act(house, filed, "integrity", "登记缴存单", **ACCOUNT, **slip)
        assert record.tracks["custody"] == "awaited"
        assert "认定缴存" not in await names(house, filed, "integrity")
        with pytest.raises(Conflict):
            await act(house, filed, "integrity", "认定缴存")
    later = {"account_slip_named": "1", "inquiry_from": "2026-09-13"}
    await act(house, filed, "integrity", "登记缴存单", **ACCOUNT, **later)
    record = await act(house, filed, "integrity", "认定缴存")
    assert (record.tracks["custody"], record.facts["disposal"]) == ("paid_in", "treasury")


async def _longer_hearing(house: House) -> None:
    """The giver is heard for as long again, once; what he states is there for who decides."""
    filed = await to_hearing(house, giver_org="九行")
    await act(house, filed, "integrity", "记录陈述", **STATEMENT)
    await act(house, filed, "integrity", "延长听取", reason="送礼人在外地")
    assert "延长听取" not in await names(house, filed, "integrity")
    house.clock.advance(timedelta(days=10))
    await act(house, filed, "integrity", "记录陈述", **{**STATEMENT, "giver_statement": "再次说明"})
    seen = await open_record(house.office, house.kinds, await house.actor("leader"), filed.public_id)
    assert seen.values["giver_statement"] == "再次说明"
    assert not {"officer", "officer_unit", "place", "description"} & set(seen.values)
    assert (await both(house, filed, "leader", "integrity_head", "批准")).tracks["publication"] == "approved"
    await act(house, filed, "integrity", "公布")
    assert len(await public_list(house.office, "gift")) == 1
    early = await act(house, filed, "integrity_head", "提前撤下", reason="送礼人已作出说明")
    assert (early.tracks["publication"], early.facts["published_to"]) == ("ended", "2026-09-24")
    assert await public_list(house.office, "gift") == []


async def _ways_of_the_rest(house: House) -> None:
    filed = await to_hearing(house, handling="1", giver_org="五行")
    house.clock.advance(timedelta(days=10))
    assert (await act(house, filed, "integrity", "无实物")).tracks["custody"] == "none"
    record = await act(house, filed, "integrity", "拟函", letter_to="giver;employer")
    assert (record.tracks["letter"], record.facts["letter_no"]) == ("to_send", "监函〔2026〕1号")
    record = await act(house, filed, "integrity", "致函", letter_sent="2026-09-14")
    assert (record.tracks["letter"], record.facts["letter_no"]) == ("sent", "监函〔2026〕1号")
    assert record.facts["letter_to"] == "giver;employer"
    assert (await both(house, filed, "leader", "integrity_head", "批准")).tracks["publication"] == "approved"
    record = await act(house, filed, "integrity", "公布")
    assert (record.facts["published_from"], record.facts["published_to"]) == ("2026-09-24", "2026-10-24")
    with pytest.raises(Conflict):
        await act(house, filed, "integrity", "办结")
    assert record.moves_at is not None
    house.clock.move_to(record.moves_at)
    assert await system_acts.step(house.office, house.kinds) >= 1  # reminders of other gifts may be among them
    record = await act(house, filed, "integrity", "办结", taker_sanction="party;admin")
    assert (record.state, record.tracks["publication"], record.due_at) == ("closed", "ended", None)
    filed = await to_hearing(house, giver_org="六行")
    assert (await act(house, filed, "leader", "不予公布", reason="已说明")).tracks["publication"] == "declined"
    assert (await act(house, filed, "integrity_head", "免予致函", reason="单位已撤")).tracks["letter"] == "not_due"


async def test_every_transition_is_walked(house: House) -> None:
    house.at("2026-09-14T09:00")
    await _ways_of_things(house)
    await _slips_of_the_account(house)
    await _longer_hearing(house)
    house.at("2026-09-14T10:00")
    await _ways_of_the_rest(house)
    await act(house, await house.gift(giver_org="七行"), "integrity", "不属", reason="亲友往来")
    in_custody = await held(house)
    with pytest.raises(Conflict):
        await act(house, in_custody, "integrity", "不属", reason="亲友往来")
    assert await walked("gift") == declared(house, "gift")


async def test_a_choice_that_does_not_exist_is_refused(house: House) -> None:
    filed = await house.gift()
    await act(house, filed, "integrity", "核实")
    with pytest.raises(Refused, match="invalid"):
        await act(house, filed, "integrity", "致函", **{**LETTER, "letter_to": "giver;press"})
