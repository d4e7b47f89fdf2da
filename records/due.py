"""When the limits of a record end: of its state, of what its owner was told, of what the system does by itself."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.clock import local_day
from core.months import Month
from core.office import Office
from core.workdays import end_of
from models.record import Record
from records.course import Course, facts_only
from records.kind import UNKNOWN, Kind, Reminder, Transition
from records.month_limits import is_of_month, month_end
from records.predicates import decide

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

    def end(self, limit_name: str, track: str | None = None) -> End:
        """Return when a limit ends.

        It counts from the entry into the state, of the record or of a track, unless it says from what.
        """
        limit = self.office.limits.get(limit_name)
        if is_of_month(limit) and (period := self._period()):
            of_month = month_end(self.office, limit_name, period, local_day(self.record.filed_at, self.office.zone))
            return End(of_month.moment, of_month.day)
        found = limit.span_at(self._level()).end(
            self.office.calendar, self._start(limit.counted_from, track), self.office.zone
        )
        return End(found.moment, found.day)

    def _period(self) -> Month | None:
        """The month that the record is about, None for a record of no month."""
        field = self.kind.with_source("period")
        return Month.parse(self.record.facts[field.id]) if field else None

    def _level(self) -> str | None:
        return self.record.facts.get(self.kind.limits_by) if self.kind.limits_by else None

    def ends(self, step: Transition) -> End | None:
        """Return when an act should be done; None where it has no limit."""
        return self.end(step.limit, step.track) if step.limit else None

    def is_late(self, step: Transition, now: dt.datetime) -> bool:
        """Return whether an act done now comes after its limit; one whose limits stood still counts from its row."""
        end = self.ends(step)
        if end is None:
            return False
        due = self.record.due_at if self.course.pause_used and step.track is None else None
        return now >= (due or end.moment)

    def _start(self, counted_from: str | None, track: str | None) -> dt.datetime:
        if counted_from == "filed":
            return self.record.filed_at
        if counted_from is not None and counted_from in self.kind.counts_from:
            day = first_given(self.kind.counts_from[counted_from], self.record.facts)
            return _begin(self.office, day) if day else self.record.filed_at
        entered = self.course.entered_at(EVENTS.get(counted_from, counted_from)) if counted_from else None
        return entered or self._since(track) or self.record.state_since

    def _since(self, track: str | None) -> dt.datetime | None:
        return self.course.entered_at(f"{track}.{self.record.tracks[track]}") if track else None

    def own(self) -> End | None:
        """Return the first end among the limits of the acts that lead out of the state; None where it has none."""
        return _first([self.end(move.limit) for move in self._moves() if move.limit])

    def beside(self) -> End | None:
        """Return the first end among the limits of the acts of the tracks that may still be done; None for none."""
        facts = facts_only(self.record.facts)
        named = decide(self.course.known(self.kind, self.record))
        moves = [move for move in self.open_moves() if move.track and move.may_hold(facts, named)]
        return _first([end for move in moves if (end := self.ends(move))])

    def waits(self) -> End | None:
        """Return when the system moves the record on by itself; None where it does not."""
        return _first([self.end(move.after) for move in self._moves() if move.after])

    def open_moves(self) -> tuple[Transition, ...]:
        """Return what leads out of the states in which the record and its tracks stand."""
        return self.kind.moves_of(self.record.state, self.record.tracks)

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
        """Return what stands in the row as due: the state's own limit, else what the owner was promised.

        Where an act of a track is due earlier, that.
        """
        state = self.kind.states[self.record.state]
        own = self.own() or (self.promised() if state.promise and not self.kind.tracks else None)
        return _first([end for end in (own, self.beside()) if end])

    def clock_move(self) -> Transition | None:
        """Return the transition that the clock makes first, of the record or of a track; None where there is none."""
        moves = [move for move in self.open_moves() if move.after]
        return min(moves, key=lambda move: self._after(move).moment) if moves else None

    def clock_moves_at(self) -> dt.datetime | None:
        """Return when the clock makes its first move, None where it makes none."""
        move = self.clock_move()
        return self._after(move).moment if move else None

    def reminder(self) -> tuple[Reminder, dt.datetime] | None:
        """Return the first reminder that is still to come and when, of what the clock waits for.

        One whose time was over before the record came to be is left out.
        """
        facts, named = facts_only(self.record.facts), decide(self.course.known(self.kind, self.record))
        coming = [
            (each, self.end(each.limit, move.track).moment)
            for move in self.open_moves()
            for each in move.reminders
            if each.limit not in self.course.reminded and (each.when is None or each.when.holds(facts, named))
        ]
        left = [each for each in coming if each[1] > self.record.filed_at]
        return min(left, key=lambda each: each[1]) if left else None

    def next_by_clock(self) -> dt.datetime | None:
        """Return when the clock does something next: makes a move, or reminds; None where it does nothing."""
        reminder, moves_at = self.reminder(), self.clock_moves_at()
        return min((each for each in (reminder and reminder[1], moves_at) if each), default=None)

    def _after(self, move: Transition) -> End:
        return self.end(str(move.after), move.track)

    def _moves(self) -> tuple[Transition, ...]:
        return self.kind.moves_from(self.record.state)


def _first(ends: Sequence[End]) -> End | None:
    return min(ends, key=lambda end: end.moment) if ends else None


def first_given(names: Sequence[str], values: Mapping[str, str]) -> str | None:
    """Return the first value that is given and known among fields."""
    return next((values[name] for name in names if values.get(name) not in (None, "", UNKNOWN)), None)


def _begin(office: Office, day: str) -> dt.datetime:
    return dt.datetime.fromisoformat(day).replace(tzinfo=office.zone)


def filed_late(office: Office, kind: Kind, values: Mapping[str, str], now: dt.datetime) -> bool:
    """Return whether a record is filed after the soft limit that its kind sets for filing it."""
    names = kind.counts_from.get(kind.late_from or "", (kind.late_from or "",))
    occurred = first_given(names, values)
    if not kind.limit_to_file or not occurred:
        return False
    start = _begin(office, occurred)
    return now >= office.limits.get(kind.limit_to_file).span.end(office.calendar, start, office.zone).moment


def resume(office: Office, paused_at: dt.datetime, due: dt.datetime, longest: dt.datetime, now: dt.datetime) -> End:
    """Return where a limit ends that stood still from `paused_at` till now, at most till `longest`.

    It ends at 24:00 of a working day. Source: clock_rules, the clock stops while the sender is asked for more.
    """
    waited = min(now, longest) - paused_at
    day = (due + waited - dt.timedelta(microseconds=1)).astimezone(office.zone).date()
    day = office.calendar.next_working(day).day
    return End(end_of(day, office.zone), day)
