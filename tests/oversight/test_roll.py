"""R03: the roll of a month from the returns themselves; a head sees who answered in time, not what."""

from models.org import Person
from oversight.definition import Reports
from oversight.periods import parse_period
from oversight.reports import make
from oversight.table import Hidden, Report
from tests.oversight.returns.month_end import clock_acts, open_september, says
from tests.records.conftest import House

SEPTEMBER = parse_period("2026-09")


def total(report: Report) -> dict[str, object]:
    assert report.total is not None
    return dict(zip([column.id for column in report.columns], report.total, strict=True))


async def month(house: House) -> int:
    """All but three answer zero in time; one has an entry, one is late, one never answers, one is on leave."""
    await Person.filter(id=house.persons["yunxi"].id).update(status="leave")
    await house.plead("officer")
    await open_september(house)
    others = [name for name in house.persons if name not in ("yunxi", "officer", "handler", "handler_2")]
    for name in others:
        await says(house, name)
    await says(house, "officer", "2", reply="2")
    await clock_acts(house, "2026-10-09T09:00")
    await says(house, "handler")
    return len(others)


async def test_the_roll_of_a_month(house: House, reports: Reports) -> None:
    zero = await month(house)
    report = await make(house.office, reports, "R03", SEPTEMBER, await house.actor("integrity_head"))
    figures = total(report)
    due = zero + 3
    assert (figures["due"], figures["excused"], figures["zero"], figures["has"]) == (due, 1, zero + 1, 1)
    assert (figures["late"], figures["missed"], figures["open"], figures["amended"]) == (1, 1, 0, 0)
    assert figures["rate"] == (due - 2) / due
    check = report.sections[-1].rows[0]
    assert check[-1] == 0
    august = await make(house.office, reports, "R03", parse_period("2026-08"), await house.actor("integrity_head"))
    assert total(august)["due"] == 0


async def test_a_head_sees_his_own_people_and_not_what_they_said(house: House, reports: Reports) -> None:
    await month(house)
    report = await make(house.office, reports, "R03", SEPTEMBER, await house.actor("counter_head"))
    assert [column.id for column in report.columns] == ["unit", "due", "excused", "late", "missed", "open", "rate"]
    assert [row[0]["en"] for row in report.rows] == ["Clearance Section (counter)"]  # type: ignore[index, call-overload]
    assert report.total is not None
    assert report.total[1:] == report.rows[0][1:] == (3, 0, 1, 1, 0, 1 / 3)
    assert report.sections == ()
    assert report.sentence is None


async def test_the_leader_cannot_work_out_who_had_something(house: House, reports: Reports) -> None:
    """One had an entry: what was due less what was missed and zero would tell it."""
    await month(house)
    report = await make(house.office, reports, "R03", SEPTEMBER, await house.actor("leader"))
    figures = total(report)
    assert figures["has"] == Hidden()
    assert isinstance(figures["zero"], Hidden) or isinstance(figures["due"], Hidden)
