"""Every format, opened by another program's library: the same figures and words in each; nothing in them is active."""

import csv
import io
import re
import zipfile
from decimal import Decimal

import pytest
from docx import Document
from docx.oxml.ns import qn
from openpyxl import load_workbook
from pypdf import PdfReader

from core.errors import Conflict, Refused
from core.office import Office
from oversight.printing import press
from oversight.printing.charts import specification, svg_of
from oversight.printing.csv_file import harmless
from oversight.printing.frozen import freeze, thaw
from oversight.printing.paper import LANGS, Lang, Paper, lay_out
from oversight.table import Hidden, Report
from tests.oversight.printing.sample import HOSTILE, gifts_2005

TITLES = {"zh-Hans": "红包工作统计表", "zh-Hant": "紅包工作統計表", "en": "Red-packet statistics"}


def paper(office: Office, lang: Lang = "zh-Hans", report: Report | None = None) -> Paper:
    return lay_out(report or gifts_2005(), lang, office.texts, office.zone)


def packed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("lang", LANGS)
def test_the_paper_says_figures_as_people_write_them(office: Office, lang: Lang) -> None:
    laid = paper(office, lang)
    assert laid.tables[0].total is not None
    assert [each.text for each in laid.tables[0].total][1:] == ["390", "529,800.00", "52.98", "42", "10.77%"]
    assert [each.number for each in laid.tables[0].total][1:4] == [Decimal(390), Decimal("529800"), Decimal("52.98")]
    assert [each.text for each in laid.tables[0].rows[0]][4:] == ["<5", "…"]
    assert all(each.number is None for each in laid.tables[0].rows[0][4:])
    for one in LANGS[lang]:
        assert TITLES[one] in laid.title
    assert sum("<5" in note for note in laid.notes) == len(LANGS[lang])
    assert dict(laid.head).popitem()[1] == "石敢言"
    assert any(value == "2006-01-05 20:30" for _, value in laid.head)


def test_what_is_scheduled_says_so(office: Office) -> None:
    assert paper(office, "en", gifts_2005(by="")).head[2] == ("Printed by", "the schedule")


async def test_the_spreadsheet_holds_numbers_and_no_formula(office: Office) -> None:
    made = await press.print_file(office, gifts_2005(), "xlsx", "zh-Hans")
    book = load_workbook(io.BytesIO(made))
    sheet, balance, charts = book.worksheets
    assert (sheet.title, charts.title) == ("红包工作统计表", "图")
    assert [cell.value for cell in sheet[5]][:3] == ["单位", "致函通报件数", "致函涉及金额"]
    rows = {row[0].value: row for row in sheet.iter_rows(min_row=6)}
    total = rows["合计"]
    assert [cell.value for cell in total][1:5] == [390, 529800, 52.98, 42]
    assert [cell.number_format for cell in total][1:] == ["#,##0", "#,##0.00", "#,##0.00", "#,##0", "0.00%"]
    assert sum(row[2].value for name, row in rows.items() if name and name.startswith(("单位", "鹭", "星"))) == 529800
    assert [cell.value for cell in sheet[6]][4:] == ["<5", "…"]
    assert sheet.freeze_panes == "B6"
    assert sheet.page_setup.orientation == "landscape"
    hostile = next(cell for row in balance.iter_rows() for cell in row if cell.value == HOSTILE)
    assert hostile.data_type == "s"
    assert all(cell.data_type != "f" for one in book.worksheets for row in one.iter_rows() for cell in row)
    assert len(charts._images) == 1
    assert not [name for name in zipfile.ZipFile(io.BytesIO(made)).namelist() if "external" in name or "vba" in name]


async def test_the_document_has_both_sorts_of_fonts(office: Office) -> None:
    made = Document(io.BytesIO(await press.print_file(office, gifts_2005(), "docx", "zh-Hant")))
    main, balance = made.tables
    assert [cell.text for cell in main.rows[-2].cells] == ["合計", "390", "529,800.00", "52.98", "42", "10.77%"]
    assert balance.rows[1].cells[3].text == HOSTILE
    assert "紅包工作統計表" in [each.text for each in made.paragraphs]
    fonts = made.styles["Normal"].element.rPr.rFonts
    assert (fonts.get(qn("w:ascii")), fonts.get(qn("w:eastAsia"))) == ("Arial", "新細明體")
    section = made.sections[0]
    assert section.page_width is not None
    assert section.page_height is not None
    assert section.page_width > section.page_height
    assert made.core_properties.author == ""
    assert len(made.inline_shapes) == 1


@pytest.mark.parametrize("lang", ["zh-Hans", "zh-Hant", "en", "both"])
async def test_the_pdf_can_be_read_and_searched(office: Office, lang: Lang) -> None:
    made = PdfReader(io.BytesIO(await press.print_file(office, gifts_2005(), "pdf", lang)))
    text = packed("".join(page.extract_text() for page in made.pages))
    for one in LANGS[lang]:
        assert packed(TITLES[one]) in text
    for figure in ("390", "529,800.00", "52.98", "42", "10.77%", "<5", "石敢言", "2006-01-05"):
        assert figure in text
    assert packed(HOSTILE) in text, "what looks like markup is text"
    box = made.pages[0].mediabox
    assert (round(box.width), round(box.height)) == (842, 595)
    assert made.metadata is not None
    assert made.metadata.title == paper(office, lang).title
    assert made.metadata.author is None


async def test_the_csv_opens_in_a_spreadsheet_program(office: Office) -> None:
    made = await press.print_file(office, gifts_2005(), "csv", "both")
    assert made.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(made.decode("utf-8-sig"))))
    assert ["合计 Total", "390", "529800.00", "52.98", "42", "10.77%"] in lines
    assert "'" + HOSTILE in [cell for line in lines for cell in line]
    assert [cell for line in lines for cell in line if cell.startswith(("=", "+", "-", "@"))] == []


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@A1", "\t=1", "\r=1", "  =1", " \t@x"])
def test_no_cell_begins_a_formula(text: str) -> None:
    assert harmless(text) == "'" + text
    assert harmless("a" + text) == "a" + text


def test_the_chart_is_a_picture_and_nothing_else(office: Office) -> None:
    picture = paper(office, "en").pictures[0]
    assert specification(picture)["encoding"]["x"]["title"] == "letters"
    drawn = svg_of(picture)
    assert "Luming Port, Inspection 1" in drawn
    assert re.search(r"<script|\son\w+=|href=|style=|<foreignObject|<image", drawn) is None
    assert f'aria-label="{picture.alt}"' in drawn
    assert "鹭鸣港" not in drawn


async def test_a_frozen_report_is_the_same_report(office: Office) -> None:
    report = gifts_2005()
    again = thaw(freeze(report))
    assert freeze(again) == freeze(report)
    assert again.rows[0][4:] == (Hidden(), Hidden(derived=True))
    assert paper(office, "both", again) == paper(office, "both", report)
    made = await press.print_file(office, again, "pdf", "zh-Hans")
    assert made == await press.print_file(office, report, "pdf", "zh-Hans")


async def test_nothing_in_the_period_is_said(office: Office) -> None:
    report = gifts_2005()
    empty = Report(
        **{name: getattr(report, name) for name in ("id", "titles", "period", "office", "printed_at", "by", "columns")},
        rules_version="7",
        rows=(),
        total=None,
    )
    for name in press.FORMATS:
        assert await press.print_file(office, empty, name, "zh-Hans")
    text = PdfReader(io.BytesIO(await press.print_file(office, empty, "pdf", "en"))).pages[0].extract_text()
    assert "Nothing was counted in this period." in text


async def test_what_is_too_long_or_too_much_is_refused(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    report = gifts_2005()
    many = Report(
        **{name: getattr(report, name) for name in ("id", "titles", "period", "office", "printed_at", "by", "columns")},
        rules_version="7",
        rows=report.rows[2:3] * 2001,
        total=report.total,
    )
    with pytest.raises(Refused, match=r"report\.too_long"):
        await press.print_file(office, many, "pdf", "en")
    assert await press.print_file(office, many, "csv", "en")
    monkeypatch.setattr(press, "MOST_WAITING", -press.AT_ONCE)
    with pytest.raises(Conflict, match=r"report\.busy"):
        await press.print_file(office, report, "csv", "en")
