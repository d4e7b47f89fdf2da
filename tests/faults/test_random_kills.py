"""F5 and the scenario of the killed run (S12): SIGKILL at random moments, by seed. `scripts/faults 500` does many."""

import pytest

from tests.faults import prepared
from tests.faults.conftest import Begin
from tests.faults.harness import states
from tests.faults.random_plan import plan_of
from tests.faults.random_trial import tried

pytestmark = [pytest.mark.kill, pytest.mark.timeout(600)]
RATE = 250
SEEDS = (0,)
"""One at any moment; a seed that ever failed joins it for good."""


@pytest.mark.parametrize("seed", SEEDS)
async def test_f5_killed_at_a_random_moment_everyone_has_it_once_or_is_unknown(begin: Begin, seed: int) -> None:
    assert (await tried(begin, plan_of(seed))).problems == ()


async def test_s12_killed_at_two_hundred_and_again_while_the_receipts_come_in(begin: Begin) -> None:
    trial = await begin(rate=RATE)
    trial.program.launch()
    await trial.until_accepted(200)
    await trial.program.kill()
    open_then = (await states())["sending"]
    assert open_then <= RATE, "no more than a second's messages are under way"
    await trial.restart()

    async def receipts_come() -> bool:
        return (await states())["delivered"] > 250

    await trial.until(receipts_come, "receipts")
    await trial.program.kill()
    open_then += (await states())["sending"]
    await trial.restart()
    await trial.finish()
    verdict = await trial.judge()
    assert verdict.problems == ()
    kept = verdict.books
    assert (kept.planned, kept.ended, kept.open) == (prepared.SIZE, prepared.SIZE - prepared.TO_SEND, 0)
    assert kept.accepted_ever + kept.unknown == prepared.TO_SEND
    assert verdict.unknown <= open_then
