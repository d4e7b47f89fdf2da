"""Every transition of the registers that the office begins, and of reports of retaliation, is walked."""

from datetime import timedelta

from core.crypto import new_pair
from models import sql
from records import reading_out, system_acts
from records.filing import Filed, file
from records.owner_acts import choose
from records.parcels import key_text
from records.readers import acknowledge
from tests.records.conftest import BULLETIN, House
from tests.records.test_transitions import walked


def declared(house: House, kind: str) -> set[tuple[str, str]]:
    return {(move.act, move.to) for move in house.kinds.get(kind).moves}


async def over(house: House, days: int) -> None:
    """Let days pass, and the clock move what it moves."""
    house.clock.advance(timedelta(days=days))
    await system_acts.step(house.office, house.kinds)


async def state(house: House, filed: Filed) -> str:
    return (await house.record(filed)).state


async def test_bulletins(house: House) -> None:
    dropped = await house.begin("bulletin")
    assert await house.do("integrity", dropped, "起草", text="先写一半") == "draft"
    assert await house.do("integrity", dropped, "不再发") == "dropped"
    filed = await house.bulletin(readers="9021022")
    assert await house.do("leader", filed, "退回修改", reason="再核") == "draft"
    assert await house.do("integrity", filed, "脱密检查", **BULLETIN, readers="9021022") == "checked"
    await house.do("leader", filed, "批准")
    await house.do("integrity_head", filed, "批准")
    await house.do("integrity", filed, "发布")
    unread = await house.approved_bulletin()
    await house.do("integrity", unread, "发布")
    await reading_out.step(house.office, house.kinds)
    async with sql.transaction():
        await acknowledge(house.office, filed.record_id, house.persons["officer"].id, "sms")
    await reading_out.step(house.office, house.kinds)
    assert (await state(house, filed), await state(house, unread)) == ("read_up", "issued")
    await over(house, 31)
    assert (await state(house, filed), await state(house, unread)) == ("taken_down", "taken_down")
    assert await walked("bulletin") == declared(house, "bulletin")


async def test_commendations(house: House) -> None:
    given = {"source": "HB26091400019", "person": "9021022", "text": "如实登记。"}
    assert await house.do("integrity", await house.begin("commendation"), "放弃表彰") == "dropped"
    ended = []
    for place, act in ((3, ""), (1, "不予表彰"), (2, "批准")):
        filed = await house.begin("commendation")
        await house.do("integrity", filed, "征求", **given)
        async with sql.transaction():
            assert await choose(house.office, house.kinds, filed.record_id, place, house.staff("officer"))
        ended.append(await house.do("leader", filed, act) if act else await state(house, filed))
    assert ended == ["dropped", "dropped", "approved"]
    assert await house.do("integrity", filed, "发布", scope="office") == "published"
    await over(house, 31)
    assert await state(house, filed) == "taken_down"
    assert await walked("commendation") == declared(house, "commendation")


async def test_transfers(house: House) -> None:
    given = {"from_body": "纪检处", "to_body": "派驻组", "content": "一件", "receiver_key": key_text(new_pair()[0])}
    signed = [("签收", {"receipt_at": "2026-09-14 07:30"}), ("回告", {"result_code": "R1"})]
    for acts in ([("退回", {"reason": "不属受理范围"})], signed):
        filed = await house.transfer()
        await house.do("integrity", filed, "送出", **given)
        await house.do("integrity_head", filed, "送出")
        for name, values in acts:
            last = await house.do("integrity_head", filed, name, **values)
        assert last in ("refused", "result")
    assert await walked("transfer") == declared(house, "transfer")


async def test_reports_of_retaliation(house: House) -> None:
    for founded in (False, True):
        async with sql.transaction():
            filed = await file(house.office, house.kinds, "retaliation", {"what": "被调岗"}, house.staff("officer"))
        await house.do("integrity_head", filed, "联系")
        await house.do("integrity_head", filed, "评估", finding="见附件")
        if not founded:
            assert await house.do("leader", filed, "不成立", reason="无关") == "closed"
            continue
        await house.do("leader", filed, "采取措施", measures="恢复")
        await house.do("integrity_head", filed, "转跟踪")
        await over(house, 91)
        await house.do("integrity_head", filed, "90天复查", review="无")
        await over(house, 91)
        assert await house.do("integrity_head", filed, "180天复查", review="无") == "closed"
    assert await walked("retaliation") == declared(house, "retaliation")
