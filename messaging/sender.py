"""What sends for one lane, as long as its process lives: what it learned of its provider, and whether to stop."""

from typing import Final

from messaging.channel import Channel
from messaging.lanes import Lane
from messaging.slots import Breaker, Slots

SLICE: Final = 50
CLAIM_SECONDS: Final = 0.25


class Sender:
    """The lane, its channel, and how much at once.

    A claim takes `slice_size` rows at most, and no more than a quarter of a second of the lane's rate, so that a pause
    or a kill finds little under way.
    """

    def __init__(self, lane: Lane, channel: Channel, *, slice_size: int = SLICE) -> None:
        self.lane, self.channel, self.slice_size = lane, channel, slice_size
        self.slots, self.breaker = Slots(), Breaker()
        self.is_stopping = False

    @property
    def slice_now(self) -> int:
        """How many rows, and how many units, one claim takes at the lane's rate."""
        return max(1, min(self.slice_size, int(self.lane.window.rate * CLAIM_SECONDS)))

    def stop(self) -> None:
        """Claim nothing more, for good. What was claimed and not begun goes back; what is under way is finished."""
        self.is_stopping = True
