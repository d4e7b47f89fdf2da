"""A small world around the real outbox: a provider that keeps a ledger, a clock moved by hand, processes that die.

The provider is a channel in memory, because the outbox is what is looked at here: real channels are held to the same
words elsewhere (tests/messaging/test_conformance.py).
"""

import dataclasses
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from core.clock import HandClock
from core.office import Office
from messaging import addresses, asking, consent, outbox, receipts
from messaging.asking import Asker
from messaging.channel import Listing, Outgoing, Report, Result, Sent
from messaging.lanes import Lane, ensure_lane
from messaging.outbox import NewMessage, Sender
from models import sql
from models.campaign import Campaign, Run, RunText, Schedule
from models.org import Person
from models.outgoing import Message
from models.states import MESSAGE_MOVES, MessageState, Outcome

NUMBERS: Final = ("+8613800000001", "+8613800000002", "+8613800000003")
SENDER: Final = "+8657100000001"
RATE: Final = 10_000.0
"""So high that the virtual second is never full: real time is not waited for."""

LEASE: Final = timedelta(seconds=31)
RUN_TEXT: Final = "run"
REPORTED: Final = ("sent", "delivered", "undelivered", "failed", "read")
ANSWERS: Final[Mapping[str, Result]] = {
    "429": Result(Outcome.THROTTLED, code="429", retry_after=3),
    "429 without a time": Result(Outcome.THROTTLED, code="429"),
    "connection refused": Result(Outcome.NOT_SENT, code="refused"),
    "reject": Result(Outcome.REJECTED, code="21602"),
    "bad number": Result(Outcome.REJECTED, code="21211", bad_address=True),
    "503": Result(Outcome.UNKNOWN, code="503"),
    "reset": Result(Outcome.UNKNOWN, code="reset"),
}
"""Calls that the provider does not accept."""

LATE: Final = {"late": 45, "very late": 240}
"""How many seconds after the call was given up the provider accepts."""

TAKEN: Final = ("accept", "500 after accepting", "reset after accepting", "receipt first", "taken over", *LATE)
MOODS: Final = (*ANSWERS, *TAKEN, "opts out", "killed before", "killed after")
LISTINGS: Final = ("whole", "cut", "trouble")
PLACES: Final = ("outbox.claimed", "outbox.answered", "outbox.settling")


class Killed(BaseException):
    """The process is gone: nothing of it goes on."""


@dataclass
class Taken:
    """One message that the provider accepted."""

    id: str
    token: str
    to: str
    text: str
    at: datetime
    was_late: bool = False
    status: str = "queued"

    def report(self, status: str) -> Report:
        """Say this of it, now or once more; where it stands only moves forward."""
        if _state(status) in MESSAGE_MOVES[_state(self.status)]:
            self.status = status
        return Report(status, _state(status), provider_id=self.id)


def _state(status: str) -> MessageState:
    return MessageState.ACCEPTED if status == "queued" else MessageState(status)


@dataclass
class Provider:
    """Takes messages as its moods say, in their order; without one it accepts. `hook` is told of what is unusual."""

    clock: HandClock
    hook: Callable[[str, Outgoing], Awaitable[None]]
    name: str = "sms"
    moods: deque[str] = field(default_factory=deque)
    ledger: list[Taken] = field(default_factory=list)
    opted_out: set[str] = field(default_factory=set)
    later: list[tuple[datetime, Outgoing]] = field(default_factory=list)
    listing: str = "whole"

    async def send(self, outgoing: Outgoing) -> Result:
        """Answer as a provider in this mood would."""
        mood = self.moods.popleft() if self.moods else "accept"
        if mood == "opts out":
            self.opted_out.add(outgoing.to)
        if outgoing.to in self.opted_out:
            return Result(Outcome.REJECTED, code="21610", opted_out=True)
        if mood in ANSWERS:
            return ANSWERS[mood]
        await self.hook(mood, outgoing)
        if mood in LATE:
            self.later.append((self.clock.now() + timedelta(seconds=LATE[mood]), outgoing))
            return Result(Outcome.UNKNOWN, code="timeout")
        taken = self.take(outgoing)
        await self.hook(f"{mood}, taken", outgoing)
        if mood in ("500 after accepting", "reset after accepting"):
            return Result(Outcome.UNKNOWN, code=mood[:32])
        return Result(Outcome.ACCEPTED, provider_id=taken.id)

    def take(self, outgoing: Outgoing, *, late: bool = False) -> Taken:
        """Write a message into the ledger."""
        entry = Taken(f"SM{len(self.ledger)}", outgoing.token, outgoing.to, outgoing.text, self.clock.now(), late)
        self.ledger.append(entry)
        return entry

    def catch_up(self) -> None:
        """Take what was to be taken later than the caller waited."""
        due = [each for moment, each in self.later if moment <= self.clock.now()]
        self.later = [(moment, each) for moment, each in self.later if moment > self.clock.now()]
        for outgoing in due:
            self.take(outgoing, late=True)

    async def sent_to(self, to: str) -> Listing:
        """List what was taken for a number, newest first."""
        if self.listing == "trouble":
            return Listing(trouble="503")
        sent = [Sent(t.id, t.text, t.at, True, Report(t.status, _state(t.status))) for t in self.ledger if t.to == to]
        sent = [dataclasses.replace(s, report=dataclasses.replace(s.report, provider_id=s.provider_id)) for s in sent]
        return Listing(sent[::-1], is_complete=self.listing == "whole")


class World:
    """The office, its provider, the process that sends and those that did before; the rows are real."""

    def __init__(self, office: Office, clock: HandClock) -> None:
        self.office, self.clock = office, clock
        self.provider = Provider(clock, self._unusual)
        self.stale: list[Sender] = []
        self.address_ids: list[int] = []
        self.withdrawn: set[str] = set()
        self.run_state = "sending"
        self.wrong: list[str] = []
        self.told: dict[str, MessageState] = {}
        """Where the receipts that were taken leave each token's message."""

        self._processes = 0
        self._place: tuple[str, int] | None = None

    async def open(self) -> None:
        """Begin with three addresses and a process that sends."""
        self.address_ids = [await addresses.find_or_create_id(self.office, "sms", number) for number in NUMBERS]
        self.run_id = await self._run()
        self.lane_id = await ensure_lane("sms", SENDER, RATE)
        self.sender = self._process()

    async def _run(self) -> int:
        now = self.clock.now()
        author = await Person.create(name=b"")
        campaign = await Campaign.create(
            title="", audience={}, author=author, state="active", created_at=now, updated_at=now
        )
        schedule = await Schedule.create(campaign=campaign, rule={}, timezone="Asia/Shanghai")
        run = await Run.create(
            campaign=campaign, schedule=schedule, due_at=now, category="education", audience={}, state="sending"
        )
        await RunText.create(run=run, lang="zh-Hans", text=RUN_TEXT, segments=1)
        return int(run.id)

    def _process(self) -> Sender:
        self._processes += 1
        lane = Lane(self.lane_id, "sms", RATE, f"process-{self._processes}", sender=SENDER)
        self.asker = Asker(lane, self.provider)
        return Sender(lane, self.provider, slice_size=6)

    async def say(self, key: str, address: int, category: str, text: str, seconds: int | None) -> bool:
        """Enqueue a message."""
        expires_at = None if seconds is None else self.clock.now() + timedelta(seconds=seconds)
        new = NewMessage(key, "sms", self.address_ids[address], category, "zh-Hans", text, expires_at=expires_at)
        return await outbox.enqueue(self.office, new)

    async def fill(self, key: str, address: int) -> None:
        """Insert a message of the run, as a fill does."""
        now = self.clock.now()
        await Message.create(
            dedupe_key=key,
            channel="sms",
            address_id=self.address_ids[address],
            run_id=self.run_id,
            category="education",
            priority=9,
            lang="zh-Hans",
            queued_at=now,
            state_at=now,
        )

    async def move_run(self, state: str) -> None:
        """Pause the run, go on with it, or cancel it for good."""
        if self.run_state != "cancelled":
            self.run_state = state
            await Run.filter(id=self.run_id).update(state=state)

    async def step(self, moods: Sequence[str], place: str = "", times: int = 1) -> int:
        """Let the process handle one slice; a kill at the place, or by the provider's mood, ends the process."""
        self.provider.moods = deque(moods)
        self._place = (place, times) if place else None
        try:
            return await outbox.step(self.office, self.sender)
        except BaseException as error:
            if not _is_kill(error):
                raise
            await self.replace()
            return 0
        finally:
            self._place = None

    def hit(self, place: str) -> None:
        """Stand in for `failpoints.hit`: die where the step was told to."""
        if self._place is not None and self._place[0] == place:
            self._place = (place, self._place[1] - 1)
            if self._place[1] == 0:
                raise Killed

    async def replace(self) -> None:
        """Let the lease run out while the old process is dead or stopped; another one takes the lane."""
        self.stale.append(self.sender)
        await self.advance(LEASE.total_seconds())
        await sql.execute("UPDATE lane SET lease_until = NULL WHERE id = $1", self.lane_id)
        self.sender = self._process()
        await self.sender.lane.is_ready(self.office)

    async def advance(self, seconds: float) -> None:
        """Let time pass; the provider does what it was late with."""
        self.clock.advance(timedelta(seconds=seconds))
        self.provider.catch_up()

    async def report(self, number: int, status: str) -> bool:
        """Let the provider report on the so many-th of what it took."""
        taken = self.provider.ledger[number % len(self.provider.ledger)]
        if not await receipts.record(self.office, taken.token, taken.report(status)):
            return False
        known, said = self.told.get(taken.token, MessageState.ACCEPTED), MessageState(status)
        self.told[taken.token] = said if said in MESSAGE_MOVES[known] else known
        return True

    async def ask(self, listing: str) -> int:
        """Ask the provider, never twice in the same second: its rate would be waited for."""
        self.provider.listing = listing
        await self.sender.lane.is_ready(self.office)  # sending, which goes on beside it, keeps the lease
        return await asking.step(self.office, self.asker)

    async def opt(self, address: int, *, given: bool) -> None:
        """Let an address say that it wants no more mailings, or wants them again."""
        change = consent.give if given else consent.withdraw
        await change(self.office, self.address_ids[address], "word")
        if given:
            self.withdrawn.discard(NUMBERS[address])
            self.provider.opted_out.discard(NUMBERS[address])
        else:
            self.withdrawn.add(NUMBERS[address])

    async def _unusual(self, mood: str, outgoing: Outgoing) -> None:
        """What happens while a call is under way."""
        self._look(outgoing)
        match mood:
            case "killed before" | "killed after, taken":
                raise Killed
            case "receipt first, taken":
                await self.report(len(self.provider.ledger) - 1, "delivered")
            case "taken over, taken":
                await self.replace()
                await outbox.step(self.office, self.sender)
            case _:
                pass

    def _look(self, outgoing: Outgoing) -> None:
        """Note what must not leave now."""
        if outgoing.text == RUN_TEXT and self.run_state != "sending":
            self.wrong.append(f"left while its run was {self.run_state}")
        if outgoing.text.split()[0] in ("survey", RUN_TEXT) and outgoing.to in self.withdrawn:
            self.wrong.append("left after an opt-out")


def _is_kill(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return all(map(_is_kill, error.exceptions))
    return isinstance(error, Killed)


async def message_rows() -> dict[int, dict[str, Any]]:
    """Return every message by its id."""
    found = await sql.rows(
        "SELECT id, dedupe_key, state, reason, accepted_at, provider_id, tries, expires_at FROM message ORDER BY id"
    )
    return {row["id"]: row for row in found}


async def attempt_rows() -> list[dict[str, Any]]:
    """Return every attempt, oldest first."""
    return await sql.rows("SELECT id, message_id, token, epoch, outcome FROM attempt ORDER BY id")


async def forget() -> None:
    """Empty every table that this world writes."""
    for table in (
        "receipt",
        "attempt",
        "message",
        "consent",
        "run_text",
        "run",
        "schedule",
        "campaign",
        "address",
        "person",
        "lane",
    ):
        await sql.execute(f"DELETE FROM {table}")
