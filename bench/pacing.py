"""The rate of a lane: whether the running service reaches the rate that was set, however long the provider takes."""

from collections.abc import Mapping, Sequence
from statistics import mean

from bench import serving
from bench.agency import filled
from bench.figures import Experiment, Line, Sample, Target
from bench.provider import open_provider
from bench.stand import Stand
from messaging.channel import SMS

LATENCIES_MS = (5, 100, 1000)
RATE = 100


def achieved(moments: Sequence[float], rate: int) -> float:
    """Return messages a second from the moments at which they came, the first second left out.

    A lane may send its second's worth at once or spread; so each message of the first second is compared with the one
    that stands as many whole seconds behind it as there are, and the mean of these spans is taken.
    """
    seconds = len(moments) // rate - 1
    behind = seconds * rate
    if seconds < 1:
        raise ValueError("less than two seconds' worth of messages")
    return behind / mean(late - early for early, late in zip(moments[:rate], moments[behind:], strict=False))


async def _achieved(stand: Stand, seconds: int, latency_ms: float) -> float:
    wanted = RATE * (seconds + 1)
    run = filled(stand.office, SMS, wanted + RATE)
    async with stand.store.copy(run) as url, open_provider(latency_ms) as provider:
        settings = {**serving.SMS_ONLY, "TWILIO__API_URL": provider.url, "TWILIO__RATE": str(RATE)}
        async with serving.silent(stand, url, "send", settings=settings) as ours:
            moments = await provider.until(wanted, ours.process)
    return achieved(moments[:wanted], RATE)


async def measure(stand: Stand, size: int) -> Mapping[str, Sample]:
    """Send for `size` seconds and one at a set rate, to providers of different latency."""
    return {f"pace.{each}": Sample(await _achieved(stand, size, each), RATE) for each in LATENCIES_MS}


def _line(latency_ms: int) -> Line:
    title = f"rate of a lane set to {RATE}/s whose provider takes {latency_ms:,} ms"
    return Line(f"pace.{latency_ms}", title, "the rate set", "/s", Target(0.98, 1.0))


PACE = Experiment("pace", measure, (5, 3, 1), tuple(map(_line, LATENCIES_MS)), rounds=3)
