"""How many requests a lane has under way, and when it had better stop: pure, told of times and outcomes."""

import math
from typing import Final

from models.states import Outcome

MOST: Final = 256
HEADROOM: Final = 1.25
SPARE: Final = 8
FOR_ANSWERS: Final = 4
FIRST_LATENCY: Final = 1.0
WEIGHT: Final = 0.1
MOST_UNCLEAR: Final = 5
CLEAR: Final = frozenset({Outcome.ACCEPTED, Outcome.REJECTED})
COMES_BACK: Final = frozenset({Outcome.THROTTLED, Outcome.NOT_SENT})


class Slots:
    """Rate times latency requests, with some headroom: what it takes to keep the rate, and no more.

    A lane begins as if its provider took a second. A rate above `MOST` a second counts as `MOST`: beyond that our own
    work is what takes the time, and more requests at once would only lengthen it.
    """

    def __init__(self) -> None:
        self.latency = FIRST_LATENCY

    def note(self, seconds: float, outcome: Outcome) -> None:
        """Learn from a request how long the provider takes; what was no clear answer teaches nothing."""
        if outcome in CLEAR:
            self.latency += (seconds - self.latency) * WEIGHT

    def most(self, rate: float) -> int:
        """Return how many requests may be under way at a rate a second."""
        return min(MOST, math.ceil(min(rate, MOST) * self.latency * HEADROOM) + SPARE)

    def most_bulk(self, rate: float) -> int:
        """Return the same for bulk, which leaves some to answers and duty."""
        return self.most(rate) - FOR_ANSWERS


class Breaker:
    """Opens after five unclear outcomes without an acceptance: a provider in trouble must not burn a whole queue.

    It opens at once when a message comes back and nobody said for how long to wait: credentials refused, a provider
    that is not there. While it is open one message goes at a time, each after a pause; the next acceptance closes it.
    """

    def __init__(self) -> None:
        self._unclear = 0

    @property
    def is_open(self) -> bool:
        """Whether the provider is being tried with one message at a time."""
        return self._unclear >= MOST_UNCLEAR

    def note(self, outcome: Outcome, retry_after: float | None = None) -> None:
        """Count an outcome, with the seconds that the provider asked to wait, where it did."""
        if outcome is Outcome.ACCEPTED:
            self._unclear = 0
        elif outcome is Outcome.UNKNOWN:
            self._unclear += 1
        elif outcome in COMES_BACK and not retry_after:
            self._unclear = max(self._unclear, MOST_UNCLEAR)
