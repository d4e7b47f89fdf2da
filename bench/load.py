"""A load that costs little itself: prepared requests over kept connections, at once or at a pace."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import quantiles
from urllib.parse import urlsplit

CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class Load:
    """What a load brought: seconds in all, and those of each request."""

    seconds: float
    waits: Sequence[float]

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.waits) / self.seconds

    def percentile(self, which: int) -> float:
        """Return seconds within which so many of a hundred requests were answered."""
        return quantiles(self.waits, n=100)[which - 1]


def post(url: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Return the bytes of one POST of a form."""
    parts = urlsplit(url)
    kept = {"Host": parts.netloc, "Content-Type": "application/x-www-form-urlencoded", **headers}
    lines = [f"POST {parts.path} HTTP/1.1", *(f"{name}: {value}" for name, value in kept.items())]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


async def fire(url: str, requests: Sequence[bytes], connections: int = CONNECTIONS) -> Load:
    """Send everything and wait for the answers; raise RuntimeError for one that is not 2xx."""
    parts, waiting = urlsplit(url), iter(requests)
    waits: list[float] = []
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(_work(str(parts.hostname), int(parts.port or 80), waiting, waits))
    return Load(time.perf_counter() - began, waits)


async def _work(host: str, port: int, waiting: Iterator[bytes], waits: list[float]) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    for request in waiting:
        began = time.perf_counter()
        await _ask(reader, writer, request)
        waits.append(time.perf_counter() - began)
    writer.close()


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> None:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    if head.split(b" ", 2)[1][:1] != b"2":
        raise RuntimeError(head.split(b"\r\n", 1)[0].decode())
    await reader.readexactly(_length(head))


async def pace(url: str, requests: Sequence[bytes], a_second: float, connections: int = CONNECTIONS) -> Load:
    """Send requests at an even pace, whether or not earlier ones were answered; a wait counts from its due moment.

    Raises RuntimeError for an answer that is not 2xx.
    """
    parts, waits = urlsplit(url), list[float]()
    began = time.perf_counter()
    due = iter([(began + number / a_second, request) for number, request in enumerate(requests)])

    async def work() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        for moment, request in due:
            await asyncio.sleep(moment - time.perf_counter())
            await _ask(reader, writer, request)
            waits.append(time.perf_counter() - moment)
        writer.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(work())
    return Load(time.perf_counter() - began, waits)


def _length(head: bytes) -> int:
    _, found, after = head.lower().partition(b"content-length:")
    return int(after.split(b"\r\n", 1)[0]) if found else 0
