"""How a provider is asked about things, apart from sending: a few times a second, and after trouble not for a while."""

import asyncio
from typing import Final

import structlog

from core.office import Office
from messaging.lanes import FIRST_HOLD_SECONDS, LONGEST_GUESS_SECONDS, MOST_HOLD_SECONDS
from messaging.rate import RateWindow

log = structlog.get_logger()

ASKED_A_SECOND: Final = 5.0


class Patience:
    """The pace and the pauses of one sort of asking for one lane. `event` is what the log calls a pause."""

    def __init__(self, event: str, lane_id: int) -> None:
        self._event, self._lane_id = event, lane_id
        self._window = RateWindow(ASKED_A_SECOND)
        self._held_until = float("-inf")
        self._troubles = 0

    def is_over(self, office: Office) -> bool:
        """Say whether the provider may be asked again."""
        return office.clock.monotonic() >= self._held_until

    async def turn(self, office: Office) -> None:
        """Wait until one more question keeps within five a second."""
        now = office.clock.monotonic()
        await asyncio.sleep(self._window.book(1, now) - now)

    def hold(self, office: Office, why: str, retry_after: float | None = None) -> None:
        """Pause after trouble, ever longer up to a minute, or as long as the provider asked (900 s at most)."""
        guess = min(FIRST_HOLD_SECONDS * 2 ** min(self._troubles, 10), LONGEST_GUESS_SECONDS)
        self._troubles += 1
        seconds = min(retry_after or guess, MOST_HOLD_SECONDS)
        self._held_until = office.clock.monotonic() + seconds
        log.warning(self._event, lane=self._lane_id, seconds=seconds, why=why)

    def ease(self) -> None:
        """Note a good answer: the next trouble begins with the shortest pause."""
        self._troubles = 0
