"""A process that carries out random trials, one after the other: an order a line comes in, what it came to goes out.

It has a provider and a starter of its own, so that several of them stand in each other's way no more than the machine
makes them. It ends when its orders end.
"""

import asyncio
import json
import shutil
import sys
import tempfile
import time
import traceback
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests import postgres_server
from tests.faults import beginning
from tests.faults.quick_start import Starter
from tests.faults.random_plan import Plan, plan_of
from tests.faults.random_trial import Told, tried
from tests.messaging import sandbox_client

PROBLEM_CHARACTERS = 4000


@dataclass(frozen=True)
class Ground:
    """What trials are made of: the prepared database (a file, or the name of one on the server), its key file."""

    database: str
    template: str
    server_url: str
    key_file: str

    def copied(self, folder: Path) -> AbstractContextManager[str]:
        """Give the URL of a copy while the block runs."""
        if self.database == "sqlite":
            return beginning.sqlite_copy(Path(self.template), folder)
        server = postgres_server.Server(self.server_url, lambda: None)
        return beginning.postgres_copy(server, self.template)


@dataclass(frozen=True)
class Row:
    """What one seed came to on one database; `problems` empty: all holds."""

    database: str
    seed: int
    seconds: float
    problems: list[str]
    accepted_then: int = 0
    open_then: int = 0
    accepted: int = 0
    unknown: int = 0
    twice: int = 0
    missing: int = 0


def row_of(ground: Ground, plan: Plan, starter: Starter, sandbox_url: str) -> Row:
    """Carry a seed out; whatever goes wrong is a problem of the row."""
    folder, began = Path(tempfile.mkdtemp(prefix="lianxin-trial-")), time.monotonic()
    try:
        with ground.copied(folder) as url:
            told = asyncio.run(_tried(url, ground, sandbox_url, None if plan.is_real else starter, folder, plan))
    except (Exception, asyncio.CancelledError) as error:
        said = "".join(traceback.format_exception_only(error))[-PROBLEM_CHARACTERS:]
        return Row(ground.database, plan.seed, time.monotonic() - began, [said])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    verdict = told.verdict
    return Row(
        ground.database,
        plan.seed,
        time.monotonic() - began,
        list(told.problems),
        told.accepted_then,
        told.open_then,
        verdict.accepted,
        verdict.unknown,
        verdict.twice,
        verdict.missing,
    )


async def _tried(url: str, ground: Ground, sandbox_url: str, starter: Starter | None, folder: Path, plan: Plan) -> Told:
    async with beginning.beginning(url, Path(ground.key_file), sandbox_url, starter, folder) as begin:
        return await tried(begin, plan)


@contextmanager
def _provider() -> Any:
    process, url = sandbox_client.start()
    try:
        yield url
    finally:
        process.terminate()
        process.wait()


def _work() -> None:
    starter = Starter()
    try:
        with _provider() as sandbox_url:
            for line in sys.stdin:
                order = json.loads(line)
                row = row_of(Ground(**order["ground"]), plan_of(order["seed"]), starter, sandbox_url)
                print(json.dumps(asdict(row)), flush=True)
    finally:
        starter.stop()


if __name__ == "__main__":
    _work()
