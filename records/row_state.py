"""Bringing a row up to date with its state: due, moved by the clock, ended."""

import datetime as dt

from core.office import Office
from models.record import Record
from records.course import Course
from records.due import Deadlines, resume
from records.kind import Kind

ENDED = "status.done"


def enter_state(office: Office, kind: Kind, record: Record, course: Course, state: str, now: dt.datetime) -> None:
    """Put a record into a state and compute its times anew. The row is not saved."""
    before, record.state, record.state_since = record.state, state, now
    old_due = record.due_at
    course.enter(state, now)
    deadlines = Deadlines(office, kind, record, course)
    shown, waits = deadlines.shown(), deadlines.waits()
    record.due_at = shown.moment if shown else None
    record.moves_at = waits.moment if waits else None
    declared = kind.states[state]
    record.closed_at = now if declared.terminal or declared.shown == ENDED else None
    _stand_still(deadlines, before, old_due, now)


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
