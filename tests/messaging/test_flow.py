"""The flow of a lane: claims, sends and settles that overlap. The provider is in memory and answers when it is told."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from core.clock import HandClock
from core.office import Office
from messaging import addresses, outbox, slots
from messaging.channel import Outgoing, Result
from messaging.lanes import Lane, ensure_lane
from messaging.outbox import NewMessage, Sender
from messaging.rate import RateWindow
from models import claim_queries
from models.outgoing import Attempt, Message
from models.states import Outcome

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LONG = "长" * 100  # two segments
Answer = Callable[[Outgoing], Awaitable[Result]]


@dataclass
class Provider:
    """Answers as it is told, and keeps what it was asked, what is under way and how much that was at most."""

    answer: Answer
    name: str = "sms"
    asked: list[str] = field(default_factory=list)
    under_way: Counter[str] = field(default_factory=Counter)
    most_at_once: int = 0

    async def send(self, outgoing: Outgoing) -> Result:
        self.asked.append(outgoing.text)
        self.under_way[outgoing.to] += 1
        self.most_at_once = max(self.most_at_once, self.under_way.total())
        assert self.under_way[outgoing.to] == 1, "two at once to one address"
        try:
            return await self.answer(outgoing)
        finally:
            self.under_way[outgoing.to] -= 1


async def accept(_: Outgoing) -> Result:
    await asyncio.sleep(0)
    return Result(Outcome.ACCEPTED, provider_id="SM1")


async def sender_of(provider: Provider, rate: float = 1000, **more: Any) -> Sender:
    lane = Lane(await ensure_lane("sms", "+15550009999", rate), "sms", rate, "test", alone=True)
    return Sender(lane, provider, **more)


async def say(office: Office, to: int, text: str, category: str = "education") -> None:
    address_id = await addresses.find_or_create_id(office, "sms", f"+86138{to:08}")
    key = f"{to} {text} {category}"
    assert await outbox.enqueue(office, NewMessage(key, "sms", address_id, category, "zh-Hans", text))


async def say_many(office: Office, many: int, text: str = "x") -> None:
    for number in range(many):
        await say(office, number, text)


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not is_so():
            await asyncio.sleep(0.005)


async def states() -> Counter[str]:
    return Counter(str(state) for state in await Message.all().values_list("state", flat=True))


async def test_the_next_slice_is_claimed_while_the_one_before_is_under_way(db: str, office: Office) -> None:
    gate = asyncio.Event()

    async def when_open(_: Outgoing) -> Result:
        await gate.wait()
        return Result(Outcome.ACCEPTED, provider_id="SM1")

    provider = Provider(when_open)
    sender = await sender_of(provider, slice_size=5)
    await say_many(office, 22)
    sending = asyncio.create_task(outbox.step(office, sender))
    await until(lambda: len(provider.asked) == 22)
    gate.set()
    assert await sending == 22
    assert await states() == {"accepted": 22}
    assert (await outbox.books()).balance


async def test_messages_to_one_address_go_one_by_one_in_their_order(db: str, office: Office) -> None:
    provider = Provider(accept)
    sender = await sender_of(provider)
    for turn in range(4):
        for to in range(3):
            await say(office, to, f"{to}: {turn}")
    assert await outbox.step(office, sender) == 12
    for to in range(3):
        assert [text for text in provider.asked if text.startswith(f"{to}:")] == [f"{to}: {turn}" for turn in range(4)]


async def test_what_comes_back_keeps_what_is_behind_it_back(db: str, office: Office, clock: HandClock) -> None:
    answers = [Result(Outcome.NOT_SENT, code="refused")]

    async def first_refused(outgoing: Outgoing) -> Result:
        return answers.pop() if answers else await accept(outgoing)

    provider = Provider(first_refused)
    sender = await sender_of(provider)
    await say(office, 1, "first")
    await say(office, 1, "second")
    await outbox.step(office, sender)
    assert provider.asked == ["first"]
    clock.advance(timedelta(seconds=2))
    assert await outbox.step(office, sender) == 0, "the first waits for its time, the second for the first"
    clock.advance(timedelta(seconds=5))
    await outbox.step(office, sender)
    assert provider.asked == ["first", "first", "second"]


async def test_an_answer_passes_bulk_that_hangs(db: str, office: Office) -> None:
    gate, answered = asyncio.Event(), asyncio.Event()

    async def bulk_hangs(outgoing: Outgoing) -> Result:
        await (asyncio.sleep(0) if outgoing.text == "the answer" else gate.wait())
        if outgoing.text == "the answer":
            answered.set()
        return Result(Outcome.ACCEPTED, provider_id="SM1")

    provider = Provider(bulk_hangs)
    sender = await sender_of(provider)
    sender.slots.latency = 0.0
    few = sender.slots.most_bulk(1000)
    await say_many(office, 3 * few)
    sending = asyncio.create_task(outbox.step(office, sender))
    await until(lambda: len(provider.asked) == few)
    await say(office, 999, "the answer", "reply")
    async with asyncio.timeout(20):
        await answered.wait()
    assert len(provider.asked) == few + 1
    gate.set()
    await sending
    assert await states() == {"accepted": 3 * few + 1}


async def test_a_provider_in_trouble_burns_a_handful_and_then_one_at_a_time(
    db: str, office: Office, clock: HandClock
) -> None:
    trouble = True

    async def unclear(outgoing: Outgoing) -> Result:
        return Result(Outcome.UNKNOWN, code="http_503") if trouble else await accept(outgoing)

    sender = await sender_of(Provider(unclear), rate=20)
    await say_many(office, 20)
    await outbox.step(office, sender)
    burnt = (await states())["unknown"]
    assert slots.MOST_UNCLEAR <= burnt <= slots.MOST_UNCLEAR + 2
    assert await outbox.step(office, sender) == 0, "the lane is held"
    for probe, pause in enumerate((1, 2, 4), start=1):
        clock.advance(timedelta(seconds=pause))
        assert await outbox.step(office, sender) == 1
        assert await states() == {"unknown": burnt + probe, "queued": 20 - burnt - probe}
    trouble = False
    clock.advance(timedelta(seconds=8))
    assert await outbox.step(office, sender) == 20 - burnt - 3
    assert await states() == {"unknown": burnt + 3, "accepted": 20 - burnt - 3}
    assert (await outbox.books()).balance


@pytest.mark.parametrize("outcome", [Outcome.THROTTLED, Outcome.NOT_SENT])
async def test_a_provider_that_takes_nothing_is_tried_with_one_message_after_each_pause(
    db: str, office: Office, clock: HandClock, outcome: Outcome
) -> None:
    trouble = True

    async def refuse(outgoing: Outgoing) -> Result:
        return Result(outcome, code="20003") if trouble else await accept(outgoing)

    provider = Provider(refuse)
    sender = await sender_of(provider)
    await say_many(office, 40)
    await outbox.step(office, sender)
    for pause in (1, 2, 4):
        asked, tries = len(provider.asked), await Attempt.all().count()
        clock.advance(timedelta(seconds=pause))
        await outbox.step(office, sender)
        assert (len(provider.asked), await Attempt.all().count()) == (asked + 1, tries + 1)
        assert await states() == {"queued": 40}
    trouble = False
    clock.advance(timedelta(seconds=60))
    assert await outbox.step(office, sender) == 40
    assert await states() == {"accepted": 40}
    assert provider.most_at_once > 1, "not one at a time once something was taken"
    assert (await outbox.books()).balance


def test_a_pause_that_the_provider_named_is_enough() -> None:
    breaker = slots.Breaker()
    breaker.note(Outcome.THROTTLED, 3.0)
    assert not breaker.is_open
    breaker.note(Outcome.THROTTLED)
    assert breaker.is_open
    breaker.note(Outcome.REJECTED)
    assert breaker.is_open, "only what is accepted shows that the provider takes something"
    breaker.note(Outcome.ACCEPTED)
    assert not breaker.is_open


class Booked(RateWindow):
    """A window that keeps what was started when."""

    def __init__(self, rate: float) -> None:
        super().__init__(rate)
        self.starts: list[tuple[float, int]] = []

    def book(self, units: int, now: float) -> float:
        start = super().book(units, now)
        assert start == now, "what is started has its turn"
        self.starts.append((start, units))
        return start


@ON_SQLITE
async def test_no_sliding_second_holds_more_than_the_rate(db: str, office: Office) -> None:
    sender = await sender_of(Provider(accept), rate=40)
    sender.lane.window = window = Booked(40)
    await say_many(office, 40)
    await say_many(office, 15, LONG)
    assert await outbox.step(office, sender) == 55
    assert sum(units for _, units in window.starts) == 70
    for first, _ in window.starts:
        assert sum(units for at, units in window.starts if 0 <= at - first < 1.0 - 1e-9) <= 40


@ON_SQLITE
async def test_what_is_under_way_is_bounded(db: str, office: Office) -> None:
    gate = asyncio.Event()

    async def when_open(_: Outgoing) -> Result:
        await gate.wait()
        return Result(Outcome.ACCEPTED, provider_id="SM1")

    provider = Provider(when_open)
    sender = await sender_of(provider, rate=100_000)
    most = sender.slots.most_bulk(100_000)
    await say_many(office, most + 200)
    sending = asyncio.create_task(outbox.step(office, sender))
    await until(lambda: len(provider.asked) == most)
    await asyncio.sleep(0.1)
    assert await Attempt.all().count() <= slots.MOST + 3 * sender.slice_size
    gate.set()
    assert await sending == most + 200
    assert provider.most_at_once <= slots.MOST


async def test_told_to_stop_it_finishes_what_is_under_way_and_returns_the_rest(db: str, office: Office) -> None:
    gate = asyncio.Event()

    async def when_open(_: Outgoing) -> Result:
        await gate.wait()
        return Result(Outcome.ACCEPTED, provider_id="SM1")

    provider = Provider(when_open)
    sender = await sender_of(provider)
    sender.slots.latency = 0.0
    few = sender.slots.most_bulk(1000)
    await say_many(office, few + 10)
    sending = asyncio.create_task(outbox.step(office, sender))
    await until(lambda: len(provider.asked) == few)
    sender.stop()
    gate.set()
    assert await sending == few
    assert await states() == {"accepted": few, "queued": 10}
    assert {message.tries for message in await Message.filter(state="queued")} == {0}
    assert await outbox.step(office, sender) == 0


async def test_a_claim_that_fails_leaves_what_is_under_way_to_be_settled(
    db: str, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidates, claims = claim_queries.candidates, 0

    async def fail_later(*values: Any, **more: Any) -> Any:
        nonlocal claims
        claims += 1
        if claims == 2:
            raise OSError("gone")
        return await candidates(*values, **more)

    monkeypatch.setattr(claim_queries, "candidates", fail_later)
    sender = await sender_of(Provider(accept), slice_size=5)
    await say_many(office, 12)
    with pytest.raises(OSError, match="gone"):
        await outbox.step(office, sender)
    assert await states() == {"accepted": 5, "queued": 7}
    assert await outbox.step(office, sender) == 7


@pytest.mark.parametrize(
    ("rate", "latency", "most"), [(100, 1.0, 133), (100, 0.005, 9), (1, 1.0, 10), (1000, 1.0, 256), (1e6, 0.005, 10)]
)
def test_as_many_at_once_as_rate_times_latency(rate: float, latency: float, most: int) -> None:
    chosen = slots.Slots()
    for _ in range(200):
        chosen.note(latency, Outcome.ACCEPTED)
        chosen.note(12.0, Outcome.UNKNOWN)
    assert chosen.most(rate) == most
    assert chosen.most_bulk(rate) < most


@ON_SQLITE
async def test_a_waiting_provider_s_hold_gives_back_what_was_not_tried(db: str, office: Office) -> None:
    async def throttle(_: Outgoing) -> Result:
        return Result(Outcome.THROTTLED, code="http_429", retry_after=30)

    provider = Provider(throttle)
    sender = await sender_of(provider, rate=20)
    await say_many(office, 20)
    await outbox.step(office, sender)
    assert await states() == {"queued": 20}
    assert len(provider.asked) <= 2
    assert {message.tries for message in await Message.all()} == {0}
