"""A lane: one sending identity with its rate, and one owner at a time.

The owner holds a lease in the database, by the database's clock, under an epoch that every takeover raises. Between
renewals it trusts its monotonic clock, with a margin. What an older epoch brings back is refused when it settles.
"""

import math
from collections import Counter
from datetime import timedelta
from typing import Final

import structlog

from core.office import Office
from messaging.lane_board import LaneBoard
from messaging.rate import RateWindow
from models import lane_queries, outbox_queries, sql
from models.claim_queries import Share
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

    `share` is the part of the queue that it takes, None: all of it. `room` is how many units it may still send today,
    None: no limit. `outcomes` counts what became of tries, by outcome and code. `board` is what the process knows of
    all lanes. `alone`: no other process uses this database, so a lease left by a killed one is taken over at once.
    `credentials` are the encrypted ones that it sends with, None: those of the settings.
    """

    def __init__(
        self,
        lane_id: int,
        channel: str,
        rate: float,
        owner: str,
        *,
        sender: str = "",
        credentials: bytes | None = None,
        alone: bool = False,
        board: LaneBoard | None = None,
    ) -> None:
        self.id, self.channel, self.owner, self.sender, self.alone = lane_id, channel, owner, sender, alone
        self.credentials = credentials
        self.board = board or LaneBoard(owner, alone=alone)
        self.window = RateWindow(rate)
        self.share: Share | None = None
        self.room: int | None = None
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.epoch = 0
        self._leased_at = -math.inf
        self._held_until = -math.inf
        self._throttles = 0

    async def is_ready(self, office: Office) -> bool:
        """Own the lane, taking or renewing its lease as needed, and say whether it may send.

        False while another owns it or should own it, it is switched off, has to wait, has used its day up, or all
        sending is stopped. What it knows of all that is a second old at most.
        """
        await self.board.look(office)
        now = office.clock.monotonic()
        if now - self._leased_at > RENEW_AFTER_SECONDS and not await self._prolong(office, now):
            return False
        seen = self.board.lanes.get(self.id)
        if seen is not None:
            self.share, self.room = seen.share, seen.room
            if not seen.spec.enabled or self.board.surplus == self.id:
                return False
        return self.may_send(office) and (self.room is None or self.room > 0)

    async def give_up_surplus(self, office: Office) -> bool:
        """Release the lane where another process should have it. Call it while nothing is being sent."""
        await self.board.look(office)
        if not self.epoch or self.board.surplus != self.id:
            return False
        log.info("lane.given_up", lane=self.id, epoch=self.epoch)
        await self.release()
        return True

    def may_send(self, office: Office) -> bool:
        """Say, without asking the database, whether a request may go out now: ours, not held, nothing stopped."""
        return self.is_owned(office) and not self.is_held(office) and not self.board.is_stopped

    async def spend(self, office: Office, units: int) -> None:
        """Count units that are claimed (or, below nothing, given back) against the day, in the caller's transaction.

        Nothing is counted where the day has no limit.
        """
        if self.room is not None:
            await lane_queries.spend(self.id, office.today(), units)
            self.room -= units
            self.board.forget()

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

        Called when the provider answers 429, refuses our credentials or our sender, and cannot be reached at all.
        """
        if not self.is_held(office):  # several at once are one refusal
            self._throttles += 1
        asked = retry_after if retry_after is not None and retry_after > 0 else self._guess()
        seconds = min(asked, MOST_HOLD_SECONDS)
        self._held_until = max(self._held_until, office.clock.monotonic() + seconds)
        if self.share is not None:
            self.share.marks.clear()  # what is under way comes back
        return seconds

    def heard(self) -> None:
        """Note that the provider took something: the next unexplained refusal begins with the shortest pause."""
        self._throttles = 0

    async def note_trouble(self, office: Office, code: str, held_seconds: float | None = None) -> None:
        """Keep the last trouble in the row, for the console."""
        now = office.clock.now()
        held = now + timedelta(seconds=held_seconds) if held_seconds is not None else None
        await lane_queries.note_trouble(self.id, self.credentials, code[:64], now, held)
        self.board.forget()

    def distrust(self) -> None:
        """Begin a new epoch at the next chance: something was left open that this one cannot settle any more."""
        self.epoch, self._leased_at = 0, -math.inf

    async def release(self) -> None:
        """Give the lane up: at shutdown, to another process, before its sender is made anew."""
        if self.epoch:
            await lane_queries.release(self.id, self.epoch)
        self.distrust()
        self.board.forget()

    def _guess(self) -> float:
        return float(min(FIRST_HOLD_SECONDS * 2 ** min(self._throttles - 1, 10), LONGEST_GUESS_SECONDS))

    async def _prolong(self, office: Office, now: float) -> bool:
        if self.epoch and await lane_queries.renew(self.id, self.epoch):
            self._leased_at = now
            await self._sweep(office)
            return True
        self.distrust()
        return self.board.may_take(office, self.id) and await self._take(office, now)

    async def _sweep(self, office: Office) -> None:
        """Make unknown what an older owner claimed after the takeover: one that was stopped in the midst of a claim."""
        late = await outbox_queries.abandon(self.id, self.epoch, office.clock.now())
        if late:
            log.warning("lane.swept", lane=self.id, epoch=self.epoch, unknown=late)

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
        self.board.forget()
        await self.board.look(office)  # with a lane more the shares are others
        return True
