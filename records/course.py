"""The course of a record so far: states entered, acts done and waiting, alerts fired, its pause.

One key among the facts.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from models.record import Record
from records.kind import UNKNOWN, Kind
from records.predicates import Known
from records.sources import RULE_REACH, iso

KEY: Final = "@course"


@dataclass(slots=True)
class Course:
    """`entered` maps a state to the moment of its last entry, `acts` an act to how often it was done.

    The state of a track stands in `entered` as `track.state`. `told` says of each sealed field that may be unknown
    whether it is known; `pending` holds the acts that wait for their second person. `paused` holds when the limits
    began to stand still and where they stood; `pause_used` that they did so once. `late` lists the acts that were done
    after their limit, each once; `reminded` holds the limits at whose end somebody was reminded.
    """

    entered: dict[str, str] = field(default_factory=dict)
    acts: dict[str, int] = field(default_factory=dict)
    alerts: list[str] = field(default_factory=list)
    filed_late: bool = False
    paused: dict[str, str] | None = None
    pause_used: bool = False
    told: dict[str, bool] = field(default_factory=dict)
    pending: dict[str, dict[str, str]] = field(default_factory=dict)
    late: list[str] = field(default_factory=list)
    reminded: list[str] = field(default_factory=list)
    all_read: bool = False

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

    def did(self, act: str, *, late: bool = False) -> None:
        """Note that an act is done, in time or after its limit."""
        self.acts = {**self.acts, act: self.acts.get(act, 0) + 1}
        if late and act not in self.late:
            self.late = [*self.late, act]

    def entered_at(self, state: str) -> dt.datetime | None:
        """Return when a state was entered last, None where it never was."""
        stored = self.entered.get(state)
        return dt.datetime.fromisoformat(stored) if stored else None

    def note_told(self, kind: Kind, values: Mapping[str, str]) -> None:
        """Note of the sealed fields among values that may be unknown whether they are known."""
        doubtful = {name: value for name, value in values.items() if kind.fields[name].unknown}
        found = {name: value != UNKNOWN for name, value in doubtful.items() if not kind.fields[name].fact}
        self.told = {**self.told, **found}

    def known(self, kind: Kind, record: Record, answer_is_clean: bool | None = None) -> Known:
        """Return what predicates may look at in the record whose course this is."""
        rule, tracks, reach = kind.publishing, record.tracks, kind.with_source(RULE_REACH)
        entries = kind.with_source("entries_of_period")
        return Known(
            self.acts,
            self.entered,
            self.filed_late,
            answer_is_clean,
            tracks,
            all(name in tracks and each.states[tracks[name]].terminal for name, each in kind.tracks.items()),
            self.told,
            bool(rule and record.facts.get(rule.field)),
            bool(entries and record.facts.get(entries.id)),
            bool(reach and record.facts.get(reach.id) == "true"),
            self.all_read,
            facts_only(record.facts),
        )


def facts_only(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts without what the engine keeps for itself."""
    return {name: value for name, value in facts.items() if not name.startswith("@")}


def alerts_open(kind: Kind, record: Record) -> frozenset[str]:
    """Return the alerts of a record that fired and that it still stands under."""
    ended = kind.states[record.state].terminal
    return frozenset() if ended else frozenset(Course.of(record).alerts)
