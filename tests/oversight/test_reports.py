"""Reports for their readers: who may have which, what is counted for whom, what is hidden, what must balance."""

from collections.abc import Mapping
from typing import Any

import pytest

from core.errors import NotAllowed
from models import ledger_append, sql
from models.org import Grant
from models.record import Record
from oversight import custody_counts
from oversight.definition import Reports
from oversight.periods import parse_period
from oversight.reports import make, reports_for
from oversight.table import Hidden, Report
from records.acts import do_act
from records.filing import Filed
from records.marks import actor_mark
from records.reading import open_record
from tests.records.conftest import House

SEPTEMBER = parse_period("2026-09")


async def made(house: House, reports: Reports, name: str, who: str | None, period: str = "2026-09") -> Report:
    actor = await house.actor(who) if who else None
    return await make(house.office, reports, name, parse_period(period), actor)


def total(report: Report) -> Mapping[str, Any]:
    assert report.total is not None
    return dict(zip([column.id for column in report.columns], report.total, strict=True))


def row(report: Report, unit: str) -> Mapping[str, Any]:
    found = [each for each in report.rows if each[0]["zh-Hans"] == unit]  # type: ignore[index, call-overload]
    assert len(found) == 1
    return dict(zip([column.id for column in report.columns], found[0], strict=True))


async def act(house: House, filed: Filed, who: str, name: str, **values: str) -> None:
    await do_act(house.office, house.kinds, await house.actor(who), filed.public_id, name, values)


async def assessed(house: House, filed: Filed, how: str) -> None:
    await act(house, filed, "integrity", "受理")
    await act(house, filed, "integrity", "核实")
    await act(house, filed, "integrity_head", "认定", assessment=how, assessment_text="要求先放行")


async def take_in(house: House, filed: Filed, place: str) -> None:
    """Two custodians take a thing in: what the first gives the second confirms."""
    await act(house, filed, "custodian", "接收", custody_no=f"B-{place}", receipt_no=f"S-{place}")
    await act(house, filed, "auditor", "接收")


HAVE = {
    "integrity_head": {"R01", "R02", "R03", "R07", "R13", "R15", "R17"},
    "leader": {"R01", "R02", "R03", "R08", "R09", "R13", "R15", "R17"},
    "port_head": {"R03", "R08"},
    "custodian": {"R07"},
    "auditor": {"R07", "R15"},
    "officer": set(),
    "sysadmin": set(),
}


async def test_who_may_have_which(house: House, reports: Reports) -> None:
    for who, wanted in HAVE.items():
        actor = await house.actor(who)
        got = {report.id for report in reports_for(reports, actor) if not report.register}
        assert got == wanted & set(reports.by_id), who
        for name in {"R01", "R02", "R15"} - wanted:
            with pytest.raises(NotAllowed):
                await make(house.office, reports, name, SEPTEMBER, actor)


async def test_intercession_for_its_readers(house: House, reports: Reports) -> None:
    """The head of integrity reads every entry and sees every figure; the leader none that is small."""
    filed = [await house.plead(asker_identity="5", response="2"), await house.plead("handler", asker_identity="1")]
    await assessed(house, filed[0], "improper")
    await assessed(house, filed[1], "guided")
    report = await made(house, reports, "R02", "integrity_head")
    figures = total(report)
    wanted = {"entries": 2, "in_time": 2, "by_company": 1, "by_leader": 1, "refused": 1, "guided": 1, "improper": 1}
    assert {name: figures[name] for name in wanted} == wanted
    assert (figures["normal"], figures["interference"], figures["open"]) == (1, 0, 2)
    assert row(report, "查验一科")["entries"] == row(report, "通关科（窗口）")["entries"] == 1
    assert report.sentence is not None
    assert report.sentence["zh-Hans"].startswith("2026年9月登记2件，其中正常反映1件、不当说情1件")
    assert [section.titles["en"] for section in report.sections] == ["Kind of matter and kind of person"]
    assert report.sections[0].rows[-1][-1] == 2
    assert (report.office["en"], report.by) == ("Xinglan Customs District", "石敢言")
    leader = await made(house, reports, "R02", "leader")
    cells = [cell for line in [*leader.rows, leader.total or ()] for cell in line[1:]]
    cells += [cell for line in leader.sections[0].rows for cell in line[1:]]
    assert all(isinstance(cell, Hidden) for cell in cells)
    assert leader.sentence is not None
    assert "登记<5件" in leader.sentence["zh-Hans"]
    assert not leader.charts


async def test_what_happened_last_year_and_the_month_before_is_set_beside(house: House, reports: Reports) -> None:
    for day in ("2025-09-30", "2026-08-31", "2026-08-01", "2026-09-01", "2026-09-14T07:00"):
        await house.plead(occurred_at=day)
    report = await made(house, reports, "R02", "integrity_head")
    assert total(report)["entries"] == 2
    before, year_before = report.compared
    assert (before.period, year_before.period) == (parse_period("2026-08"), parse_period("2025-09"))
    assert (before.total[1], year_before.total[1]) == (2, 1)
    year = await made(house, reports, "R02", "integrity_head", "2026")
    assert [point["value"] for point in year.charts[-1].points] == [0, 0, 0, 0, 0, 0, 0, 2, 2, 0, 0, 0]


async def test_who_is_named_and_who_is_under_him_count_without_it(house: House, reports: Reports) -> None:
    """No count difference: the record is in the figures of the leader who handles it, not of the one whom it names."""
    await house.plead(asker_name="石敢言")
    await house.plead()
    assert total(await made(house, reports, "R02", "integrity_head"))["entries"] == 1
    assert await Record.filter(kind="intercession").count() == 2
    await house.plead(asker_name="骆晴川")
    assert total(await made(house, reports, "R02", "integrity_head"))["entries"] == 2


async def test_gifts_and_the_books_of_the_store(house: House, reports: Reports) -> None:
    """S05 in small: taken in by two, paid to the treasury; the books say where each thing went, and balance."""
    house.at("2026-08-20T10:00")
    first, second = (
        await house.gift(received_at="2026-08-19"),
        await house.gift(received_at="2026-08-20", amount="250.50"),
    )
    await take_in(house, first, "0")
    await take_in(house, second, "1")
    house.at("2026-09-02T10:00")
    await act(house, first, "custodian", "退还")
    await act(house, first, "custodian", "无法退还缴库", treasury_doc="K-1", disposal_date="2026-09-02")
    await house.gift(received_at="2026-09-01")
    report = await made(house, reports, "R07", "custodian")
    assert [line[1] for line in report.rows] == ["B-0", "B-1"]
    books = {line[0]["en"]: line[1:] for line in report.sections[0].rows}  # type: ignore[index, call-overload]
    assert books["opening"] == (2, 125050)
    assert books["received"] == (0, 0)
    assert books["less: paid to treasury"] == (1, 100000)
    assert books["closing, in the store"] == (1, 25050)
    assert books["difference"] == (0, 0)
    august = await made(house, reports, "R07", "integrity_head", "2026-08")
    books = {line[0]["en"]: line[1:] for line in august.sections[0].rows}  # type: ignore[index, call-overload]
    assert (books["opening"], books["received"], books["closing, in the store"]) == ((0, 0), (2, 125050), (2, 125050))
    await Grant.filter(person_id=house.persons["auditor"].id, role="custodian").delete()
    assert "thing" not in [column.id for column in (await made(house, reports, "R07", "auditor")).columns]
    figures = total(await made(house, reports, "R01", "integrity_head"))
    assert (figures["registered"], figures["treasury"]) == (1, 1)


async def test_what_two_persons_counted_stands_below_the_books(house: House, reports: Reports) -> None:
    filed = [await house.gift(), await house.gift(amount="20.00")]
    for place, each in enumerate(filed):
        await take_in(house, each, str(place))
    first, second = await house.actor("custodian"), await house.actor("auditor")
    found, why = frozenset({filed[0].record_id}), {filed[1].record_id: "找不到"}
    count = await custody_counts.enter(house.office, house.kinds, first, found, why)
    assert len((await made(house, reports, "R07", "custodian")).sections) == 1
    await custody_counts.confirm(house.office, house.kinds, second, count)
    counted = (await made(house, reports, "R07", "custodian")).sections[1]
    assert counted.rows == ((house.office.today(), 2, 1, 1),)
    assert len((await made(house, reports, "R07", "custodian", "2026-08")).sections) == 1


async def test_books_that_do_not_balance_say_so(house: House, reports: Reports) -> None:
    """A thing that is said to have left the store and stands in it: the difference is shown, nothing is smoothed."""
    filed = await house.gift()
    await take_in(house, filed, "1")
    record = await house.record(filed)
    record.facts = {**record.facts, "disposal_date": "2026-09-01"}
    record.tracks = {**record.tracks, "custody": "remitted"}
    await record.save()
    report = await made(house, reports, "R07", "custodian")
    section = report.sections[0]
    assert section.note is not None
    assert section.note["en"].startswith("The books do not balance") == (section.rows[-1][1:] != (0, 0))


async def test_the_public_learns_totals_only(house: House, reports: Reports) -> None:
    for _ in range(5):
        await house.plead()
        await house.complain()
    await house.gift()
    report = await made(house, reports, "R17", None)
    assert report.rows == ()
    assert "unit" not in total(report)
    assert (total(report)["complaints"], total(report)["entries"]) == (5, 5)
    assert total(report)["letters"] == Hidden()
    assert total(report)["amount"] == Hidden(derived=True)
    assert isinstance(total(report)["in_time"], Hidden)
    gifts = await made(house, reports, "R01", None)
    assert (gifts.rows, gifts.charts, total(gifts)["registered"]) == ((), (), Hidden())
    with pytest.raises(NotAllowed):
        await made(house, reports, "R02", None)


async def test_the_audit_counts_who_opened_what(house: House, reports: Reports) -> None:
    filed = await house.plead()
    house.at("2026-09-14T23:30")
    for who in ("integrity_head", "integrity_head", "integrity"):
        await open_record(house.office, house.kinds, await house.actor(who), filed.public_id)
    mark = actor_mark(house.office, house.persons["leader"].id)
    for event in ("export_approved", "printed", "export_taken"):
        await ledger_append.append(None, event, mark, {}, house.office.clock.now())
    report = await made(house, reports, "R15", "auditor")
    lines = {line[0]: line[2:] for line in report.rows}
    assert lines["9021001"] == (0, 0, 1, 2, 3)
    assert lines["9021004"] == (2, 2, 0, 0, 2)
    assert lines["9021005"] == (1, 1, 0, 0, 1)
    chain = report.sections[-1].rows[0][0]
    assert chain["en"].startswith("Sound: ")  # type: ignore[index, call-overload]
    await sql.execute("UPDATE ledger_head SET root = $1", "0" * 64)
    broken = (await made(house, reports, "R15", "auditor")).sections[-1].rows[0][0]
    assert broken["en"].startswith("Broken at entry")  # type: ignore[index, call-overload]


async def test_every_register_has_statistics(house: House, reports: Reports) -> None:
    """Each reader within his reach; a fact that he may not see has no table."""
    await house.plead()
    await house.plead("other_officer")
    head = await made(house, reports, "R00-intercession", "integrity_head")
    officer = await made(house, reports, "R00-intercession", "integrity")
    assert (total(head)["entries"], total(officer)["entries"]) == (2, 1)
    assert "石桥口海关" not in [line[0]["zh-Hans"] for line in officer.rows]  # type: ignore[index, call-overload]
    assert total(head)["state.submitted"] == 2
    tables = {section.titles["en"]: section for section in head.sections}
    assert [line[1] for line in tables["kind of matter"].rows][:2] == [2, 0]
    with pytest.raises(NotAllowed):
        await made(house, reports, "R00-intercession", "port_head")
