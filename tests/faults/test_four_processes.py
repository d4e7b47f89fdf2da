"""F21, F22: four programs on one PostgreSQL: one stopped beyond its lease, one killed, each replaced in turn."""

import asyncio
import contextlib
import re
import signal
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from models.campaign import Run
from models.database import close_database, open_database
from models.inbound import Inbound
from models.lane import Lane
from models.migrate import pending_migrations
from models.outgoing import Attempt
from tests import postgres_server
from tests.faults import beginning, prepared
from tests.faults.front import Front
from tests.faults.harness import Trial, states
from tests.faults.program import LIANXIN, Program, environment
from tests.faults.quick_start import Starter
from tests.messaging.sandbox_client import SandboxClient

pytestmark = [pytest.mark.kill, pytest.mark.timeout(600)]
FOUR = 4
SIZE = 2000
RATE = 80
LATENCY_MS = 300
REPLY_SECONDS = 0.2
PAUSE = 0.1


@dataclass
class Team:
    """Four programs, what stands before them, their provider; `trial` looks at rows and ledger."""

    programs: list[Program]
    front: Front
    trial: Trial
    answered: list[int | None] = field(default_factory=list)
    is_enough: bool = False

    async def owner(self) -> Program | None:
        """Return the program that owns the lane now."""
        lane = await Lane.get(channel="sms")
        found = re.match(r"\d+", lane.owner or "")
        return next((p for p in self.programs if found and p.process and str(p.process.pid) == found[0]), None)

    async def until_owned_by_another(self, than: Program) -> Program:
        """Wait until another program owns the lane and has sent something."""

        async def is_so() -> bool:
            owner = await self.owner()
            return owner is not None and owner is not than

        await self.trial.until(is_so, "another owner", pause=PAUSE)
        many = await self.trial.accepted()
        await self.until_accepted(many + 50)
        owner = await self.owner()
        assert owner is not None
        return owner

    async def until_accepted(self, many: int) -> None:
        """Wait until the provider has accepted so many."""

        async def enough() -> bool:
            return await self.trial.accepted() >= many

        await self.trial.until(enough, f"{many} accepted", pause=PAUSE)

    async def reply(self) -> None:
        """Let one person after the other who got the reminder say so."""
        for number in range(1, SIZE):
            phone = prepared.number(number)
            if number in prepared.OPTED_OUT | prepared.WITHOUT_NUMBER:
                continue
            if self.is_enough:
                return
            provider = self.trial.provider
            told = await provider.call("POST", f"phones/{phone}/send", account=provider.account, text="收到")
            self.answered.append(told["webhook_status"])
            await asyncio.sleep(REPLY_SECONDS)


@pytest.fixture(scope="module")
def crowd(postgres: postgres_server.Server, postgres_template: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A prepared database with more persons, and its key file."""
    key_file = tmp_path_factory.mktemp("crowd") / "service.key"
    return beginning.prepared_postgres(postgres, postgres_template, key_file, SIZE), key_file


@pytest.fixture
async def team(
    crowd: tuple[str, Path], postgres: postgres_server.Server, sandbox_url: str, starter: Starter, tmp_path: Path
) -> AsyncIterator[Team]:
    template, key_file = crowd
    front = Front()
    url = await _copy(postgres, template)
    await open_database(url, pool=4)
    async with aiohttp.ClientSession() as client, front.listening():
        provider = SandboxClient(sandbox_url, client, *beginning.account())
        programs = [_program(n, url, key_file, provider, front, starter, tmp_path) for n in range(FOUR)]
        front.behind = [program.url for program in programs]
        trial = Trial(programs[0], provider, gives_up_receipts=True, size=SIZE)
        trial.secrets |= {provider.token, *beginning.secrets_of(key_file)}
        await provider.set_up(f"{front.url}/hooks/twilio/message")
        await provider.call("PUT", f"twilio/accounts/{provider.account}", retry_ms=500)
        await provider.call("PUT", "latency", twilio=LATENCY_MS)
        try:
            yield Team(programs, front, trial)
        finally:
            for program in programs:
                program.end()
            await provider.call("PUT", "latency", twilio=0)
            await provider.call("POST", "reset", account=provider.account)
            await close_database()


async def _copy(server: postgres_server.Server, template: str) -> str:
    name = f"team_{template}"
    await beginning.on_server(server.url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await beginning.on_server(server.url, f"CREATE DATABASE {name} TEMPLATE {template}")
    return server.database(name)


def _program(
    number: int, url: str, key_file: Path, provider: SandboxClient, front: Front, starter: Starter, folder: Path
) -> Program:
    own = folder / f"program{number}"
    own.mkdir()
    settings = beginning.settings_of(url, key_file, provider, own / "data", RATE)
    return Program(own, {**settings, "PUBLIC_URL": front.url}, starter)


async def test_f22_four_programs_stopped_killed_and_replaced_say_everything_once(team: Team) -> None:
    trial = team.trial
    for program in team.programs:
        program.launch()
    await asyncio.gather(*(program.ready() for program in team.programs))
    await team.until_accepted(200)
    async with _replies(team):
        in_flight = [await _stopped_beyond_its_lease(team), await _killed(team)]
        await _replaced_in_turn(team)
        await team.until_accepted(1000)
    await trial.finish()
    verdict = await trial.judge()
    assert verdict.problems == ()
    assert verdict.unknown <= sum(in_flight)
    assert len(team.answered) > 20
    assert set(team.answered) == {200}, "what came in was taken all the time"
    assert await Inbound.all().count() == len(team.answered)
    assert await Run.all().count() == 1
    _check_rate(await trial.ledger(), in_flight)
    for program in team.programs:
        assert await program.stop() == 0
        trial.program = program
        await trial.check_log()


@contextlib.asynccontextmanager
async def _replies(team: Team) -> AsyncIterator[None]:
    """Let replies come in while the block runs."""
    replies = asyncio.create_task(team.reply())
    try:
        yield
    finally:
        team.is_enough = True
        await replies


async def _stopped_beyond_its_lease(team: Team) -> int:
    """Stop the owner; another takes over when the lease is over; what the first then brings is refused."""
    owner = await team.owner()
    assert owner is not None
    owner.signal(signal.SIGSTOP)
    in_flight = (await states())["sending"]
    assert in_flight > 0
    epoch = (await Lane.get(channel="sms")).epoch
    await team.until_owned_by_another(owner)
    before = await _outcomes(epoch)
    assert set(before.values()) <= {"accepted", "unknown"}
    owner.signal(signal.SIGCONT)
    await owner.ready()

    async def is_refused() -> bool:
        return "outbox.refused" in owner.log and "None" not in (await _outcomes(epoch)).values()

    await team.trial.until(is_refused, "that an older owner's results are refused", pause=PAUSE)
    after = await _outcomes(epoch)
    late = {after[attempt] for attempt in after.keys() - before.keys()}
    assert {attempt: after[attempt] for attempt in before} == before
    assert late <= {"unknown"}, "stopped in the midst of a claim, it claims and does not send"
    return in_flight + len(after) - len(before)


async def _outcomes(epoch: int) -> Mapping[int, str]:
    """Return what became of the attempts up to an epoch."""
    rows = await Attempt.filter(epoch__lte=epoch).values("id", "outcome")
    return {row["id"]: str(row["outcome"]) for row in rows}


async def _killed(team: Team) -> int:
    """Kill the owner; another one goes on when the lease is over (here at once), and the killed one comes back."""
    owner = await team.owner()
    assert owner is not None
    await owner.kill()
    in_flight = (await states())["sending"]
    await team.trial.end_lease()
    await team.until_owned_by_another(owner)
    await owner.start()
    return in_flight


async def _replaced_in_turn(team: Team) -> None:
    """Replace each program, one after the other, as an update does; what is in flight is waited for."""
    for program in team.programs:
        assert await program.stop() == 0
        await program.start()


def _check_rate(ledger: Sequence[Mapping[str, Any]], in_flight: Sequence[int]) -> None:
    """Two owners at once would be twice the rate; a busy machine makes calls arrive in bunches, by half at most."""
    most = RATE * 1.5 + 1 + max(in_flight)
    recent: deque[datetime] = deque()
    for moment in sorted(datetime.fromisoformat(row["accepted_at"]) for row in ledger):
        recent.append(moment)
        while moment - recent[0] >= timedelta(seconds=1):
            recent.popleft()
        assert len(recent) <= most, f"{len(recent)} in a second from {recent[0]}"


async def test_four_migrate_an_empty_database_at_once(postgres: postgres_server.Server, tmp_path: Path) -> None:
    name = f"empty_{tmp_path.name.replace('-', '_').lower()}"
    await beginning.on_server(postgres.url, f"CREATE DATABASE {name}")
    url = postgres.database(name)
    given = environment({"DATABASE_URL": url, "DATA_DIR": str(tmp_path / "data")})
    at_once = [
        await asyncio.create_subprocess_exec(
            LIANXIN,
            "migrate",
            cwd=tmp_path,
            env=given,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        for _ in range(FOUR)
    ]
    said = await asyncio.gather(*(each.communicate() for each in at_once))
    assert [each.returncode for each in at_once] == [0] * FOUR, said
    await open_database(url, pool=2)
    try:
        assert not await pending_migrations(url)
    finally:
        await close_database()
        await beginning.on_server(postgres.url, f"DROP DATABASE {name} WITH (FORCE)")
