"""The questions of a kind, one after the other: pure functions, the dialog keeps the place."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from records.kind import Entry, Field, Kind, Stage


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a menu: what is stored, its whole title, its short one."""

    value: str
    title: str
    short: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked next. `index` of `total` count from one within the stage; `optional` may be skipped."""

    fields: tuple[str, ...]
    text_key: str
    options: tuple[Option, ...]
    optional: bool
    index: int
    total: int
    parser: str | None


def next_question(
    kind: Kind,
    values: Mapping[str, Any],
    stage: Stage,
    skipped: Set[str],
    named: Mapping[str, bool],
    lang: str,
    before: Set[str] = frozenset(),
) -> Question | None:
    """Return the question to ask next in a stage, None when the stage is complete.

    `values` holds what is known (for a filed record: `known_values`), `skipped` the first fields of skipped questions,
    `named` the predicates decided, `before` the fields known when the stage began: their questions do not count in it.
    """
    known = dict.fromkeys(before, "")
    asked = [
        entry
        for entry in kind.form.stage(stage)
        if is_asked(entry, values, named) and not (before and is_answered(kind, entry, known))
    ]
    for index, entry in enumerate(asked, 1):
        if not (is_answered(kind, entry, values) or entry.fields[0] in skipped):
            return _question(kind, entry, stage, (index, len(asked)), values, named, lang)
    return None


def question_at(
    kind: Kind, values: Mapping[str, Any], stage: Stage, index: int, named: Mapping[str, bool], lang: str
) -> Question | None:
    """Return the question with a number, for BACK and CHANGE; None where there is none of that number."""
    asked = [entry for entry in kind.form.stage(stage) if is_asked(entry, values, named)]
    if not 1 <= index <= len(asked):
        return None
    return _question(kind, asked[index - 1], stage, (index, len(asked)), values, named, lang)


def open_count(
    kind: Kind, values: Mapping[str, Any], stage: Stage, skipped: Set[str], named: Mapping[str, bool]
) -> int:
    """Return how many questions of a stage are still to be asked."""
    return sum(
        1
        for entry in kind.form.stage(stage)
        if is_asked(entry, values, named) and not is_answered(kind, entry, values) and entry.fields[0] not in skipped
    )


def is_asked(entry: Entry, values: Mapping[str, Any], named: Mapping[str, bool]) -> bool:
    """Return whether the condition of a question holds."""
    return entry.ask_if is None or entry.ask_if.holds(values, named)


def is_answered(kind: Kind, entry: Entry, values: Mapping[str, Any]) -> bool:
    """Return whether a question has its answer.

    Its first field has a value; or, where that field is not needed for filing, any of its fields has one.
    """
    first = entry.fields[0]
    if first in values:
        return True
    return kind.fields[first].required != "filing" and any(name in values for name in entry.fields)


def _question(
    kind: Kind,
    entry: Entry,
    stage: Stage,
    place: tuple[int, int],
    values: Mapping[str, Any],
    named: Mapping[str, bool],
    lang: str,
) -> Question:
    text = next((key for condition, key in entry.variants if condition.holds(values, named)), entry.text)
    options = options_of(kind.fields[entry.fields[0]], lang)
    return Question(entry.fields, text, options, entry.optional or stage == "later", *place, entry.parser)


def options_of(field: Field, lang: str) -> tuple[Option, ...]:
    """Return the choices of a field in a language, none where it has none."""
    choices = field.choices or {}
    return tuple(Option(each.key, each.titles[lang], each.short[lang]) for each in choices.values())


def menu_line(options: tuple[Option, ...], lang: str) -> str:
    """Return what `{options}` stands for over SMS: `1当面2电话`, `1 in person 2 phone`."""
    gap = " " if lang == "en" else ""
    return gap.join(f"{option.value}{gap}{option.short}" for option in options)
