"""A report as a spreadsheet: numbers as numbers with their format, text never as a formula or a link, heads frozen.

It is made in memory; no part of it is ever written to a temporary file.
"""

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from oversight.printing import figures
from oversight.printing.charts import PNG_SCALE, png_of
from oversight.printing.paper import Figure, Head, Paper, Table
from oversight.printing.widths import column_widths, lines_of
from oversight.table import Shape

OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
NUMBER_FORMATS: Final[Mapping[Shape, str]] = {
    "count": "#,##0",
    "money": "#,##0.00",
    "wan": "#,##0.00",
    "number": "#,##0.00",
    "rate": "0.00%",
}
FONTS: Final = {"zh-Hans": "宋体", "zh-Hant": "新細明體", "en": "Arial"}
_A4: Final = 9
_HEAD_ROW: Final = 4
_CHART_ROWS: Final = 24
_LINE_POINTS: Final = 15
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
_NAME_MOST: Final = 31


def xlsx_file(paper: Paper) -> bytes:
    """Return the file: a sheet for each table, one with the charts."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, OPTIONS) as book:
        book.set_properties({"title": paper.title, "author": "", "comments": ""})
        _Book(book, paper).write()
    return target.getvalue()


class _Book:
    def __init__(self, book: Any, paper: Paper) -> None:
        self.book, self.paper = book, paper
        self.font = {"font_name": FONTS[paper.lang], "font_size": 11}
        self.names: set[str] = set()
        self.widths: list[int] = []
        self.styles: dict[tuple[tuple[str, Any], ...], Format] = {}

    def style(self, **look: Any) -> Format:
        """Return the format of a look, made once."""
        key = tuple(sorted(look.items()))
        if key not in self.styles:
            self.styles[key] = self.book.add_format({**self.font, **look})
        return self.styles[key]

    def write(self) -> None:
        for place, table in enumerate(self.paper.tables):
            self.table(table, is_main=place == 0)
        if self.paper.pictures:
            self.pictures()

    def sheet(self, title: str) -> Worksheet:
        name = _NOT_IN_NAMES.sub(" ", title).strip()[:_NAME_MOST] or "-"
        number = 2
        while name.casefold() in self.names:
            tail = f" {number}"
            name, number = name[: _NAME_MOST - len(tail)] + tail, number + 1
        self.names.add(name.casefold())
        sheet: Worksheet = self.book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&C" + self.paper.page.replace("&", "&&").replace("{i}", "&P").replace("{n}", "&N"))
        return sheet

    def table(self, table: Table, *, is_main: bool) -> None:
        sheet = self.sheet(table.caption)
        self.widths = [width + 2 for width in column_widths(table)]
        for place, width in enumerate(self.widths):
            sheet.set_column(place, place, width)
        sheet.write_string(0, 0, self.paper.office, self.style(font_color="#444444"))
        sheet.set_row(1, 24)
        sheet.write_string(1, 0, table.caption, self.style(bold=True, font_size=15))
        head = "    ".join(f"{label}: {value}" for label, value in self.paper.head)
        sheet.write_string(2, 0, head, self.style(font_color="#444444"))
        self.heads(sheet, table.heads)
        row = self.rows(sheet, table)
        lines = [table.note] if table.note else []
        if is_main:
            foot = "    ".join(f"{label}: {value}" for label, value in self.paper.foot)
            lines += [*self.paper.sentences, *self.paper.notes, foot]
        for place, line in enumerate(lines, row + 1):
            sheet.write_string(place, 0, line, self.style())

    def heads(self, sheet: Worksheet, heads: Sequence[Head]) -> None:
        for place, head in enumerate(heads):
            look = self.style(
                bold=True, border=1, bg_color="#E7EDF3", text_wrap=True, valign="vcenter", align=figures.way(head.shape)
            )
            sheet.write_string(_HEAD_ROW, place, head.text, look)
        lines = max(lines_of(head.text, width) for head, width in zip(heads, self.widths, strict=True))
        sheet.set_row(_HEAD_ROW, _LINE_POINTS * lines + 4)
        sheet.freeze_panes(_HEAD_ROW + 1, 1)
        sheet.repeat_rows(_HEAD_ROW)

    def rows(self, sheet: Worksheet, table: Table) -> int:
        row = _HEAD_ROW + 1
        for cells in table.rows:
            self.row(sheet, row, table.heads, cells)
            row += 1
        if not table.rows:
            sheet.write_string(row, 0, self.paper.empty, self.style())
            row += 1
        if table.total:
            self.row(sheet, row, table.heads, table.total, bold=True, bg_color="#F4F6F8")
            row += 1
        for cells in table.compared:
            self.row(sheet, row, table.heads, cells, font_color="#444444")
            row += 1
        return row

    def row(self, sheet: Worksheet, row: int, heads: Sequence[Head], cells: Sequence[Figure], **look: Any) -> None:
        lines = max(lines_of(figure.text, width) for figure, width in zip(cells, self.widths, strict=True))
        sheet.set_row(row, _LINE_POINTS * lines)
        for place, (head, figure) in enumerate(zip(heads, cells, strict=True)):
            if figure.number is None:
                style = self.style(border=1, text_wrap=True, valign="top", align=figures.way(head.shape), **look)
                sheet.write_string(row, place, figure.text, style)
            else:
                style = self.style(border=1, valign="top", num_format=NUMBER_FORMATS[head.shape], **look)
                sheet.write_number(row, place, float(figure.number), style)

    def pictures(self) -> None:
        sheet = self.sheet(self.paper.charts)
        for place, picture in enumerate(self.paper.pictures):
            row = place * _CHART_ROWS
            sheet.write_string(row, 0, picture.caption, self.style(bold=True))
            options = {
                "image_data": io.BytesIO(png_of(picture)),
                "x_scale": 1 / PNG_SCALE,
                "y_scale": 1 / PNG_SCALE,
                "description": picture.alt,
            }
            sheet.insert_image(row + 1, 0, "chart.png", options)
