"""Letters and the sheets of bulletins as PDF, A4 upright, set by Typst. Their texts are data, never markup."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from core.text import clean
from oversight.printing.fonts import FAMILY, FOLDER
from oversight.printing.pdf_file import LANGUAGES
from records.letters import Letter

TEMPLATE: Final = Path(__file__).parent / "letter.typ"
MEDIA: Final = "application/pdf"


def letter_pdf(letters: Sequence[Letter]) -> bytes:
    """Return one or more letters as a file, a page or more for each. Call it aside, `press.aside`."""
    import typst  # a compiler of some tens of megabytes: loaded by the first PDF

    made = typst.compile(
        TEMPLATE,
        font_paths=[FOLDER],
        ignore_system_fonts=True,
        sys_inputs={"letters": json.dumps([_data(each) for each in letters], ensure_ascii=False)},
    )
    assert isinstance(made, bytes)
    return made


def _data(letter: Letter) -> dict[str, Any]:
    lang, region = LANGUAGES[letter.lang]
    return {
        "lang": lang,
        "region": region,
        "font": FAMILY,
        "title": clean(letter.title),
        "number": clean(letter.number),
        "greeting": clean(letter.greeting),
        "paragraphs": [clean(each) for each in letter.paragraphs],
        "indent": 0 if letter.lang == "en" else 2,
        "last": [clean(each) for each in (letter.end, letter.day) if each],
    }
