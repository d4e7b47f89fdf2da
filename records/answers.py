"""What an answer says: pure reading of one answer, of a one-line form, of the fields of an act."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.answers import AnswerError, AnswerField, is_unknown
from core.answers import read_answer as read_field
from core.money import find_money
from core.one_line import parse_line
from core.text import clean, fold
from records.forms import Question
from records.kind import UNKNOWN, Field, Kind
from records.menus import menu_of
from records.unit_names import UnitNames

FLAG = ("true", "false")
REFERENCE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,31}")
"""What the number of another record or paper looks like."""
_NAME_ENDS = re.compile(r"[\s,，、]+")


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading needs to know: the day in the agency's zone, the language, the units by name."""

    today: dt.date
    lang: str
    units: UnitNames


@dataclass(frozen=True, slots=True)
class Read:
    """Values by field, ready to be filed; `skipped` fields were answered without a value; `note` is said besides."""

    values: Mapping[str, str]
    skipped: frozenset[str] = frozenset()
    note: tuple[str, Mapping[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an answer cannot be taken: a sentence of the catalogue and its values."""

    text_key: str
    vars: Mapping[str, Any]


def answer_field(field: Field) -> AnswerField:
    """Return the field as core reads answers to it; too long a text is cut here, not refused there."""
    return AnswerField(
        field.id,
        field.type,
        FLAG if field.type == "flag" else tuple(field.choices or ()),
        unknown=field.unknown,
        not_future=field.not_future,
        pattern=field.pattern,
    )


def read_answer(kind: Kind, question: Question, text: str, reading: Reading) -> Read | Problem:
    """Return what one answer to a question says, or why it cannot be taken."""
    given = clean(text).strip()
    if not fold(given):  # blanks, or only what nobody sees
        return Problem("error.invalid", {})
    if question.parser == "name_and_unit":
        return _fit(kind, name_and_unit(question.fields, given))
    if question.parser == "thing_and_amount":
        return _fit(kind, thing_and_amount(kind, question.fields, given))
    read = read_value(kind, kind.fields[question.fields[0]], given, reading, at=question.index)
    return _with_currency(kind, question.fields, read) if question.parser == "money" else read


def read_value(kind: Kind, field: Field, given: str, reading: Reading, *, at: int) -> Read | Problem:
    """Return what a text says as the value of one field. `at` is the number that an error names."""
    if field.type == "files":
        return Problem("records.files_only", {})
    if field.type == "unit":
        return _unit(kind, field, given, reading)
    if field.type == "ref":
        return Read({field.id: given.upper()}) if REFERENCE.fullmatch(given.upper()) else Problem("error.invalid", {})
    if field.choices is not None and (value := menu_of(field.choices).value_of(given)):
        given = value
    try:
        return _fit(kind, read_field(answer_field(field), given, reading.today))
    except AnswerError as error:
        return problem(field, error.key, at, reading.lang)


def problem(field: Field, key: str, at: int, lang: str) -> Problem:
    """Return the sentence for an error of a field, with every value that it needs."""
    allowed = menu_of(field.choices).range(lang) if field.choices else ""
    return Problem(key, {"i": at, "range": allowed, "max": field.max or 0})


def name_and_unit(fields: tuple[str, ...], given: str) -> dict[str, str]:
    """Split an answer at the first blank, comma or 、 into a name and a unit; 不详 is kept as unknown for both."""
    first, second = fields
    if is_unknown(given):
        return {first: UNKNOWN, second: UNKNOWN}
    name, *rest = _NAME_ENDS.split(given, maxsplit=1)
    unit = rest[0].strip() if rest else ""
    values = {first: UNKNOWN if is_unknown(name) else name}
    return values | ({second: UNKNOWN if is_unknown(unit) else unit} if unit else {})


def thing_and_amount(kind: Kind, fields: tuple[str, ...], given: str) -> dict[str, str]:
    """Return a line as the description, with the amount and currency in it and the sort that its words mean, if any.

    The fields are the description, the amount, the currency and the sort, in this order.
    """
    thing, amount, currency, sort = (kind.fields[name] for name in fields)
    values, money = {thing.id: given}, find_money(given)
    if money is not None and money.minor:
        values |= {amount.id: money.text, currency.id: money.currency or str(currency.default)}
    line = fold(given)
    said = ((line.find(word), choice.key) for choice in (sort.choices or {}).values() for word in choice.words)
    found = min((each for each in said if each[0] >= 0), default=None)
    return values | ({sort.id: found[1]} if found else {})


def _with_currency(kind: Kind, fields: tuple[str, ...], read: Read | Problem) -> Read | Problem:
    """An amount without a currency is in the default one, also where another was named before."""
    amount, currency = (kind.fields[name] for name in fields)
    if isinstance(read, Problem) or read.values.get(amount.id) == UNKNOWN:
        return read
    return Read({currency.id: str(currency.default), **read.values}, note=read.note)


def _unit(kind: Kind, field: Field, given: str, reading: Reading) -> Read | Problem:
    """A unit is stored by its code; what names none is kept with the statement, where the clerk reads it."""
    if code := reading.units.find(given):
        return Read({field.id: code})
    if kind.statement is None:
        return Problem("error.invalid", {})
    kept = _fit(kind, {kind.statement: given})
    return Read(kept.values, frozenset({field.id}), kept.note)


def _fit(kind: Kind, values: Mapping[str, str]) -> Read:
    """Cut what is longer than its field; the note says so."""
    note: tuple[str, Mapping[str, Any]] | None = None
    kept: dict[str, str] = {}
    for name, value in values.items():
        most = kind.fields[name].max
        if most is not None and len(value) > most:
            value, note = value[:most], ("error.too_long", {"max": most})
        kept[name] = value
    return Read(kept, note=note)


def read_line(kind: Kind, text: str, reading: Reading, *, raw: bool = False) -> Read | Problem | None:
    """Return what a one-line form says, None when the message is none.

    The keyword is not looked at. With `raw` the units stay as they were written (the examples of the files).
    """
    if kind.one_line is None:
        return None
    order = [kind.fields[name] for name in kind.one_line.fields]
    line = parse_line(clean(text), [answer_field(field) for field in order], reading.today)
    if line is None:
        return None
    if line.error is not None:
        return problem(order[line.at - 1], line.error, line.at, reading.lang)
    joined = ("error.too_many", {"n": len(order)}) if line.joined else None
    values = {**(line.values if raw else _with_units(kind, line.values, reading)), **kind.one_line.sets}
    read = _fit(kind, values)
    return Read(read.values, note=read.note or joined)


def _with_units(kind: Kind, values: Mapping[str, str], reading: Reading) -> dict[str, str]:
    known = dict(values)
    for name in values:
        if kind.fields[name].type != "unit":
            continue
        read = _unit(kind, kind.fields[name], known.pop(name), reading)
        for field, value in read.values.items() if isinstance(read, Read) else ():
            known[field] = f"{value}\n{known[field]}" if field in known else value
    return known
