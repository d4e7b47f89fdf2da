"""What becomes of an alert: who is told and may see it, who gets no trace, how it is handled and by when."""

import dataclasses
from datetime import datetime

import pytest

from core.clock import HandClock
from core.errors import Conflict, NotAllowed, NotThere
from models import ledger_append, sql
from models.outgoing import Message
from models.pattern import RaisedAlert
from models.record import Record
from oversight import patterns
from oversight.rule import Rules
from records import system_acts
from records.acts import acts_open, do_act
from records.reading import list_records, may_open, open_record, waiting_acts
from tests.oversight.conftest import House
from tests.records.conftest import CAST
from tests.records.test_limits import due
from tests.records.test_transitions import declared, walked

NEUTRAL = ("说情", "举报", "红包", "投诉", "线索", "周某", "沐远航", "星澜素舸")


async def look(house: House, rules: Rules) -> list[Record]:
    while await patterns.step(house.office, house.kinds, rules):
        pass
    ids = await RaisedAlert.all().order_by("id").values_list("record_id", flat=True)
    return [await Record.get(id=each) for each in ids]


async def told(house: House, since: int = 0) -> set[str]:
    """Who got a message, by the names of the cast."""
    names = {person.id: name for name, person in house.persons.items()}
    return {names[int(row.person_id or 0)] for row in await Message.filter(id__gt=since)}


async def newest(house: House) -> int:
    return int(await sql.value("SELECT COALESCE(MAX(id), 0) AS n FROM message"))


async def readers(house: House, record: Record) -> set[str]:
    """Who may open the alert, or has it on his list of what waits."""
    found = set()
    for name, *_ in CAST:
        actor = await house.actor(name)
        listed = [*await list_records(house.office, house.kinds, actor, "risk_alert")]
        listed += await waiting_acts(house.office, house.kinds, actor, "risk_alert")
        reaches = await may_open(house.office, house.kinds, actor, record.public_id)
        assert reaches == (record.public_id in {row.public_id for row in listed}), name
        if reaches:
            found.add(name)
    return found


async def act(house: House, record: Record, who: str, name: str, **values: str) -> Record:
    await do_act(house.office, house.kinds, await house.actor(who), record.public_id, name, values)
    return await Record.get(id=record.id)


async def complaints(house: House, unit: str = "U10C", many: int = 3) -> None:
    for _ in range(many):
        filed = await house.complain()
        actor = await house.actor("clerk")
        given = {"unit": unit, "category": "c04"}
        await do_act(house.office, house.kinds, actor, filed.public_id, "受理", given)


async def test_a_red_alert_is_told_to_the_integrity_office_and_to_no_head(house: House, rules: Rules) -> None:
    await house.plead("officer", effect="3")
    since = await newest(house)
    (record,) = await look(house, rules)
    assert await told(house, since) == {"integrity", "integrity_head"}
    assert await readers(house, record) == {"integrity", "integrity_head"}
    for row in await Message.filter(id__gt=since):
        text = house.office.key.decrypt(row.body)
        assert str(record.number) in text
        assert not [word for word in NEUTRAL if word in text]


async def test_a_head_is_asked_only_where_nothing_hidden_is_counted(house: House, rules: Rules) -> None:
    """Complaints of his unit may be explained by the head; he sees of the alert what he has to answer."""
    await complaints(house)
    (record,) = await look(house, rules)
    assert await readers(house, record) == {"integrity", "integrity_head"}
    since = await newest(house)
    record = await act(house, record, "integrity", "分派")
    assert await told(house, since) == {"counter_head", "port_head"}
    assert await readers(house, record) == {"integrity", "integrity_head", "counter_head", "port_head"}
    opened = await open_record(house.office, house.kinds, await house.actor("counter_head"), record.public_id)
    assert opened.values.keys() == {"no", "rule", "unit", "hits", "level", "stage"}
    assert ([one.act for one in opened.acts], opened.statements) == (["说明"], ())
    record = await act(house, record, "counter_head", "说明", explanation="窗口人手不足，已加派一人。")
    assert await readers(house, record) == {"integrity", "integrity_head"}


async def test_no_head_can_be_asked_about_a_plea(house: House, rules: Rules) -> None:
    await house.plead("officer", effect="3")
    (record,) = await look(house, rules)
    since = await newest(house)
    record = await act(house, record, "integrity", "分派")
    assert await told(house, since) == set()
    assert await readers(house, record) == {"integrity", "integrity_head"}
    with pytest.raises(NotThere):
        await act(house, record, "section_head", "说明", explanation="x")
    with pytest.raises(NotAllowed):
        await act(house, record, "integrity", "说明", explanation="x")
    names = [one.act for one in await acts_open(house.office, house.kinds, await house.actor("integrity"), record)]
    assert names == ["自行核实"]


async def test_whoever_is_named_gets_no_trace_and_the_level_above_does(house: House, rules: Rules) -> None:
    """The record names the integrity officer; only the head of the office learns of its alert."""
    await house.plead("officer", effect="3", request="宁见微让先放两个柜")
    since = await newest(house)
    (record,) = await look(house, rules)
    assert await told(house, since) == {"integrity_head"}
    assert await readers(house, record) == {"integrity_head"}


async def test_the_leader_gets_it_where_the_head_of_the_office_is_named(house: House, rules: Rules) -> None:
    await house.plead("officer", effect="3", request="石敢言打了招呼")
    since = await newest(house)
    (record,) = await look(house, rules)
    assert await told(house, since) == {"leader"}
    assert await readers(house, record) == {"leader"}


async def test_whoever_owns_a_record_that_was_counted_does_not_handle_its_alert(house: House, rules: Rules) -> None:
    await house.plead("integrity_head", effect="3")
    since = await newest(house)
    (record,) = await look(house, rules)
    assert await told(house, since) == {"leader"}
    assert await readers(house, record) == {"leader"}


async def test_one_named_in_one_of_several_records_is_named(house: House, rules: Rules) -> None:
    for by, request in (("officer", "催"), ("officer_2", "宁见微催"), ("officer", "又催")):
        await house.plead(by, request=request)
    records = await look(house, rules)
    assert records
    for record in records:
        assert await readers(house, record) == {"integrity_head"}


async def test_its_limits_are_those_of_its_level(house: House, rules: Rules) -> None:
    """Monday 14 September: red has one working day to be explained and five to be settled, yellow five and fifteen."""
    await house.plead("officer", effect="3")
    await complaints(house)
    red, yellow = await look(house, rules)
    assert (await _due(house, red), await _due(house, yellow)) == ("09-15T24:00", "09-15T24:00")
    red, yellow = await act(house, red, "integrity", "分派"), await act(house, yellow, "integrity", "分派")
    assert (await _due(house, red), await _due(house, yellow)) == ("09-15T24:00", "09-20T24:00")
    house.at("2026-09-16T00:01")
    await system_acts.step(house.office, house.kinds)
    assert ((await Record.get(id=red.id)).state, (await Record.get(id=yellow.id)).state) == ("overdue", "assigned")


async def _due(house: House, record: Record) -> str | None:
    class Filed:
        record_id = record.id

    return await due(house, Filed())  # type: ignore[arg-type]


async def test_every_act_of_its_path(house: House, rules: Rules) -> None:
    await complaints(house)
    await complaints(house, "U10A")
    for asker in ("甲", "乙"):
        await house.plead("officer", effect="3", asker_name=asker)
    by_head, late, own, wrong = await look(house, rules)
    for record in (by_head, late, own, wrong):
        await act(house, record, "integrity", "分派")
    await act(house, by_head, "counter_head", "说明", explanation="已加派人手。")
    await act(house, wrong, "integrity", "自行核实", explanation="同一件事登记了两次。")
    await act(house, wrong, "integrity", "误报", reason="重复登记")
    house.at("2026-10-30T08:00")
    await system_acts.step(house.office, house.kinds)
    await act(house, late, "section_head", "补说明", explanation="晚了。")
    await act(house, own, "integrity", "自行核实", explanation="看过了。")
    for record in (by_head, late, own):
        await act(house, record, "integrity", "处置", outcome="no_problem")
        with pytest.raises(NotAllowed):
            await act(house, record, "integrity", "复核")
        done = await act(house, record, "integrity_head", "复核")
        assert (done.state, done.closed_at is not None) == ("reviewed", True)
    assert await walked("risk_alert") == declared(house, "risk_alert")
    with pytest.raises(Conflict):
        await act(house, by_head, "integrity", "处置", outcome="talk")


async def test_nobody_files_an_alert_by_hand(house: House) -> None:
    from records.filing import file

    with pytest.raises(NotAllowed):
        async with sql.transaction():
            await file(house.office, house.kinds, "risk_alert", {}, (await house.outsider()))


async def test_the_ledger_names_what_raised_it_and_no_person(house: House, rules: Rules) -> None:
    await house.plead("officer", effect="3")
    (record,) = await look(house, rules)
    (entry,) = [each for each in await ledger_append.history(record.id) if each["event"] == "filed"]
    assert {"rule", "hits", "level"} <= set(entry["detail"]["fields"])
    assert "RK06" not in str(entry)
    assert record.facts["hits"].startswith("SQ")
    assert record.channel == "system"


async def test_an_alert_about_one_officer_says_who_sealed(house: House, rules: Rules) -> None:
    for day in ("2026-03-20", "2026-05-12", "2026-08-20"):
        office = dataclasses.replace(house.office, clock=HandClock(datetime.fromisoformat("2026-09-14T08:00+08:00")))
        assert office.today() == house.office.today()
        await house.plead("officer", occurred_at=day, asker_name=day)
    records = await look(house, rules)
    (record,) = [each for each in records if each.facts["rule"] == "RK22"]
    assert "person" not in record.facts
    assert "9021022" not in str(record.facts)
    opened = await open_record(house.office, house.kinds, await house.actor("integrity"), record.public_id)
    assert opened.values["person"] == "9021022"


async def test_another_record_joins_the_alert_that_is_open(house: House, rules: Rules) -> None:
    """No second message; once the alert has ended, the next record of the pattern raises a new one."""
    for asker in ("甲", "乙", "丙"):
        await house.plead("officer", asker_name=asker)
    (record,) = await look(house, rules)
    since = await newest(house)
    await house.plead("officer_2", asker_name="丁")
    (record,) = await look(house, rules)
    assert len(record.facts["hits"].split(";")) == 4
    assert await told(house, since) == set()
    assert [each["event"] for each in await ledger_append.history(record.id)] == ["filed", "amended"]
    await act(house, record, "integrity", "分派")
    await act(house, record, "integrity", "自行核实", explanation="看过了。")
    await act(house, record, "integrity", "误报", reason="登记了两次")
    assert len(await look(house, rules)) == 1
    await house.plead("officer_2", asker_name="戊")
    old, new = await look(house, rules)
    assert (len(old.facts["hits"].split(";")), len(new.facts["hits"].split(";"))) == (4, 5)


async def test_a_record_that_others_must_handle_does_not_join(house: House, rules: Rules) -> None:
    """The fourth names the integrity officer: he keeps the alert of three, the one of four goes to the head."""
    for asker in ("甲", "乙", "丙"):
        await house.plead("officer", asker_name=asker)
    (three,) = await look(house, rules)
    since = await newest(house)
    await house.plead("officer", asker_name="丁", request="宁见微让放行")
    three, four = await look(house, rules)
    assert len(three.facts["hits"].split(";")) == 3
    assert await readers(house, three) == {"integrity", "integrity_head"}
    assert await readers(house, four) == {"integrity_head"}
    assert await told(house, since) == {"integrity_head"}
