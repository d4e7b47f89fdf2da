"""The questions of a kind, one after the other: pure functions, the dialog keeps the place."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from records.kind import Kind, Stage


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
    kind: Kind, values: Mapping[str, Any], stage: Stage, skipped: Set[str], named: Mapping[str, bool], lang: str
) -> Question | None:
    """Return the question to ask next in a stage, None when the stage is complete."""
    raise NotImplementedError
