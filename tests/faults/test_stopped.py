"""F22: of two processes the one that sends is stopped for longer than its lease, and goes on afterwards."""

import asyncio
from signal import SIGCONT, SIGSTOP
from typing import Any

import pytest

from models.lane import Lane
from models.lane_queries import LEASE_SECONDS
from models.outgoing import Attempt
from tests.faults.conftest import Begin
from tests.faults.harness import Trial
from tests.faults.program import Program

pytestmark = [pytest.mark.kill, pytest.mark.timeout(600)]
AFTER_SECONDS = 1.0


def beside(trial: Trial) -> Program:
    """Another process with the same settings, at a port of its own."""
    folder = trial.program.folder / "second"
    folder.mkdir()
    settings = {name: value for name, value in trial.program.settings.items() if name != "LISTEN"}
    return Program(folder, settings, trial.program.starter)


async def sent_by(trial: Trial, program: Program) -> list[dict[str, Any]]:
    """Return what the provider accepted from one process, which its callback's URL names."""
    told = [(row, row["requests"][0]["params"]["StatusCallback"]) for row in await trial.ledger()]
    return [row for row, callback in told if callback.startswith(program.url + "/")]


async def tries(epoch: int) -> dict[int, tuple[str | None, str | None]]:
    return {each.id: (each.outcome, each.provider_id) for each in await Attempt.filter(epoch=epoch)}


@pytest.mark.parametrize("prepared_url", ["postgres"], indirect=True)
async def test_f22_stopped_beyond_its_lease_it_sends_and_settles_nothing_of_its_old_epoch(begin: Begin) -> None:
    trial = await begin(rate=25, latency_ms=200, receipts=0)
    second = beside(trial)
    await trial.program.start()
    await trial.until_accepted(20)
    try:
        await second.start()
        trial.program.signal(SIGSTOP)
        was = (await Lane.get(channel="sms")).epoch

        async def taken_over() -> bool:
            lane = await Lane.get(channel="sms")
            return bool(lane.epoch > was)

        await asyncio.sleep(LEASE_SECONDS)
        await trial.until(taken_over, "a new owner of the lane", LEASE_SECONDS)
        await trial.until_accepted(await trial.accepted() + 30)
        before, settled = await sent_by(trial, trial.program), await tries(was)
        assert len(await sent_by(trial, second)) > 0
        assert {outcome for outcome, _ in settled.values()} <= {"accepted", "unknown"}
        trial.program.signal(SIGCONT)
        await asyncio.sleep(AFTER_SECONDS)
        await trial.until_accepted(await trial.accepted() + 30)
        assert len(await sent_by(trial, trial.program)) == len(before), "the old owner sent something"
        assert await tries(was) == settled, "the old owner settled something"
        await trial.finish()
        verdict = await trial.judge()
        assert verdict.problems == ()
        assert verdict.unknown == sum(outcome == "unknown" for outcome, _ in settled.values())
        assert await second.stop() == 0
        assert "Traceback" not in second.log
    finally:
        second.end()
