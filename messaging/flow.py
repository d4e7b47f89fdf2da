"""The flow of a lane: claiming, sending and settling overlap, so that it keeps its rate whatever each of them takes.

One stretch goes on until nothing is left, the lane may not send, or the service stops; nothing is open when it ends.
Three loops share its state: the claim, the start of each message at its turn, and the settling in groups.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

import structlog

from core import failpoints
from core.office import Office
from messaging import claiming, recording, settling, slots
from messaging.channel import Result
from messaging.claiming import Claimed
from messaging.sender import Sender
from models.states import Outcome

log = structlog.get_logger()

SPREAD: Final = 0.8
"""Messages of one second start over this part of it, not all at once."""
BUNCH_SECONDS: Final = 0.005
LINGER_SECONDS: Final = 0.05
FULL_GROUP: Final = 50
FIRST_LEAD_SECONDS: Final = 0.05
LONGEST_LEAD_SECONDS: Final = 0.25
GLANCE_SECONDS: Final = 0.1
LOOK_SECONDS: Final = 2.0


class Flow:
    """One stretch of sending. Pace and latency go by the loop's clock: they are waited for in fact."""

    def __init__(self, office: Office, sender: Sender) -> None:
        self.office, self.sender, self.lane = office, sender, sender.lane
        self.left = 0
        self._urgent: deque[Claimed] = deque()
        self._bulk: deque[Claimed] = deque()
        self._busy: set[int] = set()
        self._done: list[tuple[Claimed, Result]] = []
        self._under_way = self._open = self._freed = 0
        self._may_start, self._may_settle, self._may_claim = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._has_nothing = self._passed_over = self._is_ending = self._is_closed = False
        self._failed: Exception | None = None
        self._not_before = -float("inf")
        self._lead = FIRST_LEAD_SECONDS
        self._turn, self._looked_at = -1, -float("inf")
        self._now: Callable[[], float] = asyncio.get_running_loop().time
        self._group = asyncio.TaskGroup()

    async def run(self) -> int:
        """Send until there is nothing more to do; return how many messages left the queue.

        Raises what a claim raised once everything else is settled, and at once what settling raised.
        """
        async with self._group:
            self._group.create_task(self._start_all(), name="outbox.start")
            self._group.create_task(self._settle_all(), name="outbox.settle")
            await self._claim_all()
            self._is_closed = True
            self._may_start.set()
            self._may_settle.set()
        if self._failed is not None:
            raise self._failed
        return self.left

    async def _claim_all(self) -> None:
        while not self._is_over():
            self._may_claim.clear()
            self._look_up()
            pause = self._pause()
            if pause is not None and pause <= 0:
                await self._claim(1 if self.sender.breaker.is_open else self.sender.slice_now)
            elif self._is_urgent_due():
                await self._claim(self.sender.slice_now, urgent_only=True)
            else:
                await _told(self._may_claim, GLANCE_SECONDS if pause is None else min(pause, GLANCE_SECONDS))

    def _is_over(self) -> bool:
        if self.sender.is_stopping:
            self._is_ending = True
            self._may_start.set()
        return not self._open and (self._is_ending or self._has_nothing)

    def _look_up(self) -> None:
        """Notice that something may have been said since the last claim."""
        if self._is_told() or self._now() - self._looked_at > LOOK_SECONDS:
            self._has_nothing = False

    def _is_told(self) -> bool:
        return self.office.wakes.outbox.turn != self._turn

    def _pause(self) -> float | None:
        """Return the seconds until the next claim, just ahead of the rate; None: something is in the way."""
        waiting = len(self._bulk) + len(self._urgent)
        if self._is_ending or self._has_nothing:
            return None
        if self.sender.breaker.is_open:
            return None if self._open else 0.0
        if waiting > self.sender.slice_now or self._open + self.sender.slice_now > self._most_open():
            return None
        rate, now = self.lane.window.rate, self._now()
        begins = max(self.lane.window.free_at(1, now), self._not_before)
        return begins + waiting * SPREAD / rate - self._lead - now

    def _most_open(self) -> int:
        """Bound what may be lost to a kill, and memory, while the database is slow."""
        return self.sender.slots.most(self.lane.window.rate) + 3 * self.sender.slice_now

    def _is_urgent_due(self) -> bool:
        """Say whether to look for answers past bulk that is in the way."""
        if self._is_ending or self._has_nothing or self.sender.breaker.is_open:
            return False
        since = self._now() - self._looked_at
        few = len(self._urgent) < self.sender.slice_now and self._open < 2 * self._most_open()
        return few and (since > LOOK_SECONDS or (since >= GLANCE_SECONDS and self._is_told()))

    async def _claim(self, rows: int, *, urgent_only: bool = False) -> None:
        began, freed = self._now(), self._freed
        self._turn = self.office.wakes.outbox.turn
        try:
            if not await self.lane.is_ready(self.office):
                self._is_ending = True
                return
            claim = await claiming.claim(self.office, self.sender, rows, busy=self._busy, urgent_only=urgent_only)
        except Exception as error:  # what is under way is still settled
            self._failed, self._is_ending = error, True
            return
        self._looked_at = self._now()
        self._lead = min(LONGEST_LEAD_SECONDS, (self._lead + 2 * (self._looked_at - began)) / 2)
        self.left += claim.left
        self._passed_over = claim.passed_over
        self._has_nothing = not claim.left and not urgent_only and not (claim.passed_over and freed != self._freed)
        self._open += len(claim.claimed)
        for each in claim.claimed:
            self._busy.add(each.address_id)
            (self._urgent if each.is_urgent else self._bulk).append(each)
        self._may_start.set()

    async def _start_all(self) -> None:
        """Start each message at its turn: answers first, within the rate, while there is a slot."""
        while not self._is_closed:
            self._may_start.clear()
            may_send = not self.sender.is_stopping and self.lane.may_send(self.office)
            queue = self._next_queue(goes_back=not may_send)
            if queue is None:
                await self._may_start.wait()
            elif not may_send:
                self.left -= 1
                self._note(queue.popleft(), settling.NOT_TRIED)
            elif (pause := self._turn_of(queue[0]) - self._now()) > 0:
                await _told(self._may_start, pause)
            else:
                self._start(queue.popleft())

    def _next_queue(self, *, goes_back: bool) -> deque[Claimed] | None:
        slots, rate = self.sender.slots, self.lane.window.rate
        if self._urgent and (goes_back or self._under_way < slots.most(rate)):
            return self._urgent
        if self._bulk and (goes_back or self._under_way < slots.most_bulk(rate)):
            return self._bulk
        return None

    def _turn_of(self, each: Claimed) -> float:
        return max(self.lane.window.free_at(each.units, self._now()), self._not_before - BUNCH_SECONDS)

    def _start(self, each: Claimed) -> None:
        """Count a message as started now, which keeps any sliding second exact, and send it."""
        now, window = self._now(), self.lane.window
        window.book(each.units, now)
        self._not_before = max(now, self._not_before) + SPREAD * each.units / window.rate
        self._under_way += 1
        self._group.create_task(self._send(each), name="outbox.send")
        if len(self._bulk) + len(self._urgent) <= self.sender.slice_now:
            self._may_claim.set()

    async def _send(self, each: Claimed) -> None:
        began = self._now()
        result = await self.sender.channel.send(each.outgoing)
        self._under_way -= 1
        self.lane.outcomes[str(result.outcome), result.code or ""] += 1
        self.sender.slots.note(self._now() - began, result.outcome)
        self.sender.breaker.note(result.outcome, result.retry_after)
        self._judge(result)
        self._note(each, result)
        self._may_start.set()

    def _judge(self, result: Result) -> None:
        """Hold the lane where the next ones would fare no better."""
        if result.outcome is Outcome.ACCEPTED:
            self.lane.heard()
        elif result.outcome in slots.COMES_BACK or (result.outcome is Outcome.UNKNOWN and self.sender.breaker.is_open):
            self._is_ending = True
            held = self.lane.hold(self.office, result.retry_after)
            log.warning("lane.held", lane=self.lane.id, seconds=held, why=result.code)

    def _note(self, each: Claimed, result: Result) -> None:
        self._done.append((each, result))
        if len(self._done) in (1, FULL_GROUP) or len(self._done) == self._open:
            self._may_settle.set()

    async def _settle_all(self) -> None:
        """Settle in groups: what comes while one is committed, or within a moment, goes into the next."""
        while self._done or not self._is_closed:
            self._may_settle.clear()
            if not self._done:
                await self._may_settle.wait()
                continue
            if len(self._done) < min(FULL_GROUP, self._open):
                await _told(self._may_settle, LINGER_SECONDS)
            await self._settle()

    async def _settle(self) -> None:
        group, self._done = self._done, []
        failpoints.hit("outbox.answered")
        await recording.settle_patiently(self.office, self.lane, group)
        self._open -= len(group)
        self._busy.difference_update(each.address_id for each, _ in group)
        self._freed += 1
        self._has_nothing = self._has_nothing and not self._passed_over
        self._may_claim.set()


async def _told(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, so many seconds at most."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
