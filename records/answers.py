"""What an answer says: pure reading of one answer, of a one-line form, of the fields of an act."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from records.forms import Question
from records.kind import Kind
from records.unit_names import UnitNames


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


def read_answer(kind: Kind, question: Question, text: str, reading: Reading) -> Read | Problem:
    """Return what one answer says."""
    raise NotImplementedError


def read_line(kind: Kind, text: str, reading: Reading) -> Read | Problem | None:
    """Return what a one-line form says, None when the message is none."""
    raise NotImplementedError
