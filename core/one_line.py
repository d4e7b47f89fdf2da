"""One-line forms: a keyword, then the fields in their declared order between `#` or `*` (also full-width).

Blanks around a field are dropped, an empty field is not given, what is too many joins the last field. Whether the
keyword
opens a form is for the recognition of keywords to say; here only the line is read.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from core.answers import AnswerError, AnswerField, read_answer

SEPARATORS: Final = "#＃*＊"
_FORM = re.compile(rf"\s*([^\s{SEPARATORS}]+(?: [^\s{SEPARATORS}]+)?)\s*[{SEPARATORS}](.*)", re.DOTALL)
_SEPARATOR = re.compile(f"[{SEPARATORS}]")


@dataclass(frozen=True, slots=True)
class Line:
    """What a one-line form gave: the values by field, or the first error with the number of its field (from 1)."""

    values: dict[str, str] = field(default_factory=dict)
    error: str | None = None
    at: int = 0
    joined: bool = False


def split_form(text: str) -> tuple[str, str] | None:
    """(keyword, the rest after the first separator) of a text that has the shape of a form, else None."""
    found = _FORM.fullmatch(text)
    return (found[1], found[2]) if found else None


def parse_line(text: str, fields: Sequence[AnswerField], today: dt.date) -> Line | None:
    """A whole message as a one-line form; None when it has not the shape of one."""
    form = split_form(text)
    return parse_fields(form[1], fields, today) if form else None


def parse_fields(rest: str, fields: Sequence[AnswerField], today: dt.date) -> Line:
    """What follows the first separator, read as the declared fields. `joined` tells that there were too many."""
    parts = [part.strip() for part in _SEPARATOR.split(rest)]
    joined = len(parts) > len(fields)
    if joined:
        parts = [*parts[: len(fields) - 1], "#".join(parts[len(fields) - 1 :])]
    values: dict[str, str] = {}
    for at, (one, part) in enumerate(zip(fields, parts, strict=False), 1):
        if not part:
            continue
        try:
            values |= read_answer(one, part, today)
        except AnswerError as error:
            return Line(error=error.key, at=at)
    return Line(values, joined=joined)
