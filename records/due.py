"""When the limits of a record end: of its state, of what its owner was told, of what the system does by itself."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from core.office import Office
from core.workdays import end_of
from models.record import Record
from records.course import Course
from records.kind import UNKNOWN, Kind, Transition

EVENTS: Final = {"review_requested": "review", "bulletin_approved": "bulletin_issued"}
"""What deadlines are counted from, where it is named otherwise than the state that it enters."""


@dataclass(frozen=True, slots=True)
class End:
    """The end of a limit: the moment, and the last local day."""

    moment: dt.datetime
    day: dt.date


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The limits of one record as it stands."""

    office: Office
    kind: Kind
    record: Record
    course: Course

    def end(self, limit_name: str) -> End:
        """Return when a limit ends. It counts from the entry into the state unless it says from what."""
        limit = self.office.limits.get(limit_name)
        found = limit.span.end(self.office.calendar, self._start(limit.counted_from), self.office.zone)
        return End(found.moment, found.day)

    def _start(self, counted_from: str | None) -> dt.datetime:
        if counted_from == "filed":
            return self.record.filed_at
        entered = self.course.entered_at(EVENTS.get(counted_from, counted_from)) if counted_from else None
        return entered or self.record.state_since

    def own(self) -> End | None:
        """Return the first end among the limits of the acts that lead out of the state; None where it has none."""
        return self._first(move.limit for move in self._moves())

    def waits(self) -> End | None:
        """Return when the system moves the record on by itself; None where it does not."""
        return self._first(move.after for move in self._moves())

    def promised(self) -> End | None:
        """Return what the owner is told: the promise of the state, else its own limit, else when waiting ends."""
        promise = self.kind.states[self.record.state].promise
        if promise is None:
            return self.own() or self.waits()
        if not promise.startswith("@"):
            return self.end(promise)
        day = self.record.facts.get(promise[1:])
        return self.on_day(dt.date.fromisoformat(day)) if day else self.own()

    def on_day(self, day: dt.date) -> End:
        """Return the end of a local day."""
        return End(end_of(day, self.office.zone), day)

    def shown(self) -> End | None:
        """Return what stands in the row as due: the state's own limit, else what the owner was promised."""
        state = self.kind.states[self.record.state]
        return self.own() or (self.promised() if state.promise else None)

    def clock_move(self) -> Transition | None:
        """Return the transition that the clock makes from this state first, None where there is none."""
        moves = [move for move in self._moves() if move.after]
        return min(moves, key=lambda move: self.end(str(move.after)).moment) if moves else None

    def _moves(self) -> tuple[Transition, ...]:
        return self.kind.moves_from(self.record.state)

    def _first(self, names: Iterable[str | None]) -> End | None:
        ends = [self.end(name) for name in names if name]
        return min(ends, key=lambda end: end.moment) if ends else None


def filed_late(office: Office, kind: Kind, values: Mapping[str, str], now: dt.datetime) -> bool:
    """Return whether a record is filed after the soft limit that its kind sets for filing it."""
    occurred = values.get(kind.late_from or "")
    if not kind.limit_to_file or not occurred or occurred == UNKNOWN:
        return False
    start = dt.datetime.fromisoformat(occurred).replace(tzinfo=office.zone)
    return now >= office.limits.get(kind.limit_to_file).span.end(office.calendar, start, office.zone).moment


def resume(office: Office, paused_at: dt.datetime, due: dt.datetime, longest: dt.datetime, now: dt.datetime) -> End:
    """Return where a limit ends that stood still from `paused_at` till now, at most till `longest`.

    It ends at 24:00 of a working day. Source: clock_rules, the clock stops while the sender is asked for more.
    """
    waited = min(now, longest) - paused_at
    day = (due + waited - dt.timedelta(microseconds=1)).astimezone(office.zone).date()
    day = office.calendar.next_working(day).day
    return End(end_of(day, office.zone), day)
