"""The letters that are written of a record: to whom, in which language, in the words of the catalogue.

A letter tells what was given and what was done with it, never who filed it. Who may open the record may write them.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.office import Office
from models import record_queries
from records.facts import MONEY, money_text
from records.kind import UNKNOWN, Kind
from records.kind_publishing import LetterForm

_SERIES: Final = "LETTER"
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_NOT_KNOWN: Final = {"zh-Hans": "姓名不详者", "zh-Hant": "姓名不詳者", "en": "a person not known"}


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter: to which sort of addressee (a choice of the kind), and its parts from top to bottom."""

    to: str
    lang: str
    title: str
    number: str
    greeting: str
    paragraphs: tuple[str, ...]
    end: str
    day: str


async def next_number(office: Office, form: LetterForm) -> str:
    """Return the next number of the year, in the language of the house. In a transaction."""
    year = office.today().year
    reached = await record_queries.next_in_day(_SERIES, dt.date(year, 1, 1))
    return office.texts.say(f"{form.texts}.number", office.locale, year=year, n=reached)


def has_letter(kind: Kind, values: Mapping[str, Any]) -> bool:
    """Return whether letters of a record can be written: it has a number for them, and addressees."""
    return kind.letter is not None and bool(values.get(kind.letter.no)) and bool(values.get(kind.letter.to))


def letters_of(office: Office, kind: Kind, values: Mapping[str, Any], lang: str, day: dt.date) -> list[Letter]:
    """Return the letters of an opened record, one for each addressee. `day` is what stands at their end."""
    form = kind.letter
    assert form is not None  # `has_letter` was asked before
    shown = _shown(office, kind, form, values, lang, day)
    return [_letter(office, form, one, shown, lang, day) for one in str(values[form.to]).split(";")]


def _letter(office: Office, form: LetterForm, to: str, shown: Mapping[str, str], lang: str, day: dt.date) -> Letter:
    def say(part: str) -> str:
        return office.texts.say(f"{form.texts}.{part}", lang, **shown)

    paragraphs = (say("facts"), say(f"request.{to}"), say("reply"))
    end, on = say("end"), long_day(day, lang)
    return Letter(to, lang, say("title"), say("number_line"), say(f"greeting.{to}"), paragraphs, end, on)


def _shown(
    office: Office, kind: Kind, form: LetterForm, values: Mapping[str, Any], lang: str, day: dt.date
) -> dict[str, str]:
    until = office.limits.get(form.reply).span.end(
        office.calendar, dt.datetime.combine(day, dt.time(), office.zone), office.zone
    )
    fields = {name: _words(kind, field, values.get(field), lang) for name, field in form.shows.items()}
    return {
        **fields,
        "no": str(values[form.no]),
        "date": long_day(until.day, lang),
        "office": office.signature.get(lang, "").strip("【】: "),
    }


def _words(kind: Kind, name: str, value: Any, lang: str) -> str:
    field = kind.fields[name]
    if value in (None, "", UNKNOWN):
        return _NOT_KNOWN[lang]
    if field.type == MONEY:
        return money_text(int(value))
    if field.type == "date":
        return long_day(dt.date.fromisoformat(value), lang)
    choice = (field.choices or {}).get(str(value))
    return choice.titles[lang] if choice else str(value)


def long_day(day: dt.date, lang: str) -> str:
    """Return a day with its year, as letters write it."""
    if lang == "en":
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日"
