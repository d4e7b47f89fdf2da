"""Risk rules follow the ledger: what raises an alert, what does not, and that nothing raises it twice."""

import asyncio
import dataclasses
from datetime import datetime
from typing import Any

import pytest

from core.clock import HandClock
from models import ledger_append, pattern_queries, sql
from models.pattern import AlertHit, PatternCursor, PatternMark, RaisedAlert
from models.record import Record
from oversight import patterns, raising
from oversight.rule import Rules
from people.importing import import_people
from records.amending import amend
from records.filing import Filed, file
from tests.oversight.conftest import House
from tests.people.sample import COMPANIES
from tests.records.conftest import GIFT, INTERCESSION
from tests.records.test_gift import act


@pytest.fixture
async def firms(house: House) -> None:
    await import_people(house.office, companies=COMPANIES)


async def look(house: House, rules: Rules) -> int:
    """Look at everything there is; return how many alerts there are now."""
    while await patterns.step(house.office, house.kinds, rules):
        pass
    return await RaisedAlert.all().count()


async def raised() -> list[tuple[str, int]]:
    """The rules that raised something, with how many records each alert counted."""
    rows = await RaisedAlert.all().order_by("id")
    return [(row.rule, await AlertHit.filter(alert_id=row.id).count()) for row in rows]


async def on(house: House, day: str, kind: str, by: str = "officer", **more: str) -> Filed:
    """File on a day of the past, as it would have been then."""
    office = dataclasses.replace(house.office, clock=HandClock(datetime.fromisoformat(f"{day}T10:00:00+08:00")))
    when = {"occurred_at": day} if kind == "intercession" else {"received_at": day}
    base = INTERCESSION if kind == "intercession" else GIFT
    async with sql.transaction():
        return await file(office, house.kinds, kind, {**base, **when, **more}, house.staff(by))


async def say(house: House, filed: Filed, by: str = "officer", **values: str) -> None:
    async with sql.transaction():
        await amend(house.office, house.kinds, filed.record_id, values, house.staff(by))


async def alert(rule: str) -> Record:
    row = await RaisedAlert.get(rule=rule)
    assert row.record_id is not None
    return await Record.get(id=row.record_id)


async def test_one_asker_of_one_company_at_three_officers(house: House, rules: Rules, firms: None) -> None:
    """The company of the third is known only later, so that the amendment completes the pattern."""
    await on(house, "2026-08-19", "intercession", on_behalf_of="SLC007")
    await on(house, "2026-08-27", "intercession", "handler", on_behalf_of="素舸货运代理")
    await on(house, "2026-09-14", "intercession", on_behalf_of="素舸货运")
    await look(house, rules)
    third = await on(house, "2026-09-14", "intercession", "officer_2")
    await look(house, rules)
    assert "RK05" not in dict(await raised())
    await say(house, third, "officer_2", on_behalf_of="星澜素舸货运代理有限公司")
    before = await look(house, rules)
    assert [each for each in await raised() if each[0] == "RK05"] == [("RK05", 4)]
    facts = (await alert("RK05")).facts
    assert (facts["level"], facts["reaches_head"], facts["unit"]) == ("orange", "false", "U10")
    await say(house, third, "officer_2", asker_identity="5")
    assert await look(house, rules) == before


async def test_the_same_giver_twice_once_both_are_verified(house: House, rules: Rules, firms: None) -> None:
    first = await house.gift(giver_org="折桂报关行")
    second = await house.gift("officer_2", giver_org="Zhegui Brokers", giver_name="别人")
    assert await look(house, rules) == 0
    await act(house, first, "integrity", "核实")
    assert await look(house, rules) == 0
    await act(house, second, "integrity", "核实")
    await look(house, rules)
    assert await raised() == [("RK01", 2)]


async def test_a_giver_of_whom_only_the_name_is_known(house: House, rules: Rules) -> None:
    gifts = [await house.gift(giver_org="unknown"), await house.gift(giver_org="unknown", giver_name="unknown")]
    gifts += [await house.gift(giver_org="unknown", giver_name="unknown"), await house.gift(giver_org="某行")]
    for gift in gifts:
        await act(house, gift, "integrity", "核实")
    assert await look(house, rules) == 0
    await act(house, await house.gift(giver_org="unknown"), "integrity", "核实")
    await look(house, rules)
    assert await raised() == [("RK01", 2)]


async def test_one_post_three_times_in_thirty_days(house: House, rules: Rules) -> None:
    for day, asker in (("2026-08-14", "甲"), ("2026-09-01", "乙"), ("2026-09-14", "丙")):
        await on(house, day, "intercession", asker_name=asker)
    assert await look(house, rules) == 0
    await on(house, "2026-09-13", "intercession", "officer_2", asker_name="丁")
    await look(house, rules)
    assert await raised() == [("RK04", 3)]


async def test_what_one_record_raises_by_itself(house: House, rules: Rules) -> None:
    plea = await house.plead(effect="2")
    assert await look(house, rules) == 0
    await say(house, plea, effect="3")
    await house.gift(amount="5000.00")
    await house.gift(amount="4999.99", giver_name="甲", giver_org="甲行")
    await house.gift(officers_same_occasion="3", giver_name="乙", giver_org="乙行")
    await house.gift(received_at="2026-08-10", giver_name="丙", giver_org="丙行")
    await house.gift(received_at="2026-08-10", back_at="2026-09-01", giver_name="丁", giver_org="丁行")
    await look(house, rules)
    assert await raised() == [("RK06", 1), ("RK02", 1), ("RK03", 1), ("RK14", 1)]


async def test_three_officers_on_one_day(house: House, rules: Rules) -> None:
    for by, day in (("officer", "2026-09-11"), ("officer", "2026-09-11"), ("officer_2", "2026-09-11")):
        await house.gift(by, received_at=day)
    await house.gift("handler", received_at="2026-09-12")
    assert await look(house, rules) == 0
    await house.gift("handler", received_at="2026-09-11")
    await look(house, rules)
    assert await raised() == [("RK03", 4)]


async def test_a_company_that_pleads_and_gives(house: House, rules: Rules, firms: None) -> None:
    await on(house, "2026-07-16", "intercession", on_behalf_of="折桂报关行")
    await on(house, "2026-07-15", "intercession", on_behalf_of="折桂报关行", asker_name="别人")
    await on(house, "2026-09-10", "intercession", on_behalf_of="某行")
    await house.gift(giver_org="某行", received_at="2026-09-10")
    assert await look(house, rules) == 0
    await house.gift(giver_org="Zhegui Brokers", received_at="2026-09-14")
    await look(house, rules)
    assert await raised() == [("RK15", 2)]
    assert (await alert("RK15")).facts["level"] == "red"


async def test_three_late_entries_of_one_officer(house: House, rules: Rules) -> None:
    for day, asker in (("2026-03-20", "甲"), ("2026-05-12", "乙"), ("2026-08-20", "丙")):
        await house.plead(occurred_at=day, asker_name=asker)
    await house.plead(occurred_at="2026-09-14", asker_name="丁")
    await look(house, rules)
    assert await raised() == [("RK22", 3)]


async def test_three_complaints_of_one_sort(house: House, rules: Rules) -> None:
    """The head of the unit may be asked about complaints."""
    for _ in range(3):
        await act(house, await house.complain(), "clerk", "受理", unit="U10C", category="c04")
    await look(house, rules)
    assert await raised() == [("RK09", 3)]
    facts = (await alert("RK09")).facts
    assert (facts["reaches_head"], facts["unit"]) == ("true", "U10C")


async def test_a_date_put_right_takes_a_record_out_and_in(house: House, rules: Rules) -> None:
    one = await house.gift()
    other = await house.gift("officer_2", received_at="2025-09-10")
    third = await house.gift("handler", received_at="2025-09-12")
    for gift in (one, other):
        await act(house, gift, "integrity", "核实")
    await look(house, rules)
    assert [rule for rule, _ in await raised() if rule == "RK01"] == []
    await act(house, third, "integrity", "核实")
    await look(house, rules)
    assert [each for each in await raised() if each[0] == "RK01"] == [("RK01", 2)]


async def test_a_crash_between_raising_and_moving_on_raises_once(
    house: House, rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.plead(effect="3")

    async def crash(*_: Any) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(pattern_queries, "move_cursor", crash)
        for _ in range(3):
            with pytest.raises(RuntimeError):
                await patterns.step(house.office, house.kinds, rules)
        assert await Record.filter(kind="risk_alert").count() == 0
    assert await look(house, rules) == 1
    assert await Record.filter(kind="risk_alert").count() == 1


async def test_a_crash_in_the_middle_of_filing_leaves_nothing(
    house: House, rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.plead(effect="3")

    async def crash(*_: Any) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(raising.pattern_queries, "is_raised_as", crash)
        with pytest.raises(RuntimeError):
            await patterns.step(house.office, house.kinds, rules)
    assert (await RaisedAlert.all().count(), await AlertHit.all().count()) == (0, 0)
    assert await look(house, rules) == 1


async def test_a_replay_of_the_whole_ledger_raises_nothing_again(house: House, rules: Rules, firms: None) -> None:
    await house.plead(effect="3", on_behalf_of="折桂报关行")
    for by in ("officer", "officer_2"):
        await act(house, await house.gift(by), "integrity", "核实")
    before = await look(house, rules)
    assert before == 3
    await PatternCursor.all().update(seq=0)
    assert await look(house, rules) == before
    changed = dataclasses.replace(rules, version="other")
    assert await look(house, changed) == before
    assert await PatternMark.all().count() > 0
    assert await Record.filter(kind="risk_alert").count() == before


async def test_one_process_at_a_time_looks(house: House, rules: Rules) -> None:
    """While one holds the cursor another finds nothing to do; on SQLite it waits for the file instead."""
    if not sql.is_postgres():
        pytest.skip("one process alone uses a SQLite file")

    for _ in range(5):
        await house.plead(effect="3", asker_name="甲")
    await asyncio.gather(*(patterns.step(house.office, house.kinds, rules) for _ in range(4)))
    await look(house, rules)
    assert sorted(await raised()).count(("RK06", 1)) == 5


async def test_what_is_erased_counts_no_more(house: House, rules: Rules) -> None:
    """Once the hashes of a record are gone, its marks made of them go too."""
    filed = await house.plead()
    await look(house, rules)
    assert await PatternMark.filter(record_id=filed.record_id).count() > 0
    async with sql.transaction():
        await sql.execute("DELETE FROM record_match WHERE record_id = $1", filed.record_id)
        await ledger_append.append(filed.record_id, "erased", "system", {}, house.clock.now())
    await look(house, rules)
    assert await PatternMark.filter(record_id=filed.record_id).count() == 0
