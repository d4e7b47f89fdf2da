"""A million recipients beside ten thousand: memory of the sender, and the way back to work after a kill.

One round of a size starts the sender on a filled run, lets it send for some seconds, reads its memory, kills it, starts
the whole service and waits for its first message. On PostgreSQL the dead process's lease is ended by hand, since a wait
of up to thirty seconds would hide what is compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bench import serving
from bench.agency import filled
from bench.figures import Experiment, Line, Sample, at_most, smaller
from bench.provider import open_provider
from bench.stand import Stand
from bench.store import opened
from messaging.channel import SMS
from models import sql

SECONDS_OF_WORK = 10
SENT_BEFORE = 3


@dataclass(frozen=True, slots=True)
class Seen:
    """Peak memory in MiB, and seconds from the kill to the first message after it."""

    memory: float
    restart: float


async def _killed_and_restarted(stand: Stand, size: int, rate: float) -> Seen:
    async with stand.store.copy(filled(stand.office, SMS, size)) as url, open_provider(5) as provider:
        settings = {**serving.SMS_ONLY, "TWILIO__API_URL": provider.url, "TWILIO__RATE": str(rate)}
        async with serving.silent(stand, url, "send", settings=settings) as sender:
            await provider.until(int(rate) * SENT_BEFORE, sender.process)
            memory = sender.peak_memory
            killed_at = await sender.kill()
        before, _ = await provider.arrivals()
        if stand.store.kind == "postgres":
            await _end_lease(url)
        async with serving.silent(stand, url, settings=settings) as service:
            moments = await provider.until(before + 1, service.process)
    return Seen(memory, moments[before] - killed_at)


async def _end_lease(url: str) -> None:
    async with opened(url):
        await sql.execute("UPDATE lane SET owner = NULL, lease_until = NULL")


async def measure(stand: Stand, size: int) -> Mapping[str, Sample]:
    """Do it with the large and the small number, at a rate for which the small one has work for ten seconds."""
    small = smaller(size)
    rate = small / SECONDS_OF_WORK
    few = await _killed_and_restarted(stand, small, rate)
    many = await _killed_and_restarted(stand, size, rate)
    return {
        "memory": Sample(many.memory, few.memory),
        "memory.peak": Sample(many.memory, None),
        "restart": Sample(many.restart, few.restart),
        "restart.seconds": Sample(many.restart, None),
    }


SCALE = Experiment(
    "scale",
    measure,
    (1_000_000, 100_000, 6_000),
    (
        Line("memory", "peak memory of serve --roles send, {size} recipients", "{small}", "MiB", at_most(1.10)),
        Line("memory.peak", "peak memory of serve --roles send, {size} recipients", "", "MiB", at_most(120, "MiB")),
        Line("restart", "kill -9 to the next message, {size} recipients", "{small}", "s", at_most(1.2)),
        Line("restart.seconds", "kill -9 to the next message, {size} recipients, no lease", "", "s", at_most(3, "s")),
    ),
    rounds=3,
)
