"""The quarterly count by hand: what should be there follows from the records, two persons say what is."""

import json

import pytest

from core.errors import Conflict, NotAllowed, NotThere, Refused
from models.record import Record
from models.register import CustodyCount
from oversight import custody_counts
from tests.oversight.conftest import House
from tests.records.test_gift import SLIP, act, both, detail_of, held
from tests.records.test_transitions import messages


async def entered(house: House, found: list[int], reasons: dict[int, str] | None = None, who: str = "custodian") -> str:
    actor = await house.actor(who)
    return await custody_counts.enter(house.office, house.kinds, actor, frozenset(found), reasons or {})


async def confirmed(house: House, public_id: str, who: str = "auditor") -> CustodyCount:
    await custody_counts.confirm(house.office, house.kinds, await house.actor(who), public_id)
    return await CustodyCount.get(public_id=public_id)


async def test_what_should_be_there(house: House) -> None:
    first, second = await held(house), await held(house, giver_org="二行")
    await house.gift(giver_org="未交")
    gone = await held(house, giver_org="已退")
    await act(house, gone, "custodian", "退还")
    back = await held(house, giver_org="三行")
    await act(house, back, "custodian", "退还")
    await act(house, back, "custodian", "签收", disposal_date="2026-09-14")
    kept = await custody_counts.should_be_there(house.office, house.kinds, await house.actor("custodian"))
    assert [one.record_id for one in kept] == [first.record_id, second.record_id, gone.record_id]
    assert set(kept[0].facts) == {"custody_no", "receipt_no", "kind", "amount", "currency"}


async def test_one_enters_and_another_confirms(house: House) -> None:
    filed = await held(house)
    count = await entered(house, [filed.record_id])
    with pytest.raises(Refused, match="second_person"):
        await confirmed(house, count, "custodian")
    done = await confirmed(house, count)
    assert (done.state, done.expected, done.found, done.quarter) == ("done", 1, 1, "2026Q3")
    assert not any("清点" in text for text in await messages(house))
    (entry,) = await detail_of("counted")
    assert (entry["expected"], entry["found"], entry["missing"]) == (1, 1, [])
    with pytest.raises(Conflict):
        await confirmed(house, count)


async def test_a_difference_has_its_reason_and_is_told_to_the_head(house: House) -> None:
    there, missing = await held(house), await held(house, giver_org="二行")
    for reason in ("", " ", "长" * 201):
        with pytest.raises(Refused, match=r"count\.reason") as refused:
            await entered(house, [there.record_id], {missing.record_id: reason})
        assert refused.value.values["field"] == f"reason-{missing.record_id}"
    assert await CustodyCount.all().count() == 0
    count = await entered(house, [there.record_id], {missing.record_id: "柜中未见，正在查找"})
    row = await confirmed(house, count)
    assert (row.expected, row.found, row.lines) == (2, 1, {str(there.record_id): True, str(missing.record_id): False})
    assert (await messages(house))[-1] == "本季清点有差异，请登录管理台查看。"
    stored = bytes(row.reasons or b"") + json.dumps(await detail_of("counted"), ensure_ascii=False).encode()
    assert "柜中" not in stored.decode(errors="replace")
    (shown,) = await custody_counts.counts(house.office, await house.actor("integrity_head"))
    assert shown.missing == ((missing.number, "柜中未见，正在查找"),)
    (locked,) = await custody_counts.counts(house.office, await house.locked_actor("integrity_head"))
    assert locked.missing == ()


async def test_what_changed_meanwhile_is_counted_again(house: House) -> None:
    filed = await held(house)
    count = await entered(house, [filed.record_id])
    with pytest.raises(Conflict, match="waits"):
        await entered(house, [filed.record_id], who="auditor")
    await both(house, await house.gift(giver_org="二行"), "custodian", "auditor", "接收", **SLIP)
    with pytest.raises(Conflict, match="changed"):
        await confirmed(house, count)
    await custody_counts.drop(house.office, await house.actor("auditor"), count)
    again = await entered(house, [record.id for record in await Record.all()])
    assert (await confirmed(house, again)).found == 2
    assert len(await detail_of("count_dropped")) == 1


async def test_who_may_count_and_who_may_look(house: House) -> None:
    filed = await held(house)
    for nobody in ("officer", "integrity", "leader", "sysadmin", "port_head", "integrity_head"):
        with pytest.raises(NotAllowed):
            await entered(house, [filed.record_id], who=nobody)
    for nobody in ("officer", "integrity", "leader", "sysadmin", "port_head"):
        with pytest.raises(NotAllowed):
            await custody_counts.counts(house.office, await house.actor(nobody))
    with pytest.raises(NotThere):
        await confirmed(house, "nothing")


async def test_what_names_a_custodian_is_not_his_to_count(house: House) -> None:
    named = await house.gift(giver_name="康乐之")
    kept = await custody_counts.should_be_there(house.office, house.kinds, await house.actor("custodian"))
    assert named.record_id not in [one.record_id for one in kept]


@pytest.mark.parametrize(
    ("day", "quarter"),
    [("2026-09-30", "2026Q3"), ("2026-10-15", "2026Q3"), ("2026-11-02", "2026Q4"), ("2027-01-05", "2026Q4")],
)
async def test_the_quarter_just_over_is_counted_for_some_days(house: House, day: str, quarter: str) -> None:
    house.at(f"{day}T10:00")
    assert custody_counts.quarter_of(house.office) == quarter


async def test_an_empty_store_is_counted_too(house: House) -> None:
    row = await confirmed(house, await entered(house, [999]))
    assert (row.expected, row.found, row.lines) == (0, 0, {})
