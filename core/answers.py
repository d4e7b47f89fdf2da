"""One answer to one field, read from what somebody typed, in a dialog or in a one-line form.

Values come out as texts in one form: ISO days and moments, amounts as `2000.00`, months as `2026-08`, choices by key,
`unknown` where the field allows that nobody knows. What cannot be read raises AnswerError with a key of the catalogue.
"""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

from core.days import parse_moment
from core.money import AmountError, chinese_number, parse_money
from core.text import bare, normalise

UNKNOWN: Final = "unknown"
MOST: Final = 10_000
"""From here on a count of people or things is a slip of the finger."""
UNKNOWN_WORDS: Final = frozenset({"不详", "不清楚", "不知道", "unknown"})


class AnswerError(ValueError):
    """An answer does not fit its field; `key` is the text that says so."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True, slots=True)
class AnswerField:
    """What must be known of a field to read an answer to it; the names are those of the kinds."""

    id: str
    type: str
    choices: tuple[str, ...] = ()
    unknown: bool = False
    not_future: bool = False
    range_to: str | None = None
    pattern: str | None = None
    max: int | None = None


def is_unknown(text: str) -> bool:
    """Whether somebody says that he does not know: 不详, 不清楚, unknown."""
    return bare(normalise(text)) in UNKNOWN_WORDS


def read_answer(field: AnswerField, text: str, today: dt.date) -> dict[str, str]:
    """The values that an answer gives: of the field itself, of the field its range fills, of `currency`.

    Raises AnswerError: error.bad_date, future_date, bad_amount, amount_zero, amount_huge, amount_decimals,
    amount_currencies, bad_number, bad_choice, future_period, bad_pattern, too_long.
    """
    given = text.strip()
    if field.unknown and is_unknown(given):
        return {field.id: UNKNOWN}
    match field.type:
        case "date" | "moment":
            return _moment(field, given, today)
        case "money":
            return _money(field, given)
        case "int":
            return {field.id: _number(given)}
        case "choice" | "flag":
            return {field.id: _choice(field, given)}
        case "period":
            return {field.id: _period(given, today)}
        case "digits":
            return {field.id: _digits(field, given)}
        case _:
            return {field.id: _words(field, given)}


def _moment(field: AnswerField, text: str, today: dt.date) -> dict[str, str]:
    try:
        moment = parse_moment(text, today, past=field.not_future)
    except ValueError:
        raise AnswerError("error.bad_date") from None
    if field.not_future and moment.day > today:
        raise AnswerError("error.future_date")
    values = {field.id: moment.day.isoformat() if field.type == "date" else moment.text}
    if field.range_to and moment.end_text:
        values[field.range_to] = moment.end_text
    return values


def _money(field: AnswerField, text: str) -> dict[str, str]:
    try:
        money = parse_money(text)
    except AmountError as error:
        raise AnswerError(error.key) from None
    return {field.id: money.text} | ({"currency": money.currency} if money.currency else {})


def _number(text: str) -> str:
    try:
        number = int(chinese_number(text)) if not (plain := normalise(text)).isdecimal() else int(plain)
    except ValueError:
        raise AnswerError("error.bad_number") from None
    if not 0 < number < MOST:
        raise AnswerError("error.bad_number")
    return str(number)


def _choice(field: AnswerField, text: str) -> str:
    key = bare(normalise(text))
    if key not in field.choices:
        raise AnswerError("error.bad_choice")
    return key


def _period(text: str, today: dt.date) -> str:
    found = re.fullmatch(r"(\d{4})[-./年]?(\d{2})月?", normalise(text))
    if not found or not 1 <= int(found[2]) <= 12:
        raise AnswerError("error.bad_date")
    period = f"{found[1]}-{found[2]}"
    if period > f"{today:%Y-%m}":
        raise AnswerError("error.future_period")
    return period


def _digits(field: AnswerField, text: str) -> str:
    digits = normalise(text).replace(" ", "")
    if not re.fullmatch(field.pattern or r"[0-9]+", digits):
        raise AnswerError("error.bad_pattern")
    return digits


def _words(field: AnswerField, text: str) -> str:
    if field.max is not None and len(text) > field.max:
        raise AnswerError("error.too_long")
    return text
