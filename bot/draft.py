"""The place in a dialog: what was answered, what was skipped, what comes next. Pure; the row keeps it encrypted."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal

from records import forms
from records.forms import Question
from records.kind import Kind

Stage = Literal["ask", "sign", "which"]

GIVEN: Final = "·"
"""Stands for a sealed value after filing: the dialog needs to know that it was given, not what it was."""


@dataclass(frozen=True)
class Draft:
    """A form on its way. `done` holds the fields of each question answered, in order.

    `aside` keeps the answers of a question that is being changed, until the new one comes. `turn` grows with every
    asking, so that a button of an earlier one is known as stale. `record` and `number` are there once it is filed,
    and `before` names the fields that were known then. `offered` are answers that a button proposes, `begun` is when it
    began.
    """

    kind: str
    lang: str
    values: Mapping[str, str] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()
    done: tuple[tuple[str, ...], ...] = ()
    stage: Stage = "ask"
    aside: Mapping[str, str] = field(default_factory=dict)
    named: Mapping[str, bool] = field(default_factory=dict)
    turn: int = 0
    misses: int = 0
    record: int | None = None
    number: str | None = None
    until: str | None = None
    before: tuple[str, ...] = ()
    offered: Mapping[str, str] = field(default_factory=dict)
    begun: str | None = None

    def payload(self) -> dict[str, Any]:
        """Return it as the row keeps it."""
        return asdict(self)

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> "Draft":
        """Return what `payload` gave."""
        lists = {"skipped": tuple(payload["skipped"]), "done": tuple(tuple(each) for each in payload["done"])}
        lists["before"] = tuple(payload.get("before", ()))
        return cls(**{**payload, **lists})

    @property
    def filed(self) -> bool:
        """Whether the record exists; its answers are amendments then."""
        return self.record is not None

    def question(self, kind: Kind) -> Question | None:
        """Return what is asked now; None when everything of this side of the filing was answered or skipped."""
        first = forms.next_question(kind, self.values, "first", frozenset(self.skipped), self.named, self.lang)
        if first is not None or not self.filed:
            return first
        skipped, before = frozenset(self.skipped), frozenset(self.before)
        return forms.next_question(kind, self.values, "later", skipped, self.named, self.lang, before)

    def answered(self, question: Question, values: Mapping[str, str], skipped: frozenset[str]) -> "Draft":
        """Return the place after an answer to the question."""
        return replace(
            self,
            values={**self.values, **values},
            skipped=tuple(dict.fromkeys([*self.skipped, *skipped])),
            done=(*(each for each in self.done if each[0] != question.fields[0]), question.fields),
            aside={},
            misses=0,
        )

    def without(self, fields: tuple[str, ...]) -> "Draft":
        """Return the place with the answers of a question laid aside, so that it is asked again."""
        return replace(
            self,
            values={name: value for name, value in self.values.items() if name not in fields},
            skipped=tuple(name for name in self.skipped if name not in fields),
            aside={name: self.values[name] for name in fields if name in self.values},
            stage="ask",
            misses=0,
        )

    def back(self) -> "Draft | None":
        """Return the place one question back; None at the first one, or where only filed answers lie behind."""
        if not self.done:
            return None
        return replace(self.without(self.done[-1]), done=self.done[:-1], aside={})

    def skip(self, question: Question) -> "Draft":
        """Return the place after the question was passed over; an answer laid aside stands again."""
        if self.aside:
            return replace(self.answered(question, self.aside, frozenset()))
        return self.answered(question, {}, frozenset(question.fields))

    def as_filed(self, kind: Kind, record: int, number: str, until: str | None, named: Mapping[str, bool]) -> "Draft":
        """Return the place after filing: sealed answers are forgotten, only that they were given is kept."""
        return replace(
            self.forgetting(kind),
            record=record,
            number=number,
            until=until,
            named=named,
            stage="ask",
            aside={},
            before=tuple(self.values),
        )

    def forgetting(self, kind: Kind) -> "Draft":
        """Return the place without the sealed values."""
        return replace(self, values={name: hidden(kind, name, value) for name, value in self.values.items()})


def hidden(kind: Kind, name: str, value: str) -> str:
    """Return a fact as it is, for anything sealed only that it was given (or that it is unknown)."""
    return value if kind.field(name).fact else GIVEN
