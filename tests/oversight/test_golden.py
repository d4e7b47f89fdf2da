"""The figures that were reported by hand, from rows, through the code that makes any report of any period."""

import csv
from pathlib import Path

import pytest

from models.org import Unit
from oversight.definition import Reports
from oversight.importing import import_table
from oversight.periods import months_in, parse_period
from oversight.reports import make
from oversight.table import Hidden, Report
from tests.records.conftest import House
from tests.records.test_hongbao_2005 import play_the_year

DATA = Path(__file__).parents[1] / "data"
ZH = (
    "2005年，共发出致函通报390件，涉及金额529,800.00元（52.98万元），向社会公布42件；"
    "收受人员中，党纪处分2人、政纪处分4人、组织处理9人，公布3人。"
)
EN = (
    "2005: 390 notice letters, RMB 529,800.00; 42 published. "
    "Takers: 2 party discipline, 4 administrative, 9 organisational; 3 published."
)


def total(report: Report) -> dict[str, object]:
    assert report.total is not None
    return {column.id: cell for column, cell in zip(report.columns, report.total, strict=True)}


async def imported(house: House, table: str, file: str) -> int:
    found = await import_table(house.office, table, (DATA / file).read_bytes())
    assert found.problems == ()
    return found.rows


@pytest.mark.timeout(900)
async def test_the_letters_of_2005(house: House, reports: Reports) -> None:
    await play_the_year(house)
    assert await imported(house, "sanctions", "sanctions_2005.csv") == 15
    head, leader = await house.actor("integrity_head"), await house.actor("leader")
    report = await make(house.office, reports, "R01", parse_period("2005"), head)
    figures = total(report)
    assert {name: figures[name] for name in ("letters", "amount_letters", "published")} == {
        "letters": 390,
        "amount_letters": 52_980_000,
        "published": 42,
    }
    assert [figures[name] for name in ("party", "admin", "org_measure", "taker_published")] == [2, 4, 9, 3]
    assert report.sentence is not None
    assert (report.sentence["zh-Hans"], report.sentence["en"]) == (ZH, EN)
    assert_totals_are_sums(report)
    await the_months_add_up(house, reports, figures)
    await what_the_leader_sees(house, reports, leader, report)


def assert_totals_are_sums(report: Report) -> None:
    assert report.total is not None
    for place, column in enumerate(report.columns):
        if column.shape in ("count", "money"):
            assert sum(row[place] for row in report.rows) == report.total[place], column.id  # type: ignore[misc]


async def the_months_add_up(house: House, reports: Reports, year: dict[str, object]) -> None:
    """A record belongs to one month; letters of the year are in one of its months each."""
    head = await house.actor("integrity_head")
    months = months_in(parse_period("2005"))
    parts = [total(await make(house.office, reports, "R01", month, head)) for month in months]
    for name in ("registered", "letters", "amount_letters", "published"):
        assert sum(part[name] for part in parts) == year[name], name  # type: ignore[misc]


async def what_the_leader_sees(house: House, reports: Reports, leader: object, exact: Report) -> None:
    """He reads no record: what is small is hidden, and what would tell it; the figures of the year are not."""
    shown = await make(house.office, reports, "R01", parse_period("2005"), leader)  # type: ignore[arg-type]
    assert shown.sentence == exact.sentence
    some = [(cell, was) for row, exact_row in zip(shown.rows, exact.rows, strict=True)
            for cell, was in zip(row, exact_row, strict=True)]  # fmt: skip
    assert {was for cell, was in some if cell == Hidden()} == {0, 1, 2, 3, 4}
    assert all(cell == was for cell, was in some if not isinstance(cell, Hidden))


async def test_the_appraisals_of_2005(house: House, reports: Reports) -> None:
    assert await imported(house, "appraisals", "appraisal_2005.csv") == 132
    leader = await house.actor("leader")
    report = await make(house.office, reports, "R09", parse_period("2005"), leader)
    assert len(report.rows) == 132
    assert report.sentence is not None
    assert report.sentence["zh-Hans"] == "2005年共有132个单位参加地方行风评议，其中75个名列前五或受到表彰。"
    none = await make(house.office, reports, "R09", parse_period("2006"), leader)
    assert none.rows == ()


async def test_the_survey_of_august(house: House, reports: Reports) -> None:
    """As tests/data/survey_expected.csv has it: two decimals, half up, nothing below five sets."""
    for place, code in enumerate(("U11", "U13"), 100):
        await Unit.create(
            id=place, code=code, name_zh=code, name_en=code, kind="office", parent_id=house.units["U00"].id
        )
    assert await imported(house, "survey", "survey.csv") == await imported(house, "survey", "survey.csv") == 75
    report = await make(house.office, reports, "R08", parse_period("2026-08"), await house.actor("leader"))
    codes = {unit.name_zh: unit.code for unit in await Unit.all()}
    found = {
        codes[row[0]["zh-Hans"]]: dict(zip([c.id for c in report.columns], row, strict=True)) for row in report.rows
    }  # type: ignore[index, call-overload]
    with (DATA / "survey_expected.csv").open(encoding="utf-8", newline="") as file:
        for wanted in csv.DictReader(file):
            row = found[wanted["unit_id"]]
            assert row["staff"] == int(wanted["staff_sets_apart"])
            if wanted["index"] == "<5":
                assert (row["index"], row["rate"]) == (Hidden(), Hidden())
                assert isinstance(row["sets"], Hidden)
            else:
                assert f"{row['index']:.2f}" == wanted["index"]
                assert f"{100 * row['rate']:.2f}" == wanted["satisfaction_rate"]  # type: ignore[operator]
                assert row["sets"] == int(wanted["counted_sets"]) or row["sets"] == Hidden(derived=True)
    assert len(found) == 5


async def test_a_wrong_import_writes_nothing(house: House) -> None:
    data = "row,person_code,kind,date,document_no,published\nS1,P1,party,2005-02-30,x,y\nS1,P2,jail,2005-02-03,x,y\n"
    found = await import_table(house.office, "sanctions", data.encode())
    assert found.rows == 0
    assert [(problem.line, problem.column) for problem in found.problems] == [(2, "date"), (3, "row"), (3, "kind")]
    assert all(problem.say(house.office.texts, lang) for problem in found.problems for lang in ("zh-Hans", "en"))
