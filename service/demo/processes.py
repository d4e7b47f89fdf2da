"""The two processes of the demo: the sandbox and the service. Both listen on loopback and end with the demo."""

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from pathlib import Path

import aiohttp

from core.errors import LianxinError

READY_SECONDS = 60.0
STOP_SECONDS = 15.0
LOOPBACK = "127.0.0.1"


class DemoFailed(LianxinError):
    """Something of the demo did not come about; the message says what, and where its log is."""


def free_port() -> int:
    """Return a port of loopback on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


class Sandbox:
    """The sandbox as a subprocess; `url` is where it listens."""

    def __init__(self, process: Process, url: str) -> None:
        self._process, self.url = process, url

    @classmethod
    async def start(cls, log: Path) -> "Sandbox":
        """Start it on a free port; raise DemoFailed when it does not come up."""
        with log.open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "sandbox", "--listen", f"{LOOPBACK}:0"), stdout=PIPE, stderr=errors
            )
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), READY_SECONDS)
        if not line:
            raise DemoFailed(f"The sandbox did not start; see {log}.")
        return cls(process, json.loads(line)["url"])

    async def stop(self) -> None:
        """End it and wait."""
        await _end(self._process)


class Served:
    """The service of the demo as a subprocess that can be killed and started again on the same data."""

    def __init__(self, environment: Mapping[str, str], url: str, log: Path) -> None:
        self._environment, self.url, self._log = {**os.environ, **environment}, url, log
        self._process: Process | None = None

    async def start(self) -> None:
        """Start it and wait until it is ready; raise DemoFailed when it ends or takes too long."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "service.demo.served"), env=self._environment, stdout=log, stderr=log
            )
        try:
            async with asyncio.timeout(READY_SECONDS):
                await self._until_ready(self._process)
        except TimeoutError:
            raise DemoFailed(f"The service was not ready within {READY_SECONDS:.0f} s; see {self._log}.") from None

    async def _until_ready(self, process: Process) -> None:
        async with aiohttp.ClientSession() as client:
            while process.returncode is None:
                try:
                    async with client.get(f"{self.url}/health/ready") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.1)
        raise DemoFailed(f"The service ended with code {process.returncode}; see {self._log}.")

    async def kill(self) -> None:
        """Pull the plug: SIGKILL, no good-bye."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()

    async def stop(self) -> None:
        """End it in order and wait."""
        if self._process is not None:
            await _end(self._process)


async def _end(process: Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
