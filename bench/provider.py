"""The provider of a measurement: a sink of its own with its own latency, which tells when it was called."""

import asyncio
import json
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from bench.processes import Child

LOOK_SECONDS = 0.05
LONGEST_SECONDS = 240.0


@dataclass(frozen=True)
class Provider:
    """Where it listens. Moments are those of this machine's monotonic clock."""

    url: str

    async def arrivals(self, first: int = 0) -> tuple[int, list[float]]:
        """Return how many messages came, and the moments of those from number `first` (0 is the earliest) on."""
        parts = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(b"GET /arrivals/%d HTTP/1.1\r\nHost: bench\r\n\r\n" % first)
        head = await reader.readuntil(b"\r\n\r\n")
        told = json.loads(await reader.readexactly(int(head.rpartition(b"Length: ")[2])))
        writer.close()
        return int(told["many"]), told["times"]

    async def until(self, many: int, *senders: Process) -> list[float]:
        """Wait until so many messages came and return the moments of all; raise RuntimeError where a sender ended."""
        async with asyncio.timeout(LONGEST_SECONDS):
            while (await self.arrivals(many))[0] < many:
                if any(each.returncode is not None for each in senders):
                    raise RuntimeError("the service ended before it had sent everything; its log tells why")
                await asyncio.sleep(LOOK_SECONDS)
        return (await self.arrivals())[1]


@asynccontextmanager
async def open_provider(latency_ms: float) -> AsyncIterator[Provider]:
    """Start a sink with that latency; it ends with the block."""
    async with Child.printing_url("bench.sink", "--latency-ms", str(latency_ms)) as sink:
        yield Provider(sink.url)
