"""The outbox and its receipts against a small model with a clock moved by hand: whatever happens in whatever order.

Hypothesis draws the order: what is said, what the provider does, kills, takeovers, receipts, asking, pauses, opt-outs,
time. `LIANXIN_MACHINE_EXAMPLES` says how many stories are told on each database.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from core import failpoints
from core.clock import HandClock
from core.office import Office
from messaging import outbox, receipts
from messaging.channel import Report
from models import sql
from models.database import close_database, open_database
from models.states import MESSAGE_RANK, MessageState
from tests.conftest import STORY_NOW
from tests.faults import outbox_world
from tests.faults.outbox_world import LISTINGS, MOODS, NUMBERS, PLACES, REPORTED, World

EXAMPLES = int(os.environ.get("LIANXIN_MACHINE_EXAMPLES", "60"))
STEPS = 40
MOOD_LISTS = st.lists(st.sampled_from(MOODS), max_size=6)
ADDRESSES = st.integers(0, len(NUMBERS) - 1)
SAID = st.tuples(
    ADDRESSES,
    st.sampled_from(["reply", "duty", "survey"]),
    st.integers(0, 1),
    st.sampled_from([None, None, None, 90, 3600]),
)
"""To whom, of which category, which of two texts, and after how many seconds it is too late."""

MOVES = {str(state): rank for state, rank in MESSAGE_RANK.items()}


class OutboxMachine(RuleBasedStateMachine):
    """Stories about the outbox. `runner` holds the loop, on which the database is open."""

    runner: ClassVar[asyncio.Runner]
    office: ClassVar[Office]

    def __init__(self) -> None:
        super().__init__()
        clock = self.office.clock
        assert isinstance(clock, HandClock)
        clock.move_to(STORY_NOW)
        self.world = World(self.office, clock)
        self.keys: set[str] = set()
        self.rows: dict[int, dict[str, Any]] = {}
        self.outcomes: dict[int, str] = {}
        self.do(outbox_world.forget())
        self.do(self.world.open())

    def do(self, work: Any) -> Any:
        return self.runner.run(work)

    @rule(key=st.integers(0, 40), said=st.lists(SAID, min_size=1, max_size=4))
    def say(self, key: int, said: list[tuple[int, str, int, int | None]]) -> None:
        for place, (address, category, variant, seconds) in enumerate(said):
            name = f"key {key + place}"
            new = self.do(self.world.say(name, address, category, f"{category} {variant}", seconds))
            assert new == (name not in self.keys), "the same key is said once, for ever"
            self.keys.add(name)

    @rule(many=st.lists(ADDRESSES, min_size=1, max_size=4))
    def fill(self, many: list[int]) -> None:
        for address in many:
            key = f"run {len(self.keys)}"
            self.do(self.world.fill(key, address))
            self.keys.add(key)

    @rule(moods=MOOD_LISTS)
    def step(self, moods: list[str]) -> None:
        self.do(self.world.step(moods))

    @rule(moods=MOOD_LISTS)
    def step_after_a_while(self, moods: list[str]) -> None:
        self.do(self.world.advance(11))
        self.do(self.world.step(moods))

    @rule(moods=MOOD_LISTS, place=st.sampled_from(PLACES), times=st.integers(1, 3))
    def step_and_die(self, moods: list[str], place: str, times: int) -> None:
        self.do(self.world.step(moods, place, times))

    @rule()
    def another_process_takes_over(self) -> None:
        self.do(self.world.replace())

    @precondition(lambda self: self.world.stale)
    @rule(which=st.integers(0, 9))
    def stale_process_wakes_up(self, which: int) -> None:
        stale = self.world.stale[which % len(self.world.stale)]
        assert self.do(outbox.step(self.office, stale)) == 0, "another one owns the lane"

    @precondition(lambda self: self.world.provider.ledger)
    @rule(number=st.integers(0, 99), status=st.sampled_from(REPORTED))
    def receipt(self, number: int, status: str) -> None:
        self.do(self.world.report(number, status))

    @rule()
    def strange_receipt(self) -> None:
        report = Report("delivered", MessageState.DELIVERED, provider_id="SMstrange")
        assert not self.do(receipts.record(self.office, "never issued", report))

    @rule(listing=st.sampled_from(LISTINGS), seconds=st.sampled_from([2, 62, 302, 302]))
    def ask(self, listing: str, seconds: int) -> None:
        self.do(self.world.advance(seconds))
        self.do(self.world.ask(listing))

    @rule()
    def expire(self) -> None:
        self.do(outbox.expire(self.office))

    @rule(seconds=st.sampled_from([1, 4, 6, 70, 400, 3700]))
    def time_passes(self, seconds: int) -> None:
        self.do(self.world.advance(seconds))

    @rule(address=ADDRESSES, given=st.booleans())
    def opt(self, address: int, given: bool) -> None:
        self.do(self.world.opt(address, given=given))

    @rule(state=st.sampled_from(["paused", "paused", "sending", "sending", "sending", "cancelled"]))
    def run_becomes(self, state: str) -> None:
        self.do(self.world.move_run(state))

    @invariant()
    def holds(self) -> None:
        self.do(self._holds())

    async def _holds(self) -> None:
        rows, attempts = await outbox_world.message_rows(), await outbox_world.attempt_rows()
        assert self.world.wrong == []
        self._once(rows, attempts)
        self._forward(rows, {row["token"]: row["message_id"] for row in attempts})
        self._attempts(rows, attempts)
        books = await outbox.books()
        assert books.balance
        assert books.planned == len(self.keys) == len(rows)

    def _once(self, rows: dict[int, dict[str, Any]], attempts: list[dict[str, Any]]) -> None:
        """The provider has nothing twice; what it has is accepted or not known yet with us, and the other way round."""
        message_of = {row["token"]: row["message_id"] for row in attempts}
        got = Counter(message_of[taken.token] for taken in self.world.provider.ledger)
        assert not [rows[message] for message, many in got.items() if many > 1], "said twice"
        for message, row in rows.items():
            if row["accepted_at"] is not None:
                assert message in got, "accepted with us, not with the provider"
            elif message in got:
                assert row["state"] in ("sending", "unknown"), "accepted with the provider, not with us"
        for taken in self.world.provider.ledger:
            expires_at = sql.as_time(rows[message_of[taken.token]]["expires_at"])
            assert taken.was_late or expires_at is None or taken.at < expires_at, "left after its time"

    def _forward(self, rows: dict[int, dict[str, Any]], message_of: dict[str, int]) -> None:
        """No state goes back, but to the queue after a try that did not go out; what is set once stays."""
        for taken in self.world.provider.ledger:
            if (told := self.world.told.get(taken.token)) is not None:
                state = rows[message_of[taken.token]]["state"]
                assert state in (told, taken.status), "neither where its receipts leave it nor where it was found"
        for message, row in rows.items():
            before = self.rows.get(message)
            if before is None or before["state"] == row["state"]:
                continue
            old, new = before["state"], row["state"]
            if new == "queued":
                assert old in ("sending", "unknown"), f"{old} → {new}"
            else:
                assert MOVES.get(new, 99) > MOVES.get(old, 99) or old == "queued", f"{old} → {new}"
        for message, before in self.rows.items():
            for once in ("accepted_at", "provider_id", "dedupe_key"):
                assert before[once] is None or rows[message][once] == before[once], f"{once} changed"
        self.rows = rows

    def _attempts(self, rows: dict[int, dict[str, Any]], attempts: list[dict[str, Any]]) -> None:
        """A message has one open attempt at most, one that is `sending` has one; outcomes are written once."""
        left_open = Counter(row["message_id"] for row in attempts if row["outcome"] is None)
        assert all(many == 1 for many in left_open.values()), "two open attempts"
        assert all(left_open[message] for message, row in rows.items() if row["state"] == "sending")
        for row in attempts:
            assert self.outcomes.get(row["id"], row["outcome"]) == row["outcome"], "an outcome changed"
            if row["outcome"] is not None:
                self.outcomes[row["id"]] = row["outcome"]

    def teardown(self) -> None:
        """In the end, with a provider that is well and a run that goes on, nothing stays open."""
        self.do(self._end())
        self.holds()

    async def _end(self) -> None:
        await self.world.move_run("sending")
        for _ in range(100):
            while await self.world.step([]):
                pass
            if not {"queued", "sending"} & {row["state"] for row in (await outbox_world.message_rows()).values()}:
                return
            await self.world.advance(901)
        raise AssertionError("something stays open for a day")


@pytest.fixture
def machine(database_url: str, office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[OutboxMachine]]:
    """The machine on an open database; fail points kill its process and not ours."""
    with asyncio.Runner() as runner:
        runner.run(open_database(database_url, pool=4))
        OutboxMachine.runner, OutboxMachine.office = runner, office

        class Machine(OutboxMachine):
            def __init__(self) -> None:
                super().__init__()
                monkeypatch.setattr(failpoints, "hit", self.world.hit)

        yield Machine
        runner.run(close_database())


@pytest.mark.timeout(3600)
def test_whatever_happens_nothing_is_said_twice_and_the_books_balance(machine: type[OutboxMachine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            print_blob=True,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
