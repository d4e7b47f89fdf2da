"""A report as a Word document, A4 landscape: Chinese and Latin fonts apart, heads repeated on each page."""

import io
from collections.abc import Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from core.text import clean
from oversight.printing import figures
from oversight.printing.charts import png_of
from oversight.printing.paper import Figure, Paper, Table
from oversight.printing.widths import column_widths

EAST_ASIAN: Final = {"zh-Hans": ("宋体", "zh-CN"), "zh-Hant": ("新細明體", "zh-TW"), "en": ("宋体", "zh-CN")}
LATIN: Final = "Arial"
_WIDTH, _HEIGHT, _MARGIN = Mm(297), Mm(210), Mm(15)
_TABLE_MM: Final = 267
_GREY: Final = RGBColor(0x44, 0x44, 0x44)
_SIZES: Final = ((10, 10), (14, 9))
_SMALLEST: Final = 7.5
_CELL_MARGIN_TWIPS: Final = 45


def docx_file(paper: Paper) -> bytes:
    """Return the file."""
    document = Document()
    _set_up(document, paper)
    _line(document, paper.office, colour=_GREY)
    _line(document, paper.title, size=16, bold=True)
    _line(document, "    ".join(f"{label}: {value}" for label, value in paper.head), colour=_GREY)
    for place, table in enumerate(paper.tables):
        if place:
            _line(document, table.caption, size=13, bold=True, with_next=True)
        _table(document, table, paper.empty)
        for text in (table.note, *(() if place else paper.sentences)):
            _line(document, text, size=None if place else 12)
    for picture in paper.pictures:
        _line(document, picture.caption, bold=True, with_next=True)
        document.add_picture(io.BytesIO(png_of(picture)), width=Mm(200))
        _describe_last_picture(document, picture.alt)
    for text in (*paper.notes, "    ".join(f"{label}: {value}" for label, value in paper.foot)):
        _line(document, text, size=9, colour=_GREY)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _set_up(document: Any, paper: Paper) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = _WIDTH, _HEIGHT
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = _MARGIN
    font, lang = EAST_ASIAN[paper.lang]
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = LATIN, Pt(10)
    properties = normal.element.get_or_add_rPr()
    properties.get_or_add_rFonts().set(qn("w:eastAsia"), font)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-GB")
    language.set(qn("w:eastAsia"), lang)
    properties.append(language)
    core = document.core_properties
    core.title, core.author, core.comments, core.last_modified_by = paper.title, "", "", ""
    core.language = {"en": "en-GB"}.get(paper.lang, lang)
    _page_numbers(section.footer.paragraphs[0], paper.page)


def _page_numbers(paragraph: Any, words: str) -> None:
    """Write "Page {i} of {n}" with fields that Word counts."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for part in words.replace("{i}", "\0PAGE\0").replace("{n}", "\0NUMPAGES\0").split("\0"):
        if part in ("PAGE", "NUMPAGES"):
            field = OxmlElement("w:fldSimple")
            field.set(qn("w:instr"), part)
            run = OxmlElement("w:r")
            text = OxmlElement("w:t")
            text.text = "1"
            run.append(text)
            field.append(run)
            paragraph._p.append(field)
        elif part:
            paragraph.add_run(part)


def _line(
    document: Any,
    text: str,
    *,
    size: float | None = None,
    bold: bool = False,
    colour: RGBColor | None = None,
    with_next: bool = False,
) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(4)
    paragraph.paragraph_format.keep_with_next = with_next
    run = paragraph.add_run(text)
    run.bold = bold
    if size:
        run.font.size = Pt(size)
    if colour is not None:
        run.font.color.rgb = colour


def _table(document: Any, table: Table, empty: str) -> None:
    if not table.rows and not table.total:
        _line(document, empty)
        return
    widths = [width + 1 for width in column_widths(table)]
    size = next((size for most, size in _SIZES if len(widths) <= most), _SMALLEST)
    made = document.add_table(rows=0, cols=len(widths))
    made.style, made.autofit = "Table Grid", False
    _narrow_margins(made)
    for column, width in zip(made.columns, widths, strict=True):
        column.width = Mm(_TABLE_MM * width / sum(widths))
    ways = [figures.way(head.shape) for head in table.heads]
    made._tbl.append(_row([head.text for head in table.heads], ways, size - 1, bold=True, is_head=True))
    for row in table.rows:
        made._tbl.append(_row(_texts(row), ways, size))
    if table.total:
        made._tbl.append(_row(_texts(table.total), ways, size, bold=True))
    for row in table.compared:
        made._tbl.append(_row(_texts(row), ways, size, colour=_GREY))


def _texts(row: Sequence[Figure]) -> list[str]:
    return [figure.text for figure in row]


def _narrow_margins(made: Any) -> None:
    """Leave less room beside the text of a cell than Word does, so that long words of a head stay whole."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(_CELL_MARGIN_TWIPS))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    look = made._tbl.tblPr.find(qn("w:tblLook"))  # the schema has an order, and Word insists on it
    look.addprevious(margins)


def _row(
    texts: Sequence[str],
    ways: Sequence[str],
    size: float,
    *,
    bold: bool = False,
    colour: RGBColor | None = None,
    is_head: bool = False,
) -> Any:
    """Make a row at once: element by element a long table would take minutes."""
    look = f'{"<w:b/>" if bold else ""}{f"""<w:color w:val="{colour}"/>""" if colour is not None else ""}'
    look += f'<w:sz w:val="{round(size * 2)}"/>'
    cells = "".join(_cell(text, way, look, is_head=is_head) for text, way in zip(texts, ways, strict=True))
    head = "<w:tblHeader/>" if is_head else ""
    return parse_xml(f"<w:tr {nsdecls('w')}><w:trPr><w:cantSplit/>{head}</w:trPr>{cells}</w:tr>")


def _cell(text: str, way: str, look: str, *, is_head: bool) -> str:
    shade = '<w:shd w:val="clear" w:fill="E7EDF3"/>' if is_head else ""
    lines = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(clean(line))}</w:t>' for line in text.split("\n"))
    return (
        f'<w:tc><w:tcPr>{shade}</w:tcPr><w:p><w:pPr><w:jc w:val="{way}"/></w:pPr>'
        f"<w:r><w:rPr>{look}</w:rPr>{lines}</w:r></w:p></w:tc>"
    )


def _describe_last_picture(document: Any, alt: str) -> None:
    document.inline_shapes[-1]._inline.docPr.set("descr", alt)
