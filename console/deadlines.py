"""How a deadline is shown: the last day, the working days left, and a mark that is more than a colour."""

import datetime as dt
from dataclasses import dataclass

from core.clock import local_day
from core.office import Office

_INSTANT = dt.timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of a limit, its moment, the working days left (below 0: past), and the tone of its mark."""

    day: dt.date
    moment: dt.datetime
    left: int
    tone: str

    @property
    def words(self) -> str:
        """The key of the words that say how much time is left; they take `n`."""
        if self.tone == "bad":
            return "due.late"
        return "due.today" if self.left == 0 else "due.left"


def deadline(office: Office, due_at: dt.datetime | None) -> Deadline | None:
    """Return how a deadline stands now; None where there is none. A limit in days ends at 24:00 of its last day."""
    if due_at is None:
        return None
    day, today = local_day(due_at - _INSTANT, office.zone), office.today()
    if due_at <= office.clock.now():
        return Deadline(day, due_at, -office.calendar.working_days_between(day, today), "bad")
    left = office.calendar.working_days_between(today, day)
    return Deadline(day, due_at, left, "warn" if left <= 1 else "good")
