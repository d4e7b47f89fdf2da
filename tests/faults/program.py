"""The real program as a subprocess: started, killed, ended in order; what it logs is kept in one file."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import aiohttp

from tests.faults.quick_start import Forked, Starter

LIANXIN = str(Path(sys.executable).with_name("lianxin"))
READY_SECONDS = 120.0
END_SECONDS = 120.0
LOOK_SECONDS = 0.02


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(settings: Mapping[str, str], **more: str) -> dict[str, str]:
    """Nothing of ours but these settings: what the machine has set for other work must not leak in."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("LIANXIN_")}
    return {**bare, **{f"LIANXIN_{name}": value for name, value in settings.items()}, **more}


def failpoint_of(place: str) -> dict[str, str]:
    """What a test build is told; nothing at all without a place."""
    return {"LIANXIN_TEST_BUILD": "1", "LIANXIN_FAILPOINT": place} if place else {}


def run(
    folder: Path, settings: Mapping[str, str], *words: str, command: Sequence[str] = (LIANXIN,), **more: str
) -> subprocess.CompletedProcess[str]:
    """Run a command that ends by itself."""
    return subprocess.run(
        [*command, *words],
        cwd=folder,
        env=environment(settings, **more),
        capture_output=True,
        text=True,
        timeout=READY_SECONDS,
        check=False,
    )


class Program:
    """`lianxin serve` in a folder of its own, with settings of its own, on a port that stays the same."""

    def __init__(self, folder: Path, settings: Mapping[str, str], starter: Starter | None = None) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.settings = {"LISTEN": f"127.0.0.1:{self.port}", **settings}
        self.log_file = folder / "serve.log"
        self.starter = starter
        self.process: subprocess.Popen[bytes] | Forked | None = None

    @property
    def log(self) -> str:
        return self.log_file.read_text() if self.log_file.exists() else ""

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def launch(self, failpoint: str = "") -> None:
        """Start it without waiting; with a fail point it will be killed there."""
        assert not self.is_running
        given = environment(self.settings, **failpoint_of(failpoint))
        if self.starter is not None:
            self.process = self.starter.start(self.folder, given, self.log_file)
            return
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen([LIANXIN, "serve"], cwd=self.folder, env=given, stdout=log, stderr=log)

    async def start(self) -> None:
        """Start it and wait until it says that it is ready."""
        self.launch()
        await self.ready()

    async def ready(self) -> None:
        """Wait until it is ready; fail with its log when it ends instead."""
        async with asyncio.timeout(READY_SECONDS), aiohttp.ClientSession() as client:
            while True:
                assert self.is_running, self.log
                try:
                    async with client.get(f"{self.url}/health/ready") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(LOOK_SECONDS)

    async def ended(self) -> int:
        """Wait until it ended; return its exit code, negative for a signal."""
        assert self.process is not None
        async with asyncio.timeout(END_SECONDS):
            while (code := self.process.poll()) is None:
                await asyncio.sleep(LOOK_SECONDS)
        return code

    def signal(self, what: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(what)

    async def kill(self) -> None:
        """Pull the plug."""
        self.signal(signal.SIGKILL)
        assert await self.ended() == -signal.SIGKILL

    async def stop(self) -> int:
        """End it in order; return its exit code."""
        self.signal(signal.SIGTERM)
        return await self.ended()

    def end(self) -> None:
        """Whatever happened, leave no process behind."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
