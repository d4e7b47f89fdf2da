"""Doing the experiments: each on each database, in rounds, with whatever servers they need."""

import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from bench.figures import Experiment, LeftOut, Outcome, Sample
from bench.stand import Stand, open_stand
from bench.store import POSTGRES_OPTIONS, PostgresStore, SqliteStore, Store
from tests import postgres_server

FULL, QUICK, TINY = range(3)
LOG_TAIL = 3000
Say = Callable[[str], None]


async def run(experiment: Experiment, stand: Stand, how: int, say: Say) -> list[Outcome]:
    """Do all rounds of an experiment on one database; what cannot be done, or fails, becomes a note."""
    size, many = experiment.sizes[how], _rounds(experiment, how)
    where, small = stand.store.kind if experiment.databases else "", experiment.small(size)
    samples: dict[str, list[Sample]] = {line.key: [] for line in experiment.lines}
    note = ""
    try:
        for number in range(1, many + 1):
            say(f"{experiment.name} {where} {size:,} ({number} of {many})")
            for key, sample in (await experiment.measure(stand, size)).items():
                samples[key].append(sample)
    except LeftOut as why:
        note = f"left out: {why}"
    except Exception as error:  # what else there is to measure is measured
        note = f"failed: {type(error).__name__} {error}".strip()
        _show_logs(stand, note)
    return [Outcome(line, where, size, samples[line.key], small, note) for line in experiment.lines]


def _show_logs(stand: Stand, note: str) -> None:
    print(note, file=sys.stderr)
    for log in stand.folder.glob("*.log"):
        print(f"--- {log.name}", log.read_text()[-LOG_TAIL:], sep="\n", file=sys.stderr)


def _rounds(experiment: Experiment, how: int) -> int:
    """Two fewer for a quick look, one alone at a tiny size."""
    return (experiment.rounds, max(1, experiment.rounds - 2), 1)[how]


async def run_all(
    experiments: Sequence[Experiment], stands: Sequence[Stand], how: int, say: Say
) -> AsyncIterator[list[Outcome]]:
    """Do every experiment, those of rows once for each sort of database; give the outcomes of each as they come."""
    for experiment in experiments:
        for stand in stands_for(experiment, stands):
            yield await run(experiment, stand, how, say)


def stands_for(experiment: Experiment, stands: Sequence[Stand]) -> Sequence[Stand]:
    """Return where an experiment is done."""
    if not experiment.databases:
        return stands[:1]
    return [stand for stand in stands if stand.store.kind in experiment.databases]


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
