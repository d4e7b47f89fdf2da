"""Two processes of the service on one PostgreSQL, each with a lane, beside one process with one lane.

At a set rate, as a provider's numbers have one, and as fast as it goes: then the processes share the machine with
PostgreSQL and the provider, so that the ceiling is that of its cores.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from bench import bare_client, serving
from bench.agency import RATE as NO_LIMIT
from bench.agency import filled
from bench.figures import Experiment, Line, Sample, at_least
from bench.pacing import RATE
from bench.processes import Child
from bench.provider import Provider, open_provider
from bench.stand import Stand
from bench.store import Template, opened
from messaging.channel import SMS
from messaging.lane_book import LaneRules, NewLane, do_add_lane
from models import sql

RECIPIENTS = 15_000
LATENCY_MS = 50
SECOND_SENDER = "+15005550007"
SECONDS_WARMING = 2
SECONDS_TO_SHARE = 60.0
MANY = 2
_SHARED = "SELECT count(DISTINCT owner) FROM lane WHERE lease_until > now()"


def _run(stand: Stand, lanes: int, rate: float) -> Template:
    """A filled run and as many lanes; the first gets its rate from the settings."""

    async def write() -> None:
        if lanes == MANY:
            account = {"account_sid": bare_client.ACCOUNT, "auth_token": bare_client.TOKEN}
            new = NewLane("second", SMS, LaneRules(rate), SECOND_SENDER, account)
            await do_add_lane(stand.office, 1, new)

    base = filled(stand.office, SMS, RECIPIENTS)
    return Template(f"{base.name}-{lanes}-lanes-{rate:g}", write, base)


async def _rate(stand: Stand, many: int, lane_rate: float, seconds: int) -> float:
    """Return messages a second of so many processes and lanes, some seconds after the first message."""
    async with stand.store.copy(_run(stand, many, lane_rate)) as url, open_provider(LATENCY_MS) as provider:
        settings = {**serving.SMS_ONLY, "TWILIO__API_URL": provider.url, "TWILIO__RATE": str(lane_rate)}
        async with _processes(stand, url, many, settings) as processes:
            await provider.until(1, *(each.process for each in processes))
            await _until_shared(url, many)
            from_ = time.monotonic() + SECONDS_WARMING
            await asyncio.sleep(SECONDS_WARMING + seconds)
            moments = await _of_run(provider)
    counted = [each for each in moments if from_ <= each < from_ + seconds]
    return (len(counted) - 1) / (counted[-1] - counted[0])


async def _until_shared(url: str, many: int) -> None:
    """Wait until each process has one lane."""
    async with opened(url), asyncio.timeout(SECONDS_TO_SHARE):
        while await sql.value(_SHARED) < many:  # noqa: ASYNC110 - it is other processes that share
            await asyncio.sleep(0.1)


async def _of_run(provider: Provider) -> list[float]:
    many, moments = await provider.arrivals()
    if many >= RECIPIENTS:
        raise RuntimeError("the run was over before the measurement; make it larger")
    return moments


@asynccontextmanager
async def _processes(stand: Stand, url: str, many: int, settings: Mapping[str, str]) -> AsyncIterator[list[Child]]:
    async with AsyncExitStack() as stack:
        started = [serving.silent(stand, url, "send", settings=settings) for _ in range(many)]
        yield [await stack.enter_async_context(each) for each in started]


async def measure(stand: Stand, size: int) -> Mapping[str, Sample]:
    """Send for `size` seconds by one and by two processes, at a set rate and without one."""
    return {
        "together": Sample(await _rate(stand, MANY, RATE, size), await _rate(stand, 1, RATE, size)),
        "together.full": Sample(await _rate(stand, MANY, NO_LIMIT, size), await _rate(stand, 1, NO_LIMIT, size)),
    }


TOGETHER = Experiment(
    "together",
    measure,
    (6, 4, 2),
    (
        Line("together", f"two processes, two lanes of {RATE}/s each", "one process, one lane", "/s", at_least(1.6)),
        Line("together.full", "two processes, two lanes, as fast as it goes", "one process, one lane", "/s"),
    ),
    databases=("postgres",),
    rounds=3,
)
