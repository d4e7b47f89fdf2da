"""Incoming texts while a large run is filled and sent: how long a provider waits for its answer, beside idle."""

from collections.abc import Mapping
from itertools import islice

import asyncpg
from aiosqlite import connect

from bench import load, serving
from bench.agency import agency
from bench.figures import Experiment, Line, Sample, at_most
from bench.provider import open_provider
from bench.stand import Stand
from bench.store import Template
from bench.webhooks import texts
from messaging.channel import SMS
from models import sql

LANE_RATE = 100
TEXTS_A_SECOND = 25
SECONDS_WARMING = 2
SECONDS_IDLE = 8
SECONDS_BUSY = 14
PERCENTILE = 99


def _waiting(stand: Stand, size: int) -> Template:
    """The agency, its campaign not active yet: nothing happens until it is."""

    async def write() -> None:
        await sql.execute("UPDATE campaign SET state = 'approved'")

    return Template(f"{SMS}-{size}-waiting", write, agency(stand.office, SMS, size))


async def _activate(url: str) -> None:
    """Let the running service find the run, as by another process."""
    statement = "UPDATE campaign SET state = 'active'"
    if url.startswith("sqlite"):
        async with connect(url.removeprefix("sqlite://"), isolation_level=None) as beside:
            await beside.execute(statement)
        return
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


async def measure(stand: Stand, size: int) -> Mapping[str, Sample]:
    """Post texts at an even pace, first to an idle service, then from the moment at which a run of `size` begins."""
    busy_seconds = min(SECONDS_BUSY, size // LANE_RATE)
    idle_seconds = min(SECONDS_IDLE, busy_seconds)
    async with stand.store.copy(_waiting(stand, size)) as url, open_provider(50) as provider:
        settings = {**serving.SMS_ONLY, "TWILIO__API_URL": provider.url, "TWILIO__RATE": str(LANE_RATE)}
        async with serving.service(stand, url, settings=settings) as ours:
            requests = iter(texts(ours.url, TEXTS_A_SECOND * (SECONDS_WARMING + idle_seconds + busy_seconds)))

            async def post(seconds: int) -> load.Load:
                return await load.pace(ours.url, list(islice(requests, TEXTS_A_SECOND * seconds)), TEXTS_A_SECOND)

            await post(SECONDS_WARMING)
            idle = await post(idle_seconds)
            before, _ = await provider.arrivals()
            await _activate(url)
            busy = await post(busy_seconds)
            sent = (await provider.arrivals())[0] - before
    if not sent:
        raise RuntimeError("the run should have been on its way")
    return {"during": Sample(busy.percentile(PERCENTILE) * 1000, idle.percentile(PERCENTILE) * 1000)}


DURING = Experiment(
    "during",
    measure,
    (100_000, 20_000, 300),
    (
        Line(
            "during",
            f"inbound webhook p{PERCENTILE} while a run of {{size}} is filled and sent at {LANE_RATE}/s",
            "idle",
            "ms",
            at_most(2),
        ),
    ),
    rounds=3,
)
