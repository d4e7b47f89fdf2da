"""The roll: who sees what of it, what is counted, who is missing, which units are silent."""

import pytest

from core.errors import Conflict, NotThere
from models import sql
from models.org import Person
from oversight.returns_answer import do_enter_paper
from oversight.returns_roll import persons_of, reach_of, roll_of, silent_units
from records.acts import do_act
from records.kind import Kind
from tests.oversight.returns.month_end import at, clock_acts, of, open_september, run, says
from tests.records.conftest import House


def kind_of(house: House) -> Kind:
    kind = house.kinds.the_return()
    assert kind is not None
    return kind


async def seen_by(house: House, name: str, period: str = "2026-09") -> dict[str, tuple[int, ...]]:
    """What somebody sees of each unit: due, missed and waiting, then zero and has where he sees them."""
    roll = await roll_of(house.office, kind_of(house), await house.actor(name), period)
    assert roll is not None
    codes = {unit.id: code for code, unit in house.units.items()}
    return {
        codes.get(row.unit_id or 0, "all"): (
            row.line.due,
            row.line.missed + row.line.waiting,
            *((row.line.zero, row.line.has) if row.answers else ()),
        )
        for row in (*roll.rows, roll.total)
    }


async def answered(house: House) -> None:
    """The section U10A: the head answers zero, one has an entry, one says nothing; all others say zero."""
    await house.plead("officer_2", occurred_at="2026-09-10")
    await open_september(house)
    for name in house.persons:
        if name not in ("officer", "officer_2"):
            await says(house, name)
    await says(house, "officer_2", "2", reply="2")


async def test_who_sees_what(house: House) -> None:
    await answered(house)
    everybody = len(house.persons)
    assert (await seen_by(house, "integrity_head"))["U10A"] == (3, 1, 1, 1)
    assert (await seen_by(house, "integrity_head"))["all"] == (everybody, 1, everybody - 2, 1)
    assert (await seen_by(house, "integrity"))["U10A"] == (3, 1, 1, 1)
    assert "U12" not in await seen_by(house, "integrity")
    assert (await seen_by(house, "leader"))["U10A"] == (3, 1)
    assert (await seen_by(house, "leader"))["all"] == (everybody, 1, everybody - 2, 1)
    assert await seen_by(house, "section_head") == {"U10A": (3, 1), "all": (3, 1)}
    assert set(await seen_by(house, "port_head")) == {"U10", "U10A", "U10C", "all"}
    for name in ("officer", "clerk", "sysadmin", "auditor", "custodian"):
        assert await seen_by(house, name) == {"all": (0, 0, 0, 0)}


async def test_a_head_cannot_tell_a_zero_from_an_entry(house: House) -> None:
    """What he sees of a colleague is the same, whatever that one answered."""
    await answered(house)
    head = await house.actor("section_head")
    rows = await persons_of(house.office, kind_of(house), head, "2026-09", house.units["U10A"].id, "zh-Hans")
    standing = {row.staff_no: (row.standing, row.state) for row in rows}
    assert standing == {
        "9021022": ("waiting", None),
        "9021021": ("in_time", None),
        "9021023": ("in_time", None),
    }
    assert rows[0].staff_no == "9021022"
    with pytest.raises(NotThere):
        await persons_of(house.office, kind_of(house), head, "2026-09", house.units["U12"].id, "zh-Hans")
    for name in ("leader", "officer", "clerk", "sysadmin"):
        actor = await house.actor(name)
        with pytest.raises(NotThere):
            await persons_of(house.office, kind_of(house), actor, "2026-09", house.units["U10A"].id, "zh-Hans")


async def test_the_roll_of_a_head_is_the_same_before_and_after_an_entry(house: House) -> None:
    """An entry of an officer, and the amendment of his zero, leave no trace in what heads and leaders see by unit."""
    await open_september(house)
    for name in house.persons:
        await says(house, name)
    names = ("section_head", "port_head", "leader")
    before = {name: await seen_by(house, name) for name in names}
    await house.plead("officer", occurred_at="2026-09-12")
    await run(house)
    assert (await of(house, "officer")).facts["amended"] == "true"
    after = {name: await seen_by(house, name) for name in names}
    assert after == before


async def test_an_officer_excuses_and_enters_paper_only_where_he_handles(house: House) -> None:
    await open_september(house)
    near, far = await house.actor("integrity"), await house.actor("integrity_other")
    record = await of(house, "officer")
    for actor in (far, await house.actor("section_head"), await house.actor("sysadmin")):
        with pytest.raises(NotThere):
            await do_act(house.office, house.kinds, actor, record.public_id, "免报", {"excuse": "学习"})
        with pytest.raises(NotThere):
            async with sql.transaction():
                await do_enter_paper(house.office, house.kinds, actor, record.public_id, zero=True)
    await do_act(house.office, house.kinds, near, record.public_id, "免报", {"excuse": "外出学习"})
    assert (await of(house, "officer")).state == "excused"
    other = await of(house, "officer_2")
    async with sql.transaction():
        await do_enter_paper(house.office, house.kinds, near, other.public_id, zero=True)
    assert (await of(house, "officer_2")).facts["proof"] == "paper"
    line = (await seen_by(house, "integrity"))["U10A"]
    assert line == (2, 1, 1, 0)


async def test_nobody_handles_his_own_return(house: House) -> None:
    await open_september(house)
    head = await house.actor("integrity_head")
    own = await of(house, "integrity_head")
    with pytest.raises(NotThere):
        await do_act(house.office, house.kinds, head, own.public_id, "免报", {"excuse": "忙"})
    with pytest.raises(NotThere):
        async with sql.transaction():
            await do_enter_paper(house.office, house.kinds, head, own.public_id, zero=True)


async def test_the_figures_hold_together(house: House) -> None:
    await answered(house)
    await clock_acts(house, "2026-10-09T09:00")
    await says(house, "officer")
    roll = await roll_of(house.office, kind_of(house), await house.actor("integrity_head"), None)
    assert roll is not None
    for row in (*roll.rows, roll.total):
        assert row.line.due == row.line.zero + row.line.has + row.line.missed + row.line.waiting
    assert roll.total.line.late == 1
    assert roll.total.line.rate == (roll.total.line.due - 1) / roll.total.line.due


async def test_a_month_that_was_never_asked_about(house: House) -> None:
    kind, actor = kind_of(house), await house.actor("integrity_head")
    assert await roll_of(house.office, kind, actor, None) is None
    await open_september(house)
    with pytest.raises(NotThere):
        await roll_of(house.office, kind, actor, "2026-08")


async def test_units_that_answer_zero_for_months(house: House) -> None:
    """U12 has five persons and says nothing for three months; one entry filed later takes it off the list."""
    moved = ("yunxi", "handler_2", "clerk_2", "custodian")
    await Person.filter(id__in=[house.persons[name].id for name in moved]).update(unit_id=house.units["U12"].id)
    kind, officer = kind_of(house), await house.actor("integrity_other")
    for moment, period in (("2026-09-30", "2026-09"), ("2026-10-30", "2026-10"), ("2026-11-30", "2026-11")):
        house.clock.move_to(at(f"{moment}T10:00"))
        await run(house)
        for name in ("other_head", "other_officer", *moved):
            await says(house, name, period=period)
    found = await silent_units(house.office, kind, officer, 3)
    assert [(one.unit_id, one.persons, one.answered) for one in found] == [(house.units["U12"].id, 6, 18)]
    assert await silent_units(house.office, kind, officer, 6) == []
    for name in ("other_head", "leader", "integrity", "sysadmin"):
        assert await silent_units(house.office, kind, await house.actor(name), 3) == []
    await house.plead("other_officer", occurred_at="2026-10-12")
    await run(house)
    assert await silent_units(house.office, kind, officer, 3) == []


async def test_a_small_unit_is_never_called_silent(house: House) -> None:
    """Everybody says zero; only one unit has five persons."""
    await open_september(house)
    for name in house.persons:
        await says(house, name)
    found = await silent_units(house.office, kind_of(house), await house.actor("integrity_head"), 1)
    assert [one.unit_id for one in found] == [house.units["U08"].id]


async def test_who_belongs_to_no_unit_is_counted_for_the_head_of_integrity(house: House) -> None:
    await Person.filter(id=house.persons["yunxi"].id).update(unit_id=None)
    await open_september(house)
    roll = await roll_of(house.office, kind_of(house), await house.actor("integrity_head"), None)
    assert roll is not None
    assert roll.total.line.due == len(house.persons)
    assert (roll.rows[0].unit_id, roll.rows[0].line.due, roll.rows[0].answers) == (0, 1, True)


async def test_how_far_each_reaches(house: House) -> None:
    reach = await reach_of(house.office, kind_of(house), await house.actor("integrity"))
    assert house.units["U10A"].id in reach.handles
    assert not reach.heads
    assert not reach.house


async def test_a_return_is_answered_once(house: House) -> None:
    await open_september(house)
    await says(house, "officer")
    with pytest.raises(Conflict, match=r"returns\.closed_already"):
        await says(house, "officer", "2", reply="2")
