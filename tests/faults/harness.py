"""One trial: a run of 500 by the real program on a copy of the prepared installation, and what must hold afterwards.

The sandbox's ledger is the oracle. `Trial.judge` compares it with our books, person by person.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from core.clock import SystemClock
from messaging.outbox import Books, books
from models import sql
from models.campaign import Run
from models.lane import Lane
from models.org import Person
from models.outgoing import Attempt, Message
from models.states import MESSAGE_RANK, MessageState
from tests.faults import prepared
from tests.faults.program import Program
from tests.messaging.sandbox_client import SandboxClient

RUN_SECONDS = 180.0
RECEIPT_SECONDS = 60.0
NO_MORE_SECONDS = 4.0
"""Longer than the provider's pause before it repeats a receipt that a restarted program was not there for."""

LOOK_SECONDS = 0.02
REST_SECONDS = 0.25
ENDS = {"opted_out": len(prepared.OPTED_OUT), "no_address": len(prepared.WITHOUT_NUMBER)}


@dataclass(frozen=True)
class Verdict:
    """What a trial came to. `problems` says in plain words what should not be; empty: all holds."""

    books: Books
    accepted: int
    unknown: int
    twice: int
    missing: int
    problems: tuple[str, ...]


@dataclass
class Trial:
    """The program, the provider, and the database seen from beside."""

    program: Program
    provider: SandboxClient
    waits_for_lease: bool = False
    has_receipts: bool = True
    gives_up_receipts: bool = False
    size: int = prepared.SIZE
    moved_back: list[str] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)
    _seen: dict[int, str] = field(default_factory=dict)

    async def restart(self) -> None:
        """Start again after a death, as whoever runs it would: with the same command."""
        await self.look()
        await self.end_lease()
        await self.program.start()

    async def end_lease(self) -> None:
        """Let the dead process's lease run out at once (PostgreSQL: the next would wait up to 30 s)."""
        if not self.waits_for_lease:
            await Lane.all().update(lease_until=SystemClock().now() - timedelta(seconds=1))

    async def run_id(self) -> int | None:
        run = await Run.all().first()
        return None if run is None else run.id

    async def accepted(self) -> int:
        """Return how many messages the provider has accepted."""
        kept = await self.provider.call("GET", f"ledger?account={self.provider.account}&fields=seq")
        return len(kept["rows"])

    async def until(
        self, true: Callable[[], Awaitable[bool]], what: str, seconds: float = RUN_SECONDS, pause: float = LOOK_SECONDS
    ) -> None:
        try:
            async with asyncio.timeout(seconds):
                while not await true():
                    await asyncio.sleep(pause)
        except TimeoutError:
            raise AssertionError(f"{what} did not come about within {seconds} s\n{self.program.log[-3000:]}") from None

    async def until_accepted(self, many: int) -> None:
        async def enough() -> bool:
            return await self.accepted() >= many

        await self.until(enough, f"{many} accepted messages")

    async def look(self) -> dict[int, dict[str, Any]]:
        """Look at every message of the run; note each that moved back since the last look."""
        rows = await Message.filter(run_id__isnull=False).values(
            "id", "person_id", "state", "reason", "accepted_at", "provider_id"
        )
        for row in rows:
            before = self._seen.get(row["id"], "queued")
            if _moved_back(before, row["state"]):
                self.moved_back.append(f"{before} → {row['state']}")
            self._seen[row["id"]] = row["state"]
        return {row["person_id"]: row for row in rows}

    async def finish(self) -> None:
        """Wait until the run is over and the receipts are in, looking at every step."""

        async def over() -> bool:
            await self.look()
            return await Run.filter(state="finished").exists()

        counted: dict[str, int] = {}
        since = time.monotonic()

        async def told() -> bool:
            nonlocal counted, since
            await self.look()
            now = await states()
            if now != counted:
                counted, since = now, time.monotonic()
            rests = self.gives_up_receipts and time.monotonic() - since > NO_MORE_SECONDS
            return rests or now["delivered"] == await self.accepted()

        await self.until(over, "the end of the run", pause=REST_SECONDS)
        if not self.has_receipts:
            return
        with contextlib.suppress(AssertionError):  # a receipt may be lost; what the books say must hold all the same
            await self.until(told, "the last receipt", RECEIPT_SECONDS, REST_SECONDS)

    async def ledger(self) -> list[dict[str, Any]]:
        """Return what the provider accepted of the reminder."""
        said = prepared.TEXTS.values()
        return [row for row in await self.provider.ledger() if any(text in row["text"] for text in said)]

    async def judge(self) -> Verdict:
        """Compare the provider's ledger with the rows, person by person."""
        rows, ledger = await self.look(), await self.ledger()
        people = {str(p.staff_no): p.id for p in await Person.filter(unit__code=prepared.UNIT)}
        person_of = {prepared.number(n): people[prepared.staff_no(n)] for n in range(1, self.size + 1)}
        got = Counter(person_of[row["to"]] for row in ledger)
        id_of = {person_of[row["to"]]: row["id"] for row in ledger}
        run_id = await self.run_id()
        kept = await books(run_id)
        unknown = {person for person, row in rows.items() if row["state"] == "unknown"}
        ever = {person for person, row in rows.items() if row["accepted_at"] is not None}
        ended = Counter(str(row["reason"]) for row in rows.values() if row["reason"] is not None)
        missing = set(people.values()) - set(got) - unknown - {p for p, row in rows.items() if row["reason"]}
        twice = [person for person, many in got.items() if many > 1]
        run = await Run.get(id=run_id)
        wrong = {
            "a person was written to twice": bool(twice),
            "a person has neither message nor reason nor mark": bool(missing),
            "not one row a person": len(rows) != self.size or set(rows) != set(people.values()),
            "the books do not balance": not kept.balance or kept.planned != self.size,
            "something is still open": kept.open != 0,
            "the run is not finished": run.state != "finished",
            "accepted by our books, not by the provider's": bool(ever - set(got)),
            "accepted by the provider, neither accepted nor unknown with us": bool(set(got) - ever - unknown),
            "other reasons than planned": dict(ended) != ENDS,
            "another id than the provider's": any(rows[p]["provider_id"] != id_of[p] for p in ever & set(got)),
            f"moved back: {sorted(set(self.moved_back))}": bool(self.moved_back),
            "more runs than one": await Run.all().count() != 1,
        }
        problems = tuple(what for what, is_so in wrong.items() if is_so)
        return Verdict(kept, len(ledger), len(unknown), len(twice), len(missing), problems)

    async def check_log(self) -> None:
        """What the program logged holds none of the texts, names, numbers and tokens that it worked with."""
        log = self.program.log
        tokens = {str(token) for token in await Attempt.all().values_list("token", flat=True)}
        found = [secret for secret in self.secrets | tokens if secret in log]
        assert not found, f"{len(found)} secrets in the log, e.g. {found[0]!r}"
        assert "Traceback" not in log, log


def _moved_back(old: str, new: str) -> bool:
    """Only a try that certainly did not go out leads back to the queue: by its answer, or by asking the provider."""
    ranks = {str(state): rank for state, rank in MESSAGE_RANK.items()}
    last = max(ranks.values()) + 1
    if old in (MessageState.SENDING, MessageState.UNKNOWN) and new == MessageState.QUEUED:
        return False
    return ranks.get(new, last) < ranks.get(old, last)


async def states() -> Counter[str]:
    """Count the run's messages by state."""
    rows = await sql.rows("SELECT state, count(*) AS many FROM message WHERE run_id IS NOT NULL GROUP BY state")
    return Counter({row["state"]: row["many"] for row in rows})
