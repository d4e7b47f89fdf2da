"""The rules that read monthly returns: a unit that is silent for months, returns late month after month."""

from collections.abc import Sequence

from models import sql
from models.pattern import AlertHit, RaisedAlert
from models.record import Record
from oversight import patterns
from oversight.returns_answer import answer
from oversight.rule import Rules
from oversight.rule_file import ALERT
from records.source import Source
from tests.oversight.conftest import House
from tests.oversight.returns.month_end import clock_acts, of, run

OFFICE = ("integrity_head", "integrity", "integrity_other", "auditor", "custodian")
"""The five of one unit."""
MONTHS = {
    "2026-09": "2026-09-30T10:00",
    "2026-10": "2026-10-30T10:00",
    "2026-11": "2026-11-30T10:00",
    "2026-12": "2026-12-31T10:00",
    "2027-01": "2027-01-29T10:00",
    "2027-02": "2027-02-26T10:00",
    "2027-03": "2027-03-31T10:00",
}


async def look(house: House, rules: Rules) -> list[tuple[str, int]]:
    while await patterns.step(house.office, house.kinds, rules):
        pass
    rows = await RaisedAlert.all().order_by("id")
    return [(row.rule, await AlertHit.filter(alert_id=row.id).count()) for row in rows]


async def month(house: House, period: str, names: Sequence[str]) -> None:
    """The month is asked for, and these answer zero."""
    house.at(MONTHS[period])
    await run(house)
    for name in names:
        record = await of(house, name, period)
        await _zero(house, name, record)


async def _zero(house: House, name: str, record: Record) -> None:
    source = Source(house.numbers[name], house.persons[name].id, "telegram", "zh-Hans", "bound_account")
    async with sql.transaction():
        await answer(house.office, house.kinds, record.id, {"reply": "0"}, "0", source)


async def test_a_whole_unit_all_zero_for_six_months(house: House, rules: Rules) -> None:
    """One question, to nobody of the unit that is meant; the seventh month asks it no second time."""
    *five, sixth, seventh = MONTHS
    for period in five:
        await month(house, period, OFFICE)
    await month(house, sixth, OFFICE[1:])
    assert await look(house, rules) == []
    await _zero(house, OFFICE[0], await of(house, OFFICE[0], sixth))
    assert await look(house, rules) == [("RK07", 30)]
    alert = await Record.get(kind=ALERT)
    assert (alert.facts["level"], alert.facts["reaches_head"], alert.facts["unit"]) == ("blue", "false", "U08")
    await month(house, seventh, OFFICE)
    assert await look(house, rules) == [("RK07", 30)]


async def test_one_entry_in_six_months_is_no_silence(house: House, rules: Rules) -> None:
    await house.plead("custodian", occurred_at="2026-09-10")
    for period in list(MONTHS)[:6]:
        await month(house, period, OFFICE[:4])
        if period != "2026-09":
            await _zero(house, "custodian", await of(house, "custodian", period))
    await house.gift("custodian", received_at="2026-12-01")
    await run(house)
    assert [rule for rule, _ in await look(house, rules) if rule == "RK07"] == []


async def test_two_months_late_or_missed(house: House, rules: Rules) -> None:
    """October late, November not at all: the head may be asked, and the alert says sealed whom it is about."""
    await month(house, "2026-09", ["officer"])
    await month(house, "2026-10", [])
    await clock_acts(house, "2026-11-06T09:00")
    await _zero(house, "officer", await of(house, "officer", "2026-10"))
    await month(house, "2026-11", [])
    await clock_acts(house, "2026-12-08T09:00")
    await look(house, rules)
    assert not await AlertHit.filter(record_id=(await of(house, "officer", "2026-10")).id).exists()
    await clock_acts(house, "2027-01-20T09:00")
    assert (await of(house, "officer", "2026-11")).state == "missed"
    await look(house, rules)
    mine = (await of(house, "officer", "2026-11")).id
    (hit,) = await AlertHit.filter(record_id=mine, alert__rule="RK08").prefetch_related("alert")
    alert = await Record.get(id=hit.alert.record_id)
    assert (alert.facts["reaches_head"], alert.facts["unit"]) == ("true", "U10A")
    assert "9021022" not in str(alert.facts)
