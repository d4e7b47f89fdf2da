"""A report that is issued to several holds what each of them may see, and of no record that names one of them."""

import pytest

from core.errors import Refused
from core.office import Office
from models.record import Record
from oversight import issuing, periods
from oversight.definition import Reports
from oversight.issuing import Readers
from oversight.reports import load_reports, make
from oversight.table import Hidden, Report
from records.kind import Kinds
from tests.oversight.test_digest import HEAD, OFFICER, kinds, plead
from tests.people.sample import actor

__all__ = ["kinds"]
SEPTEMBER = periods.parse_period("2026-09")


@pytest.fixture
def known(kinds: Kinds) -> Reports:
    return load_reports(kinds)


async def made(office: Office, known: Reports, report_id: str, *roles: str) -> Report:
    head = await actor(office, HEAD)
    return await issuing.make_to_issue(office, known, report_id, SEPTEMBER, Readers(roles), head)


def column(report: Report, name: str) -> list[object]:
    place = [each.id for each in report.columns].index(name)
    return [row[place] for row in report.rows]


def total(report: Report, name: str) -> object:
    assert report.total is not None
    return report.total[[each.id for each in report.columns].index(name)]


async def test_small_figures_are_hidden_where_one_of_them_does_not_read_the_register(
    office: Office, kinds: Kinds, known: Reports
) -> None:
    """The leader may issue it, so that small figures are hidden even where the head alone is to read it."""
    await plead(office, kinds, OFFICER)
    whole = await make(office, known, "R02", SEPTEMBER, await actor(office, HEAD))
    assert 1 in column(whole, "entries")
    for roles in (("integrity_head",), ("integrity_head", "leader")):
        issued = await made(office, known, "R02", *roles)
        assert 1 not in column(issued, "entries")
        assert any(isinstance(each, Hidden) for each in column(issued, "entries"))
        assert issued.by == "石敢言"


async def test_a_record_that_names_a_reader_or_an_issuer_is_in_nobodys_copy(
    office: Office, kinds: Kinds, known: Reports
) -> None:
    for asker in ("石敢言", "晏清澜", "周某"):
        for _ in range(6):
            await plead(office, kinds, OFFICER, asker_name=asker)
    for by in (await actor(office, HEAD), None):
        report = await issuing.make_to_issue(office, known, "R02", SEPTEMBER, Readers(("integrity_head",)), by)
        assert total(report, "open") == 6
        assert report.by == ("石敢言" if by else "")
    assert await Record.filter(kind="intercession").count() == 18


async def test_a_head_of_unit_gets_who_answered_and_not_what(office: Office, known: Reports) -> None:
    report = await made(office, known, "R03", "unit_head", "leader")
    assert not {"zero", "has", "amended"} & {each.id for each in report.columns}
    assert report.sentence is None
    assert not any(isinstance(each, Hidden) for each in column(report, "due"))
    whole = await make(office, known, "R03", SEPTEMBER, await actor(office, HEAD))
    assert {"zero", "has", "amended"} <= {each.id for each in whole.columns}


@pytest.mark.parametrize("roles", [("unit_head",), ("leader", "auditor")])
async def test_who_may_not_have_it_cannot_be_its_reader(office: Office, known: Reports, roles: tuple[str, ...]) -> None:
    with pytest.raises(Refused, match=r"report\.not_for"):
        await made(office, known, "R02", *roles)
