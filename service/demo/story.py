"""The demo's day: when it begins, how its clock is moved, and where that is kept across a killed process.

Day 0 is the latest Monday not after today that is a working day; the clock starts there at 08:00 and runs on. Weekdays
stay as they are in the sample data, so "Friday after hours" stays one.
"""

import json
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from core.clock import ShiftedClock, SystemClock, local_day
from core.workdays import Calendar

START_OF_DAY = time(8, 0)
MORNING = time(9, 0)
STORY_DAY = datetime.fromisoformat("2026-09-14T08:00:00+08:00")


def day_zero(now: datetime, zone: ZoneInfo, calendar: Calendar) -> datetime:
    """Return 08:00 of the latest Monday not after today that is a working day."""
    day = local_day(now, zone)
    day -= timedelta(days=day.weekday())
    while not calendar.is_working(day)[0]:
        day -= timedelta(days=7)
    return datetime.combine(day, START_OF_DAY, zone)


class Story:
    """The demo's clock and day 0, kept in a small file so that a killed service goes on at the same moment."""

    def __init__(self, file: Path, zone: ZoneInfo, calendar: Calendar) -> None:
        self._file, self.zone, self._calendar = file, zone, calendar
        kept = json.loads(file.read_text()) if file.exists() else self._begin()
        self.start = datetime.fromisoformat(kept["start"])
        self.clock = ShiftedClock(timedelta(seconds=kept["offset_s"]))

    def _begin(self) -> dict[str, Any]:
        now = SystemClock().now()
        start = day_zero(now, self.zone, self._calendar)
        kept = {"start": start.isoformat(), "offset_s": (start - now).total_seconds()}
        self._file.write_text(json.dumps(kept))
        return kept

    def move_to(self, moment: datetime) -> None:
        """Move the clock forward and keep where it stands; raise ValueError for the past."""
        self.clock.move_to(moment)
        kept = {"start": self.start.isoformat(), "offset_s": self.clock.offset.total_seconds()}
        self._file.write_text(json.dumps(kept))

    def local_now(self) -> datetime:
        """Return the demo's moment in the agency's zone."""
        return self.clock.now().astimezone(self.zone)

    def next_morning(self) -> datetime:
        """Return 09:00 of the next working day."""
        day = self.local_now().date() + timedelta(days=1)
        while not self._calendar.is_working(day)[0]:
            day += timedelta(days=1)
        return datetime.combine(day, MORNING, self.zone)

    def month_end(self) -> datetime:
        """Return 10:00 of the last working day of this month, or of the next one when that is past."""
        month = self.local_now().date().replace(day=1)
        while True:
            month = (month + timedelta(days=32)).replace(day=1)
            day = month - timedelta(days=1)
            while not self._calendar.is_working(day)[0]:
                day -= timedelta(days=1)
            moment = datetime.combine(day, time(10, 0), self.zone)
            if moment > self.local_now():
                return moment
