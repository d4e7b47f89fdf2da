"""The letters of a record: to be read and printed, and as a document to be worked on."""

import datetime as dt
from typing import Any, Final

from aiohttp import web

from console.letter_document import document_of
from console.pages.records import kind_of, opened_record
from console.rendering import render
from console.visit import Visit
from console.words import titled
from core.errors import NotThere
from oversight.printing.letter_file import MEDIA, letter_pdf
from oversight.printing.press import aside
from records.letters import Letter, has_letter, letters_of

LETTER_LANGS: Final = ("zh-Hans", "zh-Hant", "en")
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


async def letter_page(visit: Visit) -> web.Response:
    """Show the letters of a record for printing, in the language that was asked for."""
    lang = _lang(visit)
    letters, number = await _letters(visit, lang)
    path = f"/records/{visit.path('kind')}/{visit.path('record')}"
    form = kind_of(visit).letter
    choices = kind_of(visit).fields[form.to].choices or {} if form else {}
    titled_letters = [(one, titled(choices[one.to].titles, visit.lang)) for one in letters]
    context: dict[str, Any] = {
        "letters": titled_letters,
        "number": number,
        "path": path,
        "asked": lang,
        "langs": LETTER_LANGS,
    }
    return render(visit, "letter.html", context)


async def letter_file(visit: Visit) -> web.Response:
    """Return the letters of a record as one document, a page each."""
    letters, number = await _letters(visit, _lang(visit))
    headers = {"Content-Disposition": f'attachment; filename="{number}.docx"'}
    return web.Response(body=document_of(letters), content_type=DOCX, headers=headers)


async def letter_as_pdf(visit: Visit) -> web.Response:
    """Return the letters of a record as PDF, a page each."""
    letters, number = await _letters(visit, _lang(visit))
    headers = {"Content-Disposition": f'attachment; filename="{number}.pdf"'}
    return web.Response(body=await aside(lambda: letter_pdf(letters)), content_type=MEDIA, headers=headers)


def _lang(visit: Visit) -> str:
    return next((lang for lang in LETTER_LANGS if lang == visit.query("lang")), visit.lang)


async def _letters(visit: Visit, lang: str) -> tuple[list[Letter], str]:
    kind = kind_of(visit)
    opened = await opened_record(visit, kind)
    if not has_letter(kind, opened.values):
        raise NotThere
    sent = opened.values.get("letter_sent")
    day = dt.date.fromisoformat(sent) if sent else visit.office.today()
    return letters_of(visit.office, kind, opened.values, lang, day), opened.row.number
