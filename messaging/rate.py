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

    def book(self, units: int, now: float) -> float:
        """Return the moment, not before `now`, at which these units may start, and count them as started then.

        Bookings start in the order in which they were made.
        """
        start = max(now, self._not_before)
        self._forget(start)
        while self._starts and self._used + units > self.rate:
            start = max(start, self._starts[0][0] + WINDOW)
            self._forget(start)
        self._starts.append((start, units))
        self._used += units
        self._not_before = max(start, start + units / self.rate) if units > self.rate else start
        return start

    def _forget(self, moment: float) -> None:
        while self._starts and self._starts[0][0] + WINDOW <= moment:
            self._used -= self._starts.popleft()[1]
