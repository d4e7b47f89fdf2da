"""Letters to givers: their numbers, their words, whom they never name; and the reminders of what is to be handed in."""

import datetime as dt
from datetime import timedelta

import pytest

from core.errors import Refused
from models.ledger import LedgerEntry
from records import system_acts
from records.letters import has_letter, letters_of
from records.reading import Opened, open_record
from tests.records.conftest import House
from tests.records.test_gift import act, both, held
from tests.records.test_transitions import messages

DAY = dt.date(2026, 9, 22)


async def opened(house: House, public_id: str) -> Opened:
    return await open_record(house.office, house.kinds, await house.actor("integrity"), public_id)


async def test_letters_are_numbered_through_the_year(house: House) -> None:
    numbers = []
    for org in ("甲行", "乙行"):
        filed = await house.gift(giver_org=org)
        await act(house, filed, "integrity", "核实")
        numbers.append((await act(house, filed, "integrity", "拟函", letter_to="giver")).facts["letter_no"])
        again = await act(house, filed, "integrity", "拟函", letter_to="giver;employer")
        assert (again.facts["letter_no"], again.facts["letter_to"]) == (numbers[-1], "giver;employer")
    assert numbers == ["监函〔2026〕1号", "监函〔2026〕2号"]
    third = await house.gift(giver_org="丙行")
    await act(house, third, "integrity", "核实")
    with pytest.raises(Refused, match="number_used"):
        await act(house, third, "integrity", "拟函", letter_to="giver", letter_no=numbers[0])
    with pytest.raises(Refused, match="missing"):
        await act(house, third, "integrity", "致函", letter_sent="2026-09-14")
    assert (await act(house, third, "integrity", "拟函", letter_to="giver", letter_no="自编7号")).facts[
        "letter_no"
    ] == "自编7号"


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "zh-Hans",
            ["折桂报关行：", "2026年9月11日", "许某", "现金", "1,000.00", "未能当场拒收", "2026年10月13日", "星澜海关"],
        ),
        ("zh-Hant", ["折桂报关行：", "2026年9月11日", "現金", "1,000.00", "星瀾海關"]),
        ("en", ["To 折桂报关行", "11 September 2026", "cash", "1,000.00", "13 October 2026", "Xinglan Customs"]),
    ],
)
async def test_what_a_letter_says_and_whom_it_never_names(house: House, lang: str, words: list[str]) -> None:
    filed = await house.gift()
    await act(house, filed, "integrity", "核实")
    before = await opened(house, filed.public_id)
    assert not has_letter(house.kinds.get("gift"), before.values)
    await act(house, filed, "integrity", "拟函", letter_to="giver;employer")
    values = (await opened(house, filed.public_id)).values
    letters = letters_of(house.office, house.kinds.get("gift"), values, lang, DAY)
    assert [one.to for one in letters] == ["giver", "employer"]
    whole = "\n".join(f"{one.number}\n{one.greeting}\n" + "\n".join(one.paragraphs) + one.end for one in letters)
    assert [word for word in words if word not in whole] == []
    assert [word for word in ("沐远航", "9021022", "查验一科", "夹在单证袋里", filed.number) if word in whole] == []


async def test_who_owes_a_thing_is_reminded_and_who_handed_it_in_is_not(house: House) -> None:
    house.at("2026-09-14T09:05")
    owes, gave = await house.gift(), await house.gift("officer_2", giver_org="甲行")
    refused = await house.gift(handling="1", giver_org="乙行")
    await both(house, gave, "custodian", "auditor", "接收", custody_no="B-1", receipt_no="S-1")
    assert (await house.record(refused)).moves_at is None
    said = len(await messages(house))
    house.at("2026-09-17T23:59")
    assert await system_acts.step(house.office, house.kinds) == 0
    house.at("2026-09-18T00:00")
    assert await system_acts.step(house.office, house.kinds) == 1
    assert (await messages(house))[said:] == [f"编号{owes.number}：如有实物请于10月11日前交纪检处301室，已交请忽略。"]
    assert await system_acts.step(house.office, house.kinds) == 0
    house.at("2026-10-02T00:00")
    assert await system_acts.step(house.office, house.kinds) == 1
    assert await LedgerEntry.filter(event="reminded", record_id=owes.record_id).count() == 2
    assert (await house.record(owes)).moves_at is None
    house.clock.advance(timedelta(days=30))
    assert await system_acts.step(house.office, house.kinds) == 0


async def test_nobody_is_reminded_of_what_was_due_before_he_filed(house: House) -> None:
    house.at("2026-09-14T09:05")
    late = await house.record(await house.gift(received_at="2026-07-01"))
    assert late.facts["@course"]["filed_late"]
    assert late.moves_at is not None
    house.at("2026-09-18T00:00")
    assert await system_acts.step(house.office, house.kinds) == 1
    assert (await house.record(await held(house, giver_org="丁行"))).moves_at is None
