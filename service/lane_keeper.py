"""Keeps the pumps of this process in step with the rows of lanes: each second, and at once when somebody changed one.

A lane that was added gets its pumps, one that was switched off or changed loses them in order: what is being sent is
finished and settled, then the lane is released, so that another process or a new sender takes it at once.
"""

import asyncio
from collections.abc import Iterator
from functools import partial
from typing import Final

import structlog

from core.office import Office
from core.wake import WakeUp
from messaging import asking, looking, outbox
from messaging.asking import Asker
from messaging.channel import Askable
from messaging.processes import Heartbeat
from messaging.setup import Messaging, OpenLane
from messaging.telegram import TelegramChat
from service.pumps import Step, pump
from service.telegram_in import ChatIn

DRAIN_SECONDS: Final = 20.0
log = structlog.get_logger()


class RunningLane:
    """The pumps of one lane, from its start to its end."""

    def __init__(self, office: Office, open_: OpenLane, group: asyncio.TaskGroup) -> None:
        self.office, self.open = office, open_
        self._stop = asyncio.Event()
        self._quiet = WakeUp()
        self._sending = self._start(group, "send", self._send, office.wakes.outbox)
        self._others = [self._start(group, *each, self._quiet) for each in self._steps()]

    def _start(self, group: asyncio.TaskGroup, sort: str, step: Step, wake: WakeUp) -> asyncio.Task[None]:
        name = f"{sort}.{self.open.spec.id}"
        return group.create_task(pump(name, step, wake, self._stop), name=name)

    async def _send(self) -> int:
        if await self.open.lane.give_up_surplus(self.office):
            return 0
        return await outbox.step(self.office, self.open.sender)

    def _steps(self) -> Iterator[tuple[str, Step]]:
        lane, channel = self.open.lane, self.open.channel
        if isinstance(channel, Askable):
            yield "ask", partial(asking.step, self.office, Asker(lane, channel))
        if (looker := looking.looker_for(lane, channel)) is not None:
            yield "look", partial(looking.step, self.office, looker)
        if isinstance(channel, TelegramChat):
            yield "chat", partial(ChatIn(lane, channel).step, self.office)

    async def close(self) -> None:
        """Finish what is being sent, within a limit; end the rest; release the lane."""
        self._stop.set()
        self.open.sender.stop()
        self.office.wakes.outbox.set()
        for each in self._others:
            each.cancel()
        _, late = await asyncio.wait([self._sending], timeout=DRAIN_SECONDS)
        for each in late:
            each.cancel()
        await asyncio.wait([self._sending, *self._others])
        try:
            await self.open.lane.release()
        except Exception as error:  # without the database its lease runs out by itself
            log.warning("lane.not_released", lane=self.open.spec.id, kind=type(error).__name__)


class LaneKeeper:
    """Starts and ends the pumps of lanes, and says that this process runs."""

    def __init__(self, messaging: Messaging, roles: frozenset[str], group: asyncio.TaskGroup) -> None:
        self.messaging, self.group, self.sends = messaging, group, "send" in roles
        self.heartbeat = Heartbeat(messaging.board.process, roles)
        self._running: dict[int, RunningLane] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._turn = -1
        self._is_over = False

    async def step(self) -> int:
        """Look at the rows and do what they ask for; return how many lanes changed. Raises what the database raises."""
        office, turn = self.messaging.office, self.messaging.office.wakes.lanes.turn
        await self.heartbeat.step(office)
        await self.messaging.refresh()
        if turn != self._turn:  # a lane may be free, or sending goes on
            self._turn = turn
            office.wakes.outbox.set()
        return 0 if self._is_over or not self.sends else self._change()

    def _change(self) -> int:
        wanted = {lane_id: each for lane_id, each in self.messaging.open.items() if each.spec.enabled}
        gone = [lane_id for lane_id, each in self._running.items() if wanted.get(lane_id) is not each.open]
        for lane_id in gone:
            self._end(lane_id)
        come = [lane_id for lane_id in wanted if lane_id not in self._running and lane_id not in self._ending]
        for lane_id in come:
            self._running[lane_id] = RunningLane(self.messaging.office, wanted[lane_id], self.group)
        return len(gone) + len(come)

    @property
    def _ending(self) -> set[int]:
        return {int(task.get_name().rpartition(".")[2]) for task in self._closing}

    def _end(self, lane_id: int) -> None:
        closing = self.group.create_task(self._running.pop(lane_id).close(), name=f"close.{lane_id}")
        self._closing.add(closing)
        closing.add_done_callback(self._closed)

    def _closed(self, closing: asyncio.Task[None]) -> None:
        self._closing.discard(closing)
        self.messaging.office.wakes.lanes.set()  # its successor may begin

    async def close(self) -> None:
        """Say that this process ends; then end all lanes at once, each as soon as it has finished."""
        self._is_over = True
        try:
            await self.heartbeat.end()
        except Exception as error:  # without the database it is silent, which says the same later
            log.warning("process.not_ended", kind=type(error).__name__)
        for lane_id in list(self._running):
            self._end(lane_id)
        if self._closing:
            await asyncio.wait(self._closing)
