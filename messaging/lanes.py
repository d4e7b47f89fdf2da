"""A lane: one sending identity with its rate, and one owner at a time.

The owner holds a lease in the database, by the database's clock, under an epoch that every takeover raises. Between
renewals it trusts its monotonic clock, with a margin. What an older epoch brings back is refused when it settles.
"""

import math
from datetime import timedelta
from typing import Final

import structlog

from core.office import Office
from messaging.rate import RateWindow
from models import lane_queries, outbox_queries, sql
from models.lane_queries import LEASE_SECONDS

log = structlog.get_logger()

MARGIN_SECONDS: Final = 5.0
RENEW_AFTER_SECONDS: Final = LEASE_SECONDS / 3
MOST_HOLD_SECONDS: Final = 900.0
FIRST_HOLD_SECONDS: Final = 1.0
LONGEST_GUESS_SECONDS: Final = 60.0


async def ensure_lane(channel: str, sender: str, rate: float, *, name: str | None = None) -> int:
    """Make or update the first lane of a channel from settings; return its id."""
    return await lane_queries.ensure(name or channel, channel, sender, rate)


class Lane:
    """A lane as its process sees it: its epoch while it owns it, its rate, and until when it has to wait.

    `alone`: no other process uses this database, so a lease left by a killed one is taken over at once.
    """

    def __init__(
        self, lane_id: int, channel: str, rate: float, owner: str, *, sender: str = "", alone: bool = False
    ) -> None:
        self.id, self.channel, self.owner, self.sender, self.alone = lane_id, channel, owner, sender, alone
        self.window = RateWindow(rate)
        self.epoch = 0
        self._leased_at = -math.inf
        self._held_until = -math.inf
        self._throttles = 0

    async def is_ready(self, office: Office) -> bool:
        """Own the lane, taking or renewing its lease as needed; False while another owns it or it has to wait."""
        now = office.clock.monotonic()
        if now - self._leased_at > RENEW_AFTER_SECONDS and not await self._prolong(office, now):
            return False
        return now >= self._held_until

    def is_owned(self, office: Office) -> bool:
        """Say, without asking the database, whether the lease certainly still holds."""
        return office.clock.monotonic() - self._leased_at < LEASE_SECONDS - MARGIN_SECONDS

    def is_held(self, office: Office) -> bool:
        """Say whether the provider asked to wait."""
        return office.clock.monotonic() < self._held_until

    def held_seconds(self, office: Office) -> float | None:
        """Return for how long the provider still asks to wait, None where it does not."""
        return self._held_until - office.clock.monotonic() if self.is_held(office) else None

    def hold(self, office: Office, retry_after: float | None) -> float:
        """Hold the lane as long as the provider asked (900 s at most), else ever longer up to 60 s; return the seconds.

        Called when the provider answers 429 and when it cannot be reached at all.
        """
        if not self.is_held(office):  # several at once are one refusal
            self._throttles += 1
        asked = retry_after if retry_after is not None and retry_after > 0 else self._guess()
        seconds = min(asked, MOST_HOLD_SECONDS)
        self._held_until = max(self._held_until, office.clock.monotonic() + seconds)
        return seconds

    def heard(self) -> None:
        """Note that the provider took something: the next unexplained refusal begins with the shortest pause."""
        self._throttles = 0

    async def note_trouble(self, office: Office, code: str, held_seconds: float | None = None) -> None:
        """Keep the last trouble in the row, for the console."""
        now = office.clock.now()
        held = now + timedelta(seconds=held_seconds) if held_seconds is not None else None
        await lane_queries.note_trouble(self.id, code[:64], now, held)

    def distrust(self) -> None:
        """Begin a new epoch at the next chance: something was left open that this one cannot settle any more."""
        self.epoch, self._leased_at = 0, -math.inf

    async def release(self) -> None:
        """Give the lane up at shutdown."""
        if self.epoch:
            await lane_queries.release(self.id, self.epoch)
        self.distrust()

    def _guess(self) -> float:
        return float(min(FIRST_HOLD_SECONDS * 2 ** min(self._throttles - 1, 10), LONGEST_GUESS_SECONDS))

    async def _prolong(self, office: Office, now: float) -> bool:
        if self.epoch and await lane_queries.renew(self.id, self.epoch):
            self._leased_at = now
            return True
        self.distrust()
        return await self._take(office, now)

    async def _take(self, office: Office, now: float) -> bool:
        """Begin a new epoch; what an older one left open may have gone out: it becomes unknown."""
        async with sql.transaction():
            taken = await lane_queries.take(self.id, self.owner, alone=self.alone)
            if taken is None:
                return False
            left_open = await outbox_queries.abandon(self.id, taken["epoch"], office.clock.now())
        self.epoch, self._leased_at = taken["epoch"], now
        held = sql.as_time(taken["held_until"])
        if held is not None:
            left = min((held - office.clock.now()).total_seconds(), MOST_HOLD_SECONDS)
            self._held_until = max(self._held_until, now + left)
        log.info("lane.taken", lane=self.id, epoch=self.epoch, unknown=left_open)
        return True
