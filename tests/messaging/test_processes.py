"""Several processes on one database share the lanes: taken by who has fewest, given up in order, freed at the end."""

import dataclasses
from datetime import timedelta

import pytest

from core.clock import HandClock
from core.office import Office
from core.wake import WakeUps
from messaging.lane_board import LaneBoard
from messaging.lanes import Lane, ensure_lane
from messaging.processes import Heartbeat
from models import process_queries, sql
from models.lane import Lane as LaneRow
from models.sending import Process


class Sending:
    """A process that sends: its lanes, its heartbeat, its own wake-ups."""

    def __init__(self, office: Office, name: str) -> None:
        self.office = dataclasses.replace(office, wakes=WakeUps())
        self.board = LaneBoard(name, alone=False)
        self.heartbeat = Heartbeat(name, {"send"})
        self.lanes: list[Lane] = []

    async def turn(self) -> int:
        """What a second of its life does to its lanes; return how many it owns."""
        await self.heartbeat.step(self.office)
        if not self.lanes:
            rows = await LaneRow.all().order_by("id")
            name = self.board.process
            self.lanes = [Lane(row.id, row.channel, row.rate, name, board=self.board) for row in rows]
        for lane in self.lanes:
            if not await lane.give_up_surplus(self.office):
                await lane.is_ready(self.office)
        return sum(lane.epoch > 0 for lane in self.lanes)


async def turns(clock: HandClock, *processes: Sending, many: int = 8) -> list[int]:
    """Let the seconds pass; return how many lanes each has at the end."""
    owned: list[int] = []
    for _ in range(many):
        owned = [await each.turn() for each in processes]
        clock.advance(timedelta(seconds=1.5))
    return owned


async def make_lanes(many: int) -> None:
    for number in range(many):
        await ensure_lane("sms", f"+{number}", 10, name=f"lane {number}")


async def test_one_process_has_all_and_shares_with_those_that_come(db: str, office: Office, clock: HandClock) -> None:
    await make_lanes(4)
    first, second, third = (Sending(office, name) for name in "abc")
    assert await turns(clock, first) == [4]
    assert await turns(clock, first, second) == [2, 2]
    assert sorted(await turns(clock, first, second, third)) == [1, 1, 2]
    owners = [row.owner for row in await LaneRow.all()]
    assert set(owners) == {"a", "b", "c"}


async def test_one_lane_stays_where_it_is(db: str, office: Office, clock: HandClock) -> None:
    await make_lanes(1)
    first, second = Sending(office, "a"), Sending(office, "b")
    assert await turns(clock, first) == [1]
    assert await turns(clock, first, second) == [1, 0]
    assert first.lanes[0].epoch == 1


async def test_what_is_released_at_the_end_is_taken_at_once(db: str, office: Office, clock: HandClock) -> None:
    await make_lanes(2)
    first, second = Sending(office, "a"), Sending(office, "b")
    assert await turns(clock, first, second) == [1, 1]
    for lane in first.lanes:
        await lane.release()
    await first.heartbeat.end()
    second.office.wakes.lanes.set()  # PostgreSQL tells
    assert await second.turn() == 2


async def test_a_silent_process_is_gone_and_its_lanes_are_taken_when_its_lease_is_over(
    db: str, office: Office, clock: HandClock
) -> None:
    await make_lanes(2)
    first, second = Sending(office, "a"), Sending(office, "b")
    assert await turns(clock, first, second) == [1, 1]
    await sql.execute("UPDATE process SET seen_at = $1 WHERE name = 'a'", clock.now() - timedelta(days=365))
    await sql.execute("UPDATE lane SET lease_until = $1 WHERE owner = 'a'", clock.now() - timedelta(days=365))
    assert await turns(clock, second) == [2]
    assert await process_queries.senders() == ["b"]
    assert [row.name for row in await Process.all()] == ["b"]


async def test_a_free_lane_that_nobody_else_takes_is_taken_after_a_while(
    db: str, office: Office, clock: HandClock
) -> None:
    await make_lanes(2)
    first = Sending(office, "a")
    await process_queries.beat("idle", "send")
    assert await turns(clock, first, many=1) == [1]
    assert await turns(clock, first, many=4) == [1]
    await process_queries.beat("idle", "send")
    assert await turns(clock, first, many=6) == [2]


async def test_a_process_that_only_serves_pages_takes_no_part(db: str, office: Office, clock: HandClock) -> None:
    await make_lanes(2)
    await process_queries.beat("web", "receive,web")
    assert await turns(clock, Sending(office, "a")) == [2]


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_takeover_never_leaves_two_owners(db: str, office: Office, clock: HandClock) -> None:
    await make_lanes(3)
    processes = [Sending(office, name) for name in "abcd"]
    assert sum(await turns(clock, *processes, many=12)) == 3
    rows = await LaneRow.all()
    assert len({row.owner for row in rows}) == 3
