"""What is looked at of reports at the end of a day: the totals, made for the head of the integrity office."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from oversight.definition import Reports
from oversight.periods import parse_period, text_of
from oversight.printing.figures import shown
from oversight.reports import load_reports, make
from oversight.table import Report
from people.access import actor_of
from people.persons import find_by_staff_no
from tests.scenarios.play import Play

HEAD, UNIT_HEAD = "9021004", "9021018"
MADE = {"R01", "R02", "R03"}
"""The reports that the days tell of and that the product makes."""


async def _made(play: Play, name: str, staff_no: str = HEAD) -> Report:
    reports: Reports = load_reports(play.stage.kinds)
    person = await find_by_staff_no(staff_no)
    assert person is not None
    period = parse_period(str(play.step.expect.get("period", "2026-09")))
    return await make(play.stage.office, reports, name, period, await actor_of(play.stage.office, person.id))


def _total(play: Play, report: Report) -> Mapping[str, str]:
    """Every figure of the total as it is read."""
    assert report.total is not None
    both = zip(report.columns, report.total, strict=True)
    return {column.id: shown(cell, column.shape, "zh-Hans", play.stage.office.zone) for column, cell in both}


async def _report(play: Play, wanted: str) -> None:
    """The report is made, and the console shows its figures; a return's row is that of the report too."""
    report = await _made(play, wanted)
    assert report.id == wanted
    play.kept["report"] = report
    page = await play.look(f"/reports/{wanted}?period={text_of(report.period)}", HEAD)
    assert page.status == 200
    assert report.sentence is not None
    assert report.sentence["zh-Hans"] in page.words
    if row := play.step.expect.get("row"):
        total = _total(play, report)
        assert {name: total[name] for name in row} == {name: str(value) for name, value in row.items()}
        columns = {column.id for column in (await _made(play, wanted, UNIT_HEAD)).columns}
        assert not columns & {"zero", "has", "amended"}


async def _period(play: Play, wanted: str) -> None:
    assert text_of(play.kept["report"].period) == wanted


async def _row_total(play: Play, wanted: Mapping[str, Any]) -> None:
    total = _total(play, play.kept["report"])
    assert {name: total[name] for name in wanted} == {name: str(value) for name, value in wanted.items()}


async def books_balance(play: Play) -> None:
    """The books of the store of the same period leave no difference, in number and amount."""
    books = (await _made(play, "R07")).sections[0].rows
    assert books[-1][0]["en"] == "difference"  # type: ignore[index, call-overload]
    assert books[-1][1:] == (0, 0)
    assert {line[0]["en"]: line[1] for line in books}["less: paid to treasury"] == 2  # type: ignore[index, call-overload]


CHECKS: Mapping[str, Callable[[Play, Any], Awaitable[None]]] = {
    "period": _period,
    "report": _report,
    "row_total": _row_total,
}
