"""Programs beside the measuring one: the sink, bare servers, the service itself."""

import asyncio
import json
import os
import socket
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

LIANXIN = Path(sys.executable).parent / "lianxin"
LOOPBACK = "127.0.0.1"
READY_SECONDS = 60.0
LOOK_SECONDS = 0.005
_READY = b"GET /health/ready HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n"


def free_port() -> int:
    """Return a port of loopback on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Child:
    """A running program, where it listens, and the seconds from its start until it said ready."""

    process: Process
    url: str
    seconds_to_ready: float = 0.0

    @classmethod
    @asynccontextmanager
    async def printing_url(cls, module: str, *arguments: str) -> AsyncIterator["Child"]:
        """Run a module that prints {"url": …} when it listens and ends with its standard input."""
        command = (sys.executable, "-m", module, *arguments)
        process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
        try:
            assert process.stdout is not None
            line = await asyncio.wait_for(process.stdout.readline(), READY_SECONDS)
            yield cls(process, json.loads(line)["url"])
        finally:
            await _end(process)

    @classmethod
    @asynccontextmanager
    async def running(cls, command: Sequence[str], environment: Mapping[str, str], log: Path) -> AsyncIterator["Child"]:
        """Run a program with nothing of ours but this environment; it ends with the block."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("LIANXIN_")}
        with log.open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                *command, env={**clean, **environment}, stdin=DEVNULL, stdout=errors, stderr=errors, cwd=log.parent
            )
        try:
            yield cls(process, "")
        finally:
            await _end(process)

    @classmethod
    @asynccontextmanager
    async def listening(
        cls, command: Sequence[str], port: int, environment: Mapping[str, str], log: Path
    ) -> AsyncIterator["Child"]:
        """Run a program until it answers 200 to /health/ready at this port; it ends with the block."""
        began = time.perf_counter()
        async with cls.running(command, environment, log) as started:
            process = started.process
            async with asyncio.timeout(READY_SECONDS):
                while not await _is_ready(port):
                    if process.returncode is not None:
                        raise RuntimeError(f"{command[0]} ended with code {process.returncode}; see {log}")
                    await asyncio.sleep(LOOK_SECONDS)
            yield cls(process, f"http://{LOOPBACK}:{port}", time.perf_counter() - began)

    async def end(self) -> None:
        """End it in order."""
        await _end(self.process)

    async def kill(self) -> float:
        """Pull the plug; return the moment of it by the monotonic clock."""
        moment = time.monotonic()
        self.process.kill()
        await self.process.wait()
        return moment

    @property
    def peak_memory(self) -> float:
        """The most memory that it ever had resident, in MiB (Linux tells)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024


async def _is_ready(port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        writer.write(_READY)
        answer = await reader.read()
        writer.close()
    except OSError:
        return False
    return b" 200 " in answer[:20]


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.terminate()
    await process.wait()
