"""The clock prints reports, tells the digest, and does not print twice what two processes print at once."""

import asyncio
import datetime as dt

import pytest

from core.clock import HandClock
from core.limits import Limits
from core.office import Office
from models.issue import IssuedReport
from models.outgoing import Message
from oversight.reports import load_reports
from oversight.schedule_file import schedule
from records.groups import ensure_groups
from records.loading import load_kinds
from service import overseeing
from tests.oversight.test_issuing import HEAD, LEADER, reachable
from tests.people.sample import load_sample


@pytest.mark.timeout(300)
async def test_a_month_prints_itself_from_rows_once(db: str, office: Office, clock: HandClock) -> None:
    await load_sample(office)
    kinds = load_kinds(office.texts, Limits.load())
    await ensure_groups(office, kinds)
    await reachable(office, LEADER, HEAD)
    reports, plan = load_reports(kinds), schedule()
    await overseeing.step(office, reports, plan)
    assert await IssuedReport.all().count() == 0
    clock.move_to(dt.datetime.fromisoformat("2026-10-08T08:00:00+08:00"))
    await asyncio.gather(*(overseeing.step(office, reports, plan) for _ in range(2)))
    rows = await IssuedReport.all().order_by("id")
    assert sorted((row.report, row.period) for row in rows) == [("R01", "2026-09"), ("R02", "2026-09")]
    assert {row.state for row in rows} == {"waiting"}
    assert await Message.filter(text_key="T-REPORT-WAITS").count() == 2 * 2
    clock.move_to(dt.datetime.fromisoformat("2026-10-08T09:00:00+08:00"))
    await overseeing.step(office, reports, plan)
    assert await Message.filter(text_key="T-DIGEST").count() == 1
    clock.move_to(dt.datetime.fromisoformat("2026-10-14T08:00:00+08:00"))
    await overseeing.step(office, reports, plan)
    assert sorted(await IssuedReport.all().values_list("report", flat=True)) == ["R01", "R02", "R03", "R08"]
