"""The course of a record so far: states entered, acts done, alerts fired, its pause. One key among the facts."""

import datetime as dt
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from models.record import Record
from records.predicates import Known
from records.sources import iso

KEY: Final = "@course"


@dataclass(slots=True)
class Course:
    """`entered` maps a state to the moment of its last entry, `acts` an act to how often it was done.

    `paused` holds when the limits began to stand still and where they stood; `pause_used` that they did so once.
    """

    entered: dict[str, str] = field(default_factory=dict)
    acts: dict[str, int] = field(default_factory=dict)
    alerts: list[str] = field(default_factory=list)
    filed_late: bool = False
    paused: dict[str, str] | None = None
    pause_used: bool = False

    @classmethod
    def of(cls, record: Record) -> "Course":
        """Return the course of a record."""
        return cls(**record.facts.get(KEY, {}))

    def keep(self, record: Record) -> None:
        """Put the course into the facts of a record, which is then to be saved."""
        record.facts = {**record.facts, KEY: asdict(self)}

    def enter(self, state: str, at: dt.datetime) -> None:
        """Note that a state is entered."""
        self.entered = {**self.entered, state: iso(at)}

    def did(self, act: str) -> None:
        """Note that an act is done."""
        self.acts = {**self.acts, act: self.acts.get(act, 0) + 1}

    def entered_at(self, state: str) -> dt.datetime | None:
        """Return when a state was entered last, None where it never was."""
        stored = self.entered.get(state)
        return dt.datetime.fromisoformat(stored) if stored else None

    def known(self, answer_is_clean: bool | None = None) -> Known:
        """Return what predicates may look at."""
        return Known(self.acts, self.entered, self.filed_late, answer_is_clean)


def facts_only(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts without what the engine keeps for itself."""
    return {name: value for name, value in facts.items() if not name.startswith("@")}
