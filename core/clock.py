"""Time is passed in: one clock for the domain, one that only goes forward for leases and rates.

The domain clock may be moved by a rehearsal or the demo; the monotonic one never follows it.
"""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """What everything that needs the time is given."""

    def now(self) -> datetime:
        """Return the moment of the domain, aware, in UTC."""

    def monotonic(self) -> float:
        """Return seconds that only go forward, untouched by any shift of the domain clock."""


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Return the moment in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds."""
        return time.monotonic()


class ShiftedClock:
    """The clock of the machine, moved by an offset that only grows: a story told faster than it happens."""

    def __init__(self, offset: timedelta = timedelta(0)) -> None:
        self.offset = offset

    def now(self) -> datetime:
        """Return the shifted moment in UTC."""
        return datetime.now(UTC) + self.offset

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds, never shifted."""
        return time.monotonic()

    def move_to(self, moment: datetime) -> None:
        """Go to a later moment; raise ValueError for an earlier one."""
        step = moment - self.now()
        if step < timedelta(0):
            raise ValueError("the clock only moves forward")
        self.offset += step


class HandClock:
    """A clock that stands still until it is moved by hand, for tests and rehearsals."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment.astimezone(UTC)
        self._seconds = 0.0

    def now(self) -> datetime:
        """Return the moment it was set to."""
        return self.moment

    def monotonic(self) -> float:
        """Return the seconds it was moved by."""
        return self._seconds

    def advance(self, step: timedelta) -> None:
        """Move both clocks forward by the step."""
        self.moment += step
        self._seconds += step.total_seconds()

    def move_to(self, moment: datetime) -> None:
        """Go to a moment, forward or not; the monotonic clock never goes back."""
        step = (moment - self.moment).total_seconds()
        self.moment = moment.astimezone(UTC)
        self._seconds += max(step, 0.0)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """Return the calendar day on which an aware moment falls in a zone."""
    return moment.astimezone(zone).date()
