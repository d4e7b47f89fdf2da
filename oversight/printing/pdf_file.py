"""A report as PDF, A4 landscape, set by Typst. The data go in as JSON: no text of them is read as markup."""

import json
from pathlib import Path
from typing import Any, Final

from oversight.printing import figures
from oversight.printing.charts import svg_of
from oversight.printing.fonts import FAMILY, FOLDER
from oversight.printing.paper import Paper, Table
from oversight.printing.widths import column_widths

TEMPLATE: Final = Path(__file__).parent / "report.typ"
LANGUAGES: Final = {"zh-Hans": ("zh", "cn"), "zh-Hant": ("zh", "tw"), "en": ("en", "gb")}
"""The language and region that Typst knows ours by."""


def pdf_file(paper: Paper) -> bytes:
    """Return the file. It says neither when nor by what it was made, so equal reports make equal files."""
    import typst  # a compiler of some tens of megabytes: loaded by the first PDF

    made = typst.compile(
        TEMPLATE,
        font_paths=[FOLDER],
        ignore_system_fonts=True,
        sys_inputs={"paper": json.dumps(_data(paper), ensure_ascii=False)},
    )
    assert isinstance(made, bytes)
    return made


def _data(paper: Paper) -> dict[str, Any]:
    lang, region = LANGUAGES[paper.lang]
    return {
        "lang": lang,
        "region": region,
        "font": FAMILY,
        "office": paper.office,
        "title": paper.title,
        "head": paper.head,
        "foot": paper.foot,
        "page": paper.page,
        "empty": paper.empty,
        "sentences": paper.sentences,
        "notes": paper.notes,
        "tables": [_table(each) for each in paper.tables],
        "pictures": [{"caption": each.caption, "alt": each.alt, "svg": svg_of(each)} for each in paper.pictures],
    }


def _table(table: Table) -> dict[str, Any]:
    return {
        "caption": table.caption,
        "note": table.note,
        "widths": column_widths(table),
        "ways": [figures.way(head.shape) for head in table.heads],
        "heads": [head.text for head in table.heads],
        "rows": [[figure.text for figure in row] for row in table.rows],
        "total": [[figure.text for figure in table.total]] if table.total else [],
        "total_at": len(table.rows) + 1 if table.total else -1,
        "compared": [[figure.text for figure in row] for row in table.compared],
    }
