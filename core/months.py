"""Calendar months, written 2026-09, as the periods of what is asked for once a month."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

from core.workdays import Calendar

DUE_DAY: Final = 5
"""The day of the following month by which the return of a month is due."""
_FORM: Final = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One month of one year."""

    year: int
    number: int

    @classmethod
    def of(cls, day: dt.date) -> "Month":
        """Return the month of a day."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Return the month that is written 2026-09. Raises ValueError for anything else."""
        if (found := _FORM.fullmatch(text)) is None:
            raise ValueError(f"no month: {text}")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    def plus(self, months: int) -> "Month":
        """Return the month so many months later; earlier where the number is negative."""
        year, month = divmod(self.year * 12 + self.number - 1 + months, 12)
        return Month(year, month + 1)

    @property
    def first(self) -> dt.date:
        """The first day of the month."""
        return dt.date(self.year, self.number, 1)

    @property
    def last(self) -> dt.date:
        """The last day of the month."""
        return self.plus(1).first - dt.timedelta(days=1)


def last_working_day(month: Month, calendar: Calendar) -> dt.date:
    """Return the last day of a month that is worked, make-up days among them."""
    return calendar.before(month.plus(1).first, 1).day


def due_day(month: Month, calendar: Calendar) -> dt.date:
    """Return the day on which the return of a month is due: the 5th of the next month, else the next working day."""
    return calendar.next_working(month.plus(1).first.replace(day=DUE_DAY)).day
