"""Bringing a row up to date with its state: due, moved by the clock, ended."""

import datetime as dt

from core.office import Office
from models.record import Record
from records.course import Course, facts_only
from records.due import Deadlines, resume
from records.kind import Kind, Track, Transition
from records.predicates import decide

ENDED = "status.done"


def enter_state(office: Office, kind: Kind, record: Record, course: Course, state: str, now: dt.datetime) -> None:
    """Put a record into a state and compute its times anew. The row is not saved."""
    before, record.state, record.state_since = record.state, state, now
    old_due = record.due_at
    course.enter(state, now)
    for track in kind.tracks.values():
        if track.begins_at == state:
            _begin(kind, record, course, track, now)
    deadlines = Deadlines(office, kind, record, course)
    set_times(deadlines)
    declared = kind.states[state]
    record.closed_at = now if declared.terminal or declared.shown == ENDED else None
    _stand_still(deadlines, before, old_due, now)


def enter_track_state(
    office: Office, kind: Kind, record: Record, course: Course, step: Transition, now: dt.datetime
) -> None:
    """Put a track of a record into the state of a step and compute the times of the row anew. The row is not saved."""
    if record.tracks.get(str(step.track)) != step.to:  # what only adds something does not begin a limit anew
        _stand(record, course, str(step.track), step.to, now)
    set_times(Deadlines(office, kind, record, course))


def set_times(deadlines: Deadlines) -> None:
    """Compute anew when something of a record is due and when the clock moves it. The row is not saved."""
    shown = deadlines.shown()
    deadlines.record.due_at = shown.moment if shown else None
    deadlines.record.moves_at = deadlines.next_by_clock()


def _begin(kind: Kind, record: Record, course: Course, track: Track, now: dt.datetime) -> None:
    """A track begins in the first state whose condition holds."""
    facts, named = facts_only(record.facts), decide(course.known(kind, record))
    state = next(state for when, state in track.begin if when is None or when.holds(facts, named))
    _stand(record, course, track.id, state, now)


def _stand(record: Record, course: Course, track: str, state: str, now: dt.datetime) -> None:
    record.tracks = {**record.tracks, track: state}
    course.enter(f"{track}.{state}", now)


def _stand_still(deadlines: Deadlines, before: str, old_due: dt.datetime | None, now: dt.datetime) -> None:
    """Limits stand still once while the record waits for its sender, at most as long as the kind says."""
    kind, record, course = deadlines.kind, deadlines.record, deadlines.course
    if kind.pauses_in is None:
        return
    if record.state == kind.pauses_in:
        course.paused = {"state": before, "due": old_due.isoformat()} if old_due else None
    elif before == kind.pauses_in and course.paused:
        _resume(deadlines, course.paused, now)
        course.paused, course.pause_used = None, True


def _resume(deadlines: Deadlines, paused: dict[str, str], now: dt.datetime) -> None:
    kind, record, course = deadlines.kind, deadlines.record, deadlines.course
    began = course.entered_at(kind.pauses_in or "")
    if record.state != paused["state"] or began is None:
        return
    due = dt.datetime.fromisoformat(paused["due"])
    if course.pause_used:
        record.due_at = due
        return
    longest = deadlines.office.limits.get(str(kind.pauses_at_most)).span
    until = longest.end(deadlines.office.calendar, began, deadlines.office.zone).moment
    record.due_at = resume(deadlines.office, began, due, until, now).moment
