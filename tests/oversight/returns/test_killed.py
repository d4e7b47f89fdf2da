"""Real processes open a month: killed in a slice, between slices, and several of them at once."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from models.inbound import OpenQuestion
from models.record import Record
from models.returns import MonthlyReturn, ReturnMonth
from tests.oversight.returns.conftest import KEY
from tests.oversight.returns.month_end import told
from tests.records.conftest import House

pytestmark = pytest.mark.timeout(300)


async def opens(database_url: str, failpoint: str = "") -> int:
    """Open September in a process of its own; return how it ended."""
    given = {"database_url": database_url, "key": KEY.hex(), "now": "2026-09-30T10:00:00+08:00", "slice": "3"}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.oversight.returns.opening_process",
        json.dumps(given),
        cwd=Path(__file__).parents[3],
        env={**os.environ, "LIANXIN_TEST_BUILD": "1", "LIANXIN_FAILPOINT": failpoint},
        stdout=asyncio.subprocess.DEVNULL,
    )
    return await process.wait()


async def everybody_once(house: House) -> None:
    people = len(house.persons)
    asked = await told("T-ZERO-ASK")
    assert len(asked) == len(set(asked)) == people
    counts = [await each.all().count() for each in (MonthlyReturn, OpenQuestion)]
    assert [*counts, await Record.filter(kind="zero_report").count()] == [people, people, people]
    assert (await ReturnMonth.get(period="2026-09")).complete_at is not None


@pytest.mark.parametrize("place", ["returns.before_commit:3", "returns.between:2"])
async def test_killed_and_started_again(house: House, db: str, place: str) -> None:
    assert await opens(db, place) == -signal.SIGKILL
    assert await MonthlyReturn.all().count() == 6
    assert (await ReturnMonth.get(period="2026-09")).complete_at is None
    assert await opens(db) == 0
    await everybody_once(house)


async def test_two_processes_at_once_ask_each_person_once(house: House, db: str) -> None:
    assert await asyncio.gather(opens(db), opens(db)) == [0, 0]
    await everybody_once(house)
