"""Letters as a document for a word processor: one page each, with the fonts that the language is read in."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from core.text import clean
from records.letters import Letter

_FONTS: Final = {"zh-Hans": "FangSong", "zh-Hant": "MingLiU", "en": "Times New Roman"}


def document_of(letters: Sequence[Letter]) -> bytes:
    """Return the letters as a .docx file of A4 pages."""
    document: Any = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.8)
    for place, letter in enumerate(letters):
        if place:
            document.add_page_break()
        _write(document, letter)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _write(document: Any, letter: Letter) -> None:
    _line(document, letter, letter.title, size=18, bold=True, align=WD_ALIGN_PARAGRAPH.CENTER)
    _line(document, letter, letter.number, align=WD_ALIGN_PARAGRAPH.CENTER)
    _line(document, letter, letter.greeting)
    for paragraph in letter.paragraphs:
        _line(document, letter, paragraph, indent=letter.lang != "en")
    for last in (letter.end, letter.day):
        _line(document, letter, last, align=WD_ALIGN_PARAGRAPH.RIGHT)


def _line(
    document: Any,
    letter: Letter,
    text: str,
    *,
    size: int = 14,
    bold: bool = False,
    indent: bool = False,
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT,
) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = align
    paragraph.paragraph_format.line_spacing = 1.5
    if indent:
        paragraph.paragraph_format.first_line_indent = Pt(2 * size)
    run = paragraph.add_run(clean(text))
    run.bold, run.font.size, run.font.name = bold, Pt(size), _FONTS[letter.lang]
    run._element.rPr.rFonts.set(qn("w:eastAsia"), _FONTS[letter.lang])
