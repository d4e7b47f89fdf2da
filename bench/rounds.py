"""Doing the experiments: each on each database, in rounds, with whatever servers they need."""

import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from bench.figures import Experiment, Outcome, Sample
from bench.stand import Stand, open_stand
from bench.store import POSTGRES_OPTIONS, PostgresStore, SqliteStore, Store
from tests import postgres_server

FULL, QUICK, TINY = range(3)
ROUNDS = (5, 3, 1)
Say = Callable[[str], None]


async def run(experiment: Experiment, stand: Stand, how: int, say: Say) -> list[Outcome]:
    """Do all rounds of an experiment on one database."""
    size, many = experiment.sizes[how], min(ROUNDS[how], experiment.rounds)
    where = stand.store.kind if experiment.on_databases else ""
    samples: dict[str, list[Sample]] = {}
    for number in range(1, many + 1):
        say(f"{experiment.name} {where} {size:,} ({number} of {many})")
        for key, sample in (await experiment.measure(stand, size)).items():
            samples.setdefault(key, []).append(sample)
    return [Outcome(line, where, size, samples[line.key]) for line in experiment.lines]


async def run_all(
    experiments: Sequence[Experiment], stands: Sequence[Stand], how: int, say: Say
) -> AsyncIterator[list[Outcome]]:
    """Do every experiment, those of rows once for each sort of database; give the outcomes of each as they come."""
    for experiment in experiments:
        for stand in stands if experiment.on_databases else stands[:1]:
            yield await run(experiment, stand, how, say)


@asynccontextmanager
async def open_stands(kinds: Sequence[str], say: Say) -> AsyncIterator[list[Stand]]:
    """Open a stand for each sort of database that there is; everything is gone afterwards."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lianxin-bench-")))
        stores: list[Store] = []
        if "sqlite" in kinds:
            stores.append(SqliteStore(folder))
        if "postgres" in kinds:
            stores += stack.enter_context(_postgres(say))
        yield [await stack.enter_async_context(open_stand(store, folder)) for store in stores]


@contextmanager
def _postgres(say: Say) -> Iterator[list[Store]]:
    with ExitStack() as stack:
        server = postgres_server.start(POSTGRES_OPTIONS)
        if server is None:
            say("No PostgreSQL found: its half of the lines is left out. Install the package postgresql.")
            yield []
            return
        stack.callback(server.stop)
        yield [PostgresStore(server)]
