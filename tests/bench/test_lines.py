"""Every line runs at a tiny size and gives a ratio, those of rows on both databases. How large it is, no test says."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bench.figures import Experiment
from bench.lines import EXPERIMENTS
from bench.rounds import TINY, run
from bench.stand import Stand, open_stand
from bench.store import PostgresStore, SqliteStore
from bench.table import HEADS, cells

ON_POSTGRES = {"sms", "queue", "fill", "record", "inbound", "together"}  # each start of the whole service takes seconds
RUNS = [("sqlite", each) for each in EXPERIMENTS if "sqlite" in each.databases and each.name != "inbound"]
RUNS += [("postgres", each) for each in EXPERIMENTS if each.name in ON_POSTGRES]


@pytest.fixture
async def stand(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stand]:
    """A stand on a database of each sort; durability of this server is not what is tested."""
    if request.param == "sqlite":
        async with open_stand(SqliteStore(tmp_path), tmp_path) as opened:
            yield opened
        return
    store = PostgresStore(request.getfixturevalue("postgres"))
    async with open_stand(store, tmp_path) as opened:
        yield opened
    await store.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("stand", "experiment"), RUNS, indirect=["stand"], ids=[f"{k}-{e.name}" for k, e in RUNS])
async def test_it_gives_a_ratio(stand: Stand, experiment: Experiment) -> None:
    outcomes = await run(experiment, stand, TINY, lambda _: None)
    if outcomes[0].verdict == "left out":
        pytest.skip(outcomes[0].note)
    assert [outcome.line for outcome in outcomes] == list(experiment.lines)
    for outcome in outcomes:
        assert outcome.note == ""
        assert outcome.ours is not None
        assert outcome.ours > 0
        assert (outcome.ratio or 0) > 0 or not outcome.line.against
        assert len(cells(outcome)) == len(HEADS)


def test_keys_and_names_are_unique() -> None:
    keys = [line.key for each in EXPERIMENTS for line in each.lines]
    assert len(keys) == len(set(keys))
    assert len({each.name for each in EXPERIMENTS}) == len(EXPERIMENTS)
