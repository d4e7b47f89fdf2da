"""The same run by a task queue: Celery, Redis and Twilio's own client, as a user would write it."""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

from bench import bare_client, sending
from bench.agency import filled
from bench.figures import Experiment, LeftOut, Line, Sample, at_least
from bench.processes import LOOPBACK, Child, free_port
from bench.provider import Provider, open_provider
from bench.serving import ROOT
from bench.stand import LATENCY_MS, Stand
from bench.store import opened
from messaging.channel import SMS
from models import sql

WARMING = 10
"""One in so many messages is not counted: the workers are starting."""
SECONDS = 120.0


@asynccontextmanager
async def _redis() -> AsyncIterator[str]:
    """Run a Redis of our own as it comes, on a free port; it and its data are gone afterwards."""
    program, port = shutil.which("redis-server"), free_port()
    if program is None:
        raise LeftOut("no redis-server on PATH; install the package redis-server")
    with tempfile.TemporaryDirectory(prefix="lianxin-bench-redis-") as folder:
        command = (program, "--port", str(port), "--bind", LOOPBACK, "--dir", folder)
        async with Child.running(command, {}, Path(folder) / "redis.log"):
            await _until_open(port)
            yield f"redis://{LOOPBACK}:{port}/0"


async def _until_open(port: int) -> None:
    async with asyncio.timeout(SECONDS):
        while True:
            try:
                _, writer = await asyncio.open_connection(LOOPBACK, port)
            except OSError:
                await asyncio.sleep(0.02)
                continue
            writer.close()
            return


async def _enqueue(size: int, environment: Mapping[str, str]) -> None:
    """Put every message into the queue, by a process of its own, before a worker is there."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.celery_baseline.producer", str(size), env={**os.environ, **environment}
    )
    if await process.wait():
        raise RuntimeError("the tasks could not be put into the queue")


async def _rate_of_workers(stand: Stand, size: int, *pool: str) -> float:
    if find_spec("celery") is None:
        raise LeftOut("celery is not installed; scripts/bench installs it")
    run = filled(stand.office, SMS, size)
    async with stand.store.copy(run) as url, open_provider(LATENCY_MS) as provider, _redis() as broker:
        environment = {
            "PYTHONPATH": str(ROOT),
            "BASELINE_BROKER_URL": broker,
            "BASELINE_API_URL": provider.url,
            "BASELINE_DATABASE_URL": url,
            "BASELINE_ACCOUNT": bare_client.ACCOUNT,
            "BASELINE_TOKEN": bare_client.TOKEN,
        }
        await _enqueue(size, environment)
        worker = (sys.executable, "-m", "celery", "--app", "bench.celery_baseline.tasks", "worker", *pool)
        async with Child.running(worker, environment, stand.folder / "celery.log") as running:
            return await _rate(url, provider, running, size)


async def _rate(url: str, provider: Provider, running: Child, size: int) -> float:
    """Return messages a second, from the tenth part on; every result has to be in the database."""
    moments = await provider.until(size, running.process)
    await running.end()
    async with opened(url):
        left = await sql.value("SELECT count(*) FROM message WHERE state <> 'accepted'")
    if left:
        raise RuntimeError(f"{left} results were not kept")
    warm = size // WARMING
    return (size - 1 - warm) / (moments[-1] - moments[warm])


async def measure(stand: Stand, size: int) -> Mapping[str, Sample]:
    """Send a run by the task queue, as it comes and with threads, and by the outbox."""
    base = await _rate_of_workers(stand, size)
    threads = await _rate_of_workers(stand, size, "--pool", "threads", "--concurrency", str(bare_client.AT_ONCE))
    ours = await sending.send_ours(stand, SMS, size)
    return {"queue": Sample(size / ours.wall, base), "queue.threads": Sample(size / ours.wall, threads)}


QUEUE = Experiment(
    "queue",
    measure,
    (1000, 500, 40),
    (
        Line(
            "queue", "durable SMS a second of one process", "Celery, Redis, twilio: a process a core", "/s", at_least(3)
        ),
        Line(
            "queue.threads",
            "durable SMS a second of one process",
            f"Celery, Redis, twilio: {bare_client.AT_ONCE} threads in one",
            "/s",
        ),
    ),
    rounds=3,
)
