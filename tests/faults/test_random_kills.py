"""F5 and the scenario of the killed run (S12): SIGKILL at random moments, by seed. `scripts/faults 20` does twenty."""

import asyncio
import signal

import pytest

from models import sql
from tests.faults import prepared, random_plan
from tests.faults.conftest import Begin
from tests.faults.harness import Trial, states
from tests.faults.random_plan import Plan, plan_of

pytestmark = [pytest.mark.kill, pytest.mark.timeout(600)]
F5 = "test_f5_killed_at_a_random_moment_everyone_has_it_once_or_is_unknown"


async def killed_as_planned(trial: Trial, plan: Plan) -> None:
    trial.program.launch(plan.failpoint)

    async def moment() -> bool:
        wanted = prepared.TO_SEND if plan.failpoint else plan.accepted
        return not trial.program.is_running or await trial.accepted() >= wanted

    await trial.until(moment, plan.moment)
    await asyncio.sleep(plan.pause)
    if trial.program.is_running:  # also where there were fewer group commits than the seed counts
        trial.program.signal(signal.SIGKILL)
    assert await trial.program.ended() == -9


@pytest.mark.parametrize("seed", range(random_plan.KILLS))
async def test_f5_killed_at_a_random_moment_everyone_has_it_once_or_is_unknown(begin: Begin, seed: int) -> None:
    plan = plan_of(seed)
    trial = await begin(rate=plan.rate)
    trial.waits_for_lease = bool(random_plan.ASKED)
    database = "PostgreSQL" if sql.is_postgres() else "SQLite"
    await killed_as_planned(trial, plan)
    then = (await trial.accepted(), (await states())["sending"])
    await trial.restart()
    await trial.finish()
    verdict = await trial.judge()
    random_plan.note(database, plan, then, verdict)
    assert not verdict.problems, again(plan, database)
    assert verdict.unknown <= then[1]


def again(plan: Plan, database: str) -> str:
    """Say how to repeat a seed."""
    name = "postgres" if database == "PostgreSQL" else "sqlite"
    node = f"{__name__.replace('.', '/')}.py::{F5}[{name}-{plan.seed}]"
    return f"Repeat it: LIANXIN_FAULT_KILLS={plan.seed + 1} scripts/test '{node}'"


async def test_s12_killed_at_two_hundred_and_again_while_the_receipts_come_in(begin: Begin) -> None:
    trial = await begin(rate=250)
    trial.program.launch()
    await trial.until_accepted(200)
    await trial.program.kill()
    open_then = (await states())["sending"]
    assert open_then <= 50
    await trial.restart()

    async def receipts_come() -> bool:
        return (await states())["delivered"] > 250

    await trial.until(receipts_come, "receipts")
    await trial.program.kill()
    await trial.restart()
    await trial.finish()
    verdict = await trial.judge()
    assert verdict.problems == ()
    kept = verdict.books
    assert (kept.planned, kept.ended, kept.open) == (prepared.SIZE, prepared.SIZE - prepared.TO_SEND, 0)
    assert kept.accepted_ever + kept.unknown == prepared.TO_SEND
    assert verdict.unknown <= 2 * open_then + 50
