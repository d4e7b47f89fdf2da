"""A wire between us and the provider that is cut at a chosen byte: of the request, or of the answer."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

NEVER = 10**9


@dataclass
class Wire:
    """`url` stands in for the provider's. Both ends are reset once so many bytes have passed in that direction."""

    url: str
    to: tuple[str, int]
    request_bytes: int = NEVER
    answer_bytes: int = NEVER

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection."""
        if self.request_bytes == 0:
            return reset(writer)
        there_reader, there_writer = await asyncio.open_connection(*self.to)
        async with asyncio.TaskGroup() as group:
            ways = [
                group.create_task(carry(reader, there_writer, self.request_bytes)),
                group.create_task(carry(there_reader, writer, self.answer_bytes)),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for each in ways:
                each.cancel()
        reset(writer)
        reset(there_writer)


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: int) -> None:
    """Pass on at most so many bytes; end when more would pass, or when the other side ends."""
    while True:
        try:
            some = await reader.read(64 * 1024)
            writer.write(some[:most])
            await writer.drain()
        except OSError:
            return
        if not some or len(some) > most:
            return
        most -= len(some)


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection with a TCP reset."""
    sock = writer.get_extra_info("socket")
    if sock is not None and not writer.is_closing():
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@asynccontextmanager
async def wire_to(url: str) -> AsyncIterator[Wire]:
    """Lay a wire to a provider while the block runs."""
    parts = urlsplit(url)
    wire = Wire("", (str(parts.hostname), int(parts.port or 80)))
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
    wire.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield wire
    finally:
        server.close()
