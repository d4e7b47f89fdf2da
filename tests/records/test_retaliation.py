"""Reports of retaliation: a short path of their own, round every superior of who reports."""

from datetime import timedelta

import pytest

from core.errors import Conflict, NotThere
from models import sql
from models.outgoing import Message
from models.reading import InFlight
from records import system_acts
from records.filing import Filed, file
from records.reading import list_records, open_record, waiting_acts
from records.source import Source
from tests.records.conftest import House

WHAT = "上月登记后被调离岗位"
FINDING = "调岗与登记时间相近，无工作需要的说明。"
LOOKS = [(90, "first_look", "90天复查", "watched_on"), (180, "second_look", "180天复查", "closed")]


async def suffer(house: House, who: str | None = "officer", what: str = WHAT) -> Filed:
    source: Source = house.staff(who) if who else await house.outsider()
    async with sql.transaction():
        return await file(house.office, house.kinds, "retaliation", {"what": what}, source)


async def told(house: House, key: str = "T-DUTY-NEW") -> list[int]:
    rows = await Message.filter(text_key=key).order_by("id")
    return [int(row.person_id or 0) for row in rows]


async def reads(house: House, filed: Filed) -> set[str]:
    found = set()
    for who in house.persons:
        try:
            opened = await open_record(house.office, house.kinds, await house.actor(who), filed.public_id)
        except NotThere:
            continue
        if opened.statements:
            found.add(who)
    return found


async def test_the_receipt_names_the_day_and_the_head_is_told(house: House) -> None:
    filed = await suffer(house)
    ((key, values),) = filed.replies
    assert (key, values["no"], values["date"]) == ("T-BH-RECEIPT", filed.number, "9月15日")
    assert await told(house) == [house.persons["integrity_head"].id]
    assert not [word for word in ("说情", "举报", "报复") if word in house.office.texts.say(key, "zh-Hans", **values)]


WAYS = [
    # who reports, what he says, who alone may read it
    ("officer", WHAT, {"integrity_head"}),
    (None, WHAT, {"integrity_head"}),
    ("officer", "石敢言要求我不要再登记", {"leader"}),
    ("integrity", WHAT, {"leader"}),
    ("integrity_head", WHAT, {"leader"}),
]


@pytest.mark.parametrize(("who", "what", "readers"), WAYS, ids=[f"{row[0]}-{row[1][:4]}" for row in WAYS])
async def test_it_goes_to_the_head_or_above(house: House, who: str | None, what: str, readers: set[str]) -> None:
    filed = await suffer(house, who, what)
    assert await reads(house, filed) == readers
    assert await told(house) == [house.persons[next(iter(readers))].id]
    for key in house.persons.keys() - readers:
        rows = await list_records(house.office, house.kinds, await house.actor(key), "retaliation")
        assert (key, rows) == (key, [])


async def to_assessed(house: House, filed: Filed) -> None:
    assert await house.do("integrity_head", filed, "联系") == "acknowledged"
    assert await house.do("integrity_head", filed, "评估", finding=FINDING) == "assessed"


async def test_the_leader_decides_on_the_finding_and_sees_nothing_else(house: House) -> None:
    filed = await suffer(house)
    leader = await house.actor("leader")
    with pytest.raises(NotThere):
        await open_record(house.office, house.kinds, leader, filed.public_id)
    await to_assessed(house, filed)
    waiting = await waiting_acts(house.office, house.kinds, leader, "retaliation")
    assert [row.number for row in waiting] == [filed.number]
    opened = await open_record(house.office, house.kinds, leader, filed.public_id)
    assert opened.values == {"no": filed.number, "finding": FINDING}
    assert await house.do("leader", filed, "采取措施", measures="恢复原岗位") == "protected"
    assert await InFlight.filter(record_id=filed.record_id).count() == 0
    with pytest.raises(NotThere):
        await open_record(house.office, house.kinds, leader, filed.public_id)
    head = await open_record(house.office, house.kinds, await house.actor("integrity_head"), filed.public_id)
    assert (head.values["measures"], head.values["person"]) == ("恢复原岗位", "9021022")


async def test_what_is_not_founded_ends_with_a_neutral_word(house: House) -> None:
    filed = await suffer(house)
    await to_assessed(house, filed)
    assert await house.do("leader", filed, "不成立", reason="另有安排") == "closed"
    assert await told(house, "T-CLOSED-NEUTRAL") == [house.persons["officer"].id]


async def test_it_is_looked_at_again_after_90_and_180_days(house: House) -> None:
    filed = await suffer(house)
    await to_assessed(house, filed)
    await house.do("leader", filed, "采取措施", measures="恢复原岗位")
    assert await house.do("integrity_head", filed, "转跟踪") == "watched"
    since = house.clock.now()
    for days, state, act, after in LOOKS:
        with pytest.raises(Conflict):
            await house.do("integrity_head", filed, act, review="早了")
        house.clock.move_to(since + timedelta(days=days - 1))
        await system_acts.step(house.office, house.kinds)
        assert (await house.record(filed)).state != state
        before = len(await told(house))
        house.clock.move_to(since + timedelta(days=days + 1))
        await system_acts.step(house.office, house.kinds)
        assert (await house.record(filed)).state == state
        assert len(await told(house)) == before + 1
        assert await house.do("integrity_head", filed, act, review="未再发现") == after
    assert await told(house, "T-CLOSED-NEUTRAL") == [house.persons["officer"].id]
