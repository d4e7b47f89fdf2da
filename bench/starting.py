"""Starting: from the command to the first answer that says ready, and what a newcomer waits for."""

import asyncio
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping
from pathlib import Path

from bench import serving
from bench.figures import Experiment, Line, Sample
from bench.processes import LIANXIN
from bench.stand import Stand
from bench.store import EMPTY

DEMO_STEP = 4
DEMO_SECONDS = 300.0


async def measure_start(stand: Stand, _size: int) -> Mapping[str, Sample]:
    """Start the whole service on a migrated database, and an aiohttp application that only says it is ready."""
    async with serving.bare(stand, "ready") as bare:
        base = bare.seconds_to_ready
    async with stand.store.copy(EMPTY) as url, serving.service(stand, url) as ours:
        return {"start": Sample(ours.seconds_to_ready, base)}


async def measure_newcomer(_stand: Stand, _size: int) -> Mapping[str, Sample]:
    """Run the guided round in a folder of its own; note when its fourth step and its end came."""
    with tempfile.TemporaryDirectory(prefix="lianxin-bench-demo-") as folder:
        began, seconds = time.monotonic(), []
        process = await asyncio.create_subprocess_exec(
            str(LIANXIN), "demo", "--once", "--port", "0", cwd=folder, stdin=DEVNULL, stdout=PIPE, stderr=PIPE
        )
        assert process.stdout is not None
        try:
            async with asyncio.timeout(DEMO_SECONDS):
                async for line in process.stdout:
                    if line.startswith("✓".encode()):
                        seconds.append(time.monotonic() - began)
                _, errors = await process.communicate()
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()
        if process.returncode or len(seconds) < DEMO_STEP:
            sys.stderr.write(errors.decode())
            raise RuntimeError(f"the guided round ended with code {process.returncode} in {Path(folder)}")
        return {"newcomer": Sample(time.monotonic() - began, None), "newcomer.4": Sample(seconds[DEMO_STEP - 1], None)}


START = Experiment(
    "start",
    measure_start,
    (1, 1, 1),
    (Line("start", "start of the service to ready", "aiohttp that only says ready", "s"),),
)
NEWCOMER = Experiment(
    "newcomer",
    measure_newcomer,
    (1, 1, 1),
    (
        Line("newcomer", "the guided round, start to end", "", "s"),
        Line("newcomer.4", f"the guided round, start to step {DEMO_STEP}", "", "s"),
    ),
    databases=(),
    rounds=1,
)
