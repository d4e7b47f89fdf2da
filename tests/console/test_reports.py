"""The pages of reports: made, downloaded, prepared, issued by another, read; each to whom it is for."""

import io
import re
from urllib.parse import quote

from openpyxl import load_workbook

from models import ledger_read
from models.issue import IssuedReport, ReportReader
from tests.console.browser import Answer, Browser
from tests.console.conftest import sqlite_only
from tests.console.house import House


async def prepared(house: House, report: str = "R02", reader: str = "leader") -> str:
    async with await house.as_role("integrity_head") as head:
        page = f"/reports/{report}?period=2026-09"
        fields = [("period", "2026-09"), ("readers", reader), ("readers", "integrity_head")]
        answer = await head.post(f"/reports/{report}/prepare", fields, page=page)
    assert answer.status == 200, answer.words
    assert answer.path.startswith("/reports/issued/"), answer.words
    return answer.path


async def the(browser: Browser, path: str) -> Answer:
    answer = await browser.get(path)
    assert answer.status == 200, answer.words
    return answer


@sqlite_only
async def test_a_report_is_shown_with_its_period_and_files(house: House) -> None:
    async with await house.as_role("integrity_head", "en-GB") as head:
        listed = await the(head, "/reports")
        assert "Intercession statistics" in listed.words
        page = await the(head, "/reports/R02?period=2026-09")
        assert "September 2026" in page.words
        assert '<th scope="col">Unit</th>' in page.text
        assert '<th scope="row">' in page.text
        assert "<caption" in page.text
        assert 'role="img"' in page.text
        assert (await head.get("/reports/R02?period=2026Q3")).status == 200
        assert (await head.get("/reports/R02?first=2026-09-01&last=2026-09-20")).status == 200
        wrong = await head.get("/reports/R02?period=soon")
        assert (wrong.status, "Please write the period" in wrong.words) == (400, True)
        assert (await head.get("/reports/R99")).status == 404


@sqlite_only
async def test_a_file_is_noted_in_the_ledger(house: House) -> None:
    async with await house.as_role("integrity_head") as head:
        address = "/reports/R02/file?period=2026-09&format=xlsx&lang=both"
        async with head.client.get(address) as got:
            assert got.status == 200
            assert got.headers["Content-Disposition"] == 'attachment; filename="R02-2026-09-both.xlsx"'
            sheet = load_workbook(io.BytesIO(await got.read())).worksheets[0]
        assert sheet["A2"].value == "说情登记统计表 Intercession statistics"
        assert (await head.get("/reports/R02/file?period=2026-09&format=exe&lang=en")).status == 404
        bad = await head.get("/reports/R02/file?period=x&format=csv&lang=en")
        assert bad.status == 409
    rows = [row async for row in ledger_read.rows() if row.entry.event == "printed"]
    assert len(rows) == 1
    assert rows[0].detail is not None
    assert '"report":"R02"' in rows[0].detail


@sqlite_only
async def test_prepared_by_one_issued_by_another_read_by_the_rest(house: House) -> None:
    address = await prepared(house, "R03", "unit_head")
    issue = f"{address}/acts/issue"
    async with await house.as_role("integrity_head") as head:
        page = await the(head, address)
        assert issue not in page.text
        own = await head.post(issue, {}, page=address)
        assert (own.status, "另一人" in own.words) == (409, True)
    async with await house.as_role("leader") as leader:
        assert "待签发" in (await the(leader, "/reports")).words
        page = await the(leader, address)
        assert issue in page.text
        done = await leader.post(issue, {}, page=address)
        assert (done.status, done.path) == (200, address)
        again = await leader.post(issue, {}, page=address)
        assert again.status == 409
        heads = await ReportReader.filter(read_at__isnull=True).count()
        assert heads > 3
        assert f"{heads} / {heads + 1} 人" in (await the(leader, "/reports")).words
        assert "未阅" in (await the(leader, address)).words
        async with leader.client.get(f"{address}/file?format=pdf&lang=zh-Hans") as got:
            assert (got.status, (await got.read())[:5]) == (200, b"%PDF-")
    async with await house.as_role("unit_head") as head:
        assert "未阅" in (await the(head, "/reports")).words
        page = await the(head, address)
        assert "迟报" in page.words
        assert re.search("零报告 有登记|事后更正|阅读情况", page.words) is None, "a head sees who answered, not what"
        assert "未阅" not in (await the(head, "/reports")).words
    assert await ReportReader.filter(read_at__isnull=True).count() == heads - 1


@sqlite_only
async def test_who_it_is_not_for_finds_nothing(house: House) -> None:
    address = await prepared(house)
    for role in ("unit_head", "officer", "sysadmin", "editor", "clerk", "custodian", "auditor"):
        async with await house.as_role(role) as browser:
            assert (await browser.get(address)).status in (403, 404), role
            assert (await browser.get(f"{address}/file?format=csv&lang=en")).status in (403, 404), role
            assert (await browser.get("/reports/R02")).status in (403, 404), role
            assert (await browser.get("/digest")).status == 403, role
    assert (await IssuedReport.get()).state == "waiting"


@sqlite_only
async def test_readers_who_may_not_have_it_are_refused_beside_the_form(house: House) -> None:
    async with await house.as_role("integrity_head") as head:
        page = "/reports/R02?period=2026-09"
        nobody = await head.post("/reports/R02/prepare", {"period": "2026-09"}, page=page)
        assert "请至少选择一类" in nobody.words
        officer = {"period": "2026-09", "staff": "9021022"}
        refused = await head.post("/reports/R02/prepare", officer, page=page)
        assert "无权看这份统计表" in refused.words
        assert 'value="9021022"' in refused.text
        unit_heads = {"period": "2026-09", "readers": "unit_head"}
        assert "无权看" in (await head.post("/reports/R02/prepare", unit_heads, page=page)).words
    assert await IssuedReport.all().count() == 0


@sqlite_only
async def test_a_report_can_be_taken_back(house: House) -> None:
    address = await prepared(house)
    async with await house.as_role("integrity_head") as head:
        done = await head.post(f"{address}/acts/drop", {}, page=address)
        assert (done.status, done.path) == (200, "/reports")
        assert "已撤回" in (await the(head, address)).words
        assert (await head.post(f"{address}/acts/{quote('x')}", {}, page=address)).status == 404


@sqlite_only
async def test_the_digest_leads_to_what_it_counts(house: House) -> None:
    await prepared(house)
    async with await house.as_role("integrity_head", "en-GB") as head:
        page = await the(head, "/digest")
        assert "Reports to issue" in page.words
        assert 'href="/records/intercession' in page.text
        assert "Silent units" in page.words
