"""Opening a month: each person once whatever crashes or runs beside it; who is asked, who not; reminders; holidays."""

import asyncio
import dataclasses
import datetime as dt

import pytest

from core import failpoints
from core.workdays import Calendar
from models import ledger_append
from models.address import Address
from models.inbound import OpenQuestion
from models.org import Person
from models.record import Record
from models.returns import MonthlyReturn, ReturnMonth
from oversight import returns, returns_opening
from records import system_acts
from tests.oversight.returns.month_end import at, clock_acts, of, open_september, run, says, told
from tests.records.conftest import House


async def test_the_question_comes_by_itself_on_the_last_working_day(house: House) -> None:
    house.clock.move_to(at("2026-09-30T09:59"))
    await run(house)
    assert await ReturnMonth.all().count() == 0
    house.clock.move_to(at("2026-09-30T10:00"))
    await run(house)
    month = await ReturnMonth.get(period="2026-09")
    assert (month.complete_at, month.due_at) == (house.clock.now(), at("2026-10-09T00:00"))
    asked = await told("T-ZERO-ASK")
    assert len(asked) == len(set(asked)) == await Person.filter(status="active", monthly_report=True).count()
    assert await OpenQuestion.filter(kind="return", closed_at=None).count() == len(asked)
    assert await MonthlyReturn.all().count() == len(asked)
    await run(house)
    assert await told("T-ZERO-ASK") == asked


async def test_who_is_on_leave_is_excused_and_others_owe_nothing(house: House) -> None:
    away, new, gone, without, free = ("officer", "officer_2", "handler", "yunxi", "custodian")
    await Person.filter(id=house.persons[away].id).update(status="leave")
    await Person.filter(id=house.persons[new].id).update(in_post_since=dt.date(2026, 10, 1))
    await Person.filter(id=house.persons[gone].id).update(status="left")
    await Person.filter(id=house.persons[free].id).update(monthly_report=False)
    await Address.filter(person_id=house.persons[without].id).update(bad_at=house.clock.now())
    house.clock.move_to(at("2026-09-30T10:00"))
    await run(house)
    assert (await of(house, away)).state == "excused"
    assert (await of(house, without)).state == "open"
    marks = await MonthlyReturn.all().count()
    assert marks == len(house.persons) - 3
    asked = await told("T-ZERO-ASK")
    assert not {house.persons[name].id for name in (away, new, gone, without, free)} & set(asked)


class Died(BaseException):
    """The process was killed here."""


@pytest.mark.parametrize("place", ["returns.before_commit", "returns.between"])
async def test_killed_between_or_in_slices_nobody_is_forgotten_or_asked_twice(
    house: House, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def die(passed: str) -> None:
        if passed == place:
            raise Died

    monkeypatch.setattr(returns_opening, "SLICE", 3)
    house.clock.move_to(at("2026-09-30T10:00"))
    for _ in range(4):
        monkeypatch.setattr(failpoints, "hit", die)
        with pytest.raises(Died):
            await run(house)
        monkeypatch.setattr(failpoints, "hit", lambda _: None)
        await returns.step(house.office, house.kinds)
    await run(house)
    people = len(house.persons)
    assert [await each.all().count() for each in (MonthlyReturn, OpenQuestion)] == [people, people]
    asked = await told("T-ZERO-ASK")
    assert len(asked) == len(set(asked)) == people
    assert await Record.filter(kind="zero_report").count() == people


async def test_two_processes_ask_each_person_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(returns_opening, "SLICE", 2)
    house.clock.move_to(at("2026-09-30T10:00"))
    await asyncio.gather(*(run(house) for _ in range(3)))
    await run(house)
    asked = await told("T-ZERO-ASK")
    assert len(asked) == len(set(asked)) == len(house.persons)
    assert await MonthlyReturn.all().count() == len(house.persons)


async def test_a_month_before_the_installation_and_one_already_due_are_left_alone(house: House) -> None:
    house.clock.move_to(at("2026-10-09T00:00"))
    await run(house)
    assert await ReturnMonth.all().count() == 0
    house.clock.move_to(at("2026-09-14T08:00"))
    await run(house)
    assert await ReturnMonth.all().count() == 0


async def test_a_service_that_was_down_asks_until_the_due_day(house: House) -> None:
    house.clock.move_to(at("2026-10-05T03:00"))
    await run(house)
    assert await ReturnMonth.all().values_list("period", flat=True) == ["2026-09"]


async def test_only_who_is_missing_is_reminded_then_the_head_told(house: House) -> None:
    house.clock.move_to(at("2026-09-30T10:00"))
    await run(house)
    for name in house.persons:
        if name not in ("officer", "officer_2", "yunxi"):
            await says(house, name)
    late = {house.persons[name].id for name in ("officer", "officer_2", "yunxi")}
    await clock_acts(house, "2026-10-08T08:59")
    asked = len(house.persons)
    assert len(await told("T-ZERO-ASK")) == asked
    await clock_acts(house, "2026-10-08T09:00")
    assert set((await told("T-ZERO-ASK"))[asked:]) == late
    await clock_acts(house, "2026-10-08T23:59")
    assert len(await told("T-ZERO-ASK")) == asked + 3
    await clock_acts(house, "2026-10-09T00:00")
    assert {(await of(house, name)).state for name in ("officer", "officer_2", "yunxi")} == {"overdue"}
    assert not await told("T-ZERO-OVERDUE")
    await clock_acts(house, "2026-10-09T09:00")
    await clock_acts(house, "2026-10-09T09:01")
    assert set(await told("T-ZERO-OVERDUE")) == late
    heads = await told("T-ZERO-HEAD")
    assert len(heads) == len(set(heads))
    assert set(heads) == {house.persons["port_head"].id, house.persons["section_head"].id}
    await clock_acts(house, "2026-11-08T00:00")
    assert (await of(house, "yunxi")).state == "missed"
    assert await OpenQuestion.filter(kind="return", closed_at=None).count() == 0
    events = [each["event"] for each in await ledger_append.history((await of(house, "yunxi")).id)]
    assert events == ["filed", "reminded", "moved", "reminded", "moved"]


async def test_who_left_meanwhile_owes_nothing(house: House) -> None:
    await open_september(house)
    await Person.filter(id=house.persons["officer"].id).update(status="left")
    await clock_acts(house, "2026-10-08T09:00")
    assert (await of(house, "officer")).state == "excused"


async def test_a_transfer_leaves_the_return_with_the_unit_of_the_day(house: House) -> None:
    await open_september(house)
    await Person.filter(id=house.persons["officer"].id).update(unit_id=house.units["U12"].id)
    await says(house, "officer")
    assert (await of(house, "officer")).facts["officer_unit"] == "U10A"


async def test_a_holiday_that_moves_moves_what_waits(house: House) -> None:
    house.clock.move_to(at("2026-09-30T10:00"))
    await run(house)
    await says(house, "officer")
    moved = Calendar({dt.date(2026, 10, 8): False})
    house.office = dataclasses.replace(house.office, calendar=moved)
    await run(house)
    assert (await ReturnMonth.get(period="2026-09")).due_at == at("2026-10-10T00:00")
    await system_acts.step(house.office, house.kinds)
    waits = await Record.filter(kind="zero_report", state="open")
    assert {each.due_at for each in waits} == {at("2026-10-10T00:00")}
    assert {each.moves_at for each in waits} == {at("2026-10-09T09:00")}
    await clock_acts(house, "2026-10-09T00:00")
    assert (await of(house, "yunxi")).state == "open"
    assert len(await told("T-ZERO-ASK")) == len(house.persons)


async def test_the_end_of_the_year(house: House) -> None:
    house.clock.move_to(at("2026-12-31T10:00"))
    await run(house)
    assert (await ReturnMonth.get(period="2026-12")).due_at == at("2027-01-06T00:00")
