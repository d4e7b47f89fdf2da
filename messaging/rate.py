"""The rate of a lane, exact over any sliding second. Pure: it is told the monotonic time.

Units (segments or messages) that start within one second never exceed the rate, except for one message that is
larger than the rate by itself: that one goes alone, and the next waits until it is paid for.
"""

from collections import deque

WINDOW = 1.0


class RateWindow:
    """What was started in the last second, and what is booked for the next ones."""

    def __init__(self, rate: float) -> None:
        if not rate > 0:
            raise ValueError("a rate is more than nothing")
        self.rate = rate
        self._starts: deque[tuple[float, int]] = deque()
        self._used = 0
        self._not_before = float("-inf")

    def free_at(self, units: int, now: float) -> float:
        """Return the moment, not before `now`, at which these units may start."""
        start, used = max(now, self._not_before), self._used
        for booked, taken in self._starts:
            if booked + WINDOW > start:
                if used + units <= self.rate:
                    break
                start = booked + WINDOW
            used -= taken
        return start

    def book(self, units: int, now: float) -> float:
        """Return `free_at`, and count the units as started then. Bookings start in the order in which they are made."""
        start = self.free_at(units, now)
        self._forget(start)
        self._starts.append((start, units))
        self._used += units
        self._not_before = start + units / self.rate if units > self.rate else start
        return start

    def _forget(self, moment: float) -> None:
        while self._starts and self._starts[0][0] + WINDOW <= moment:
            self._used -= self._starts.popleft()[1]
