"""One random trial: the run of 500, killed and started again as its plan says, then judged."""

import asyncio
import signal
import time
from dataclasses import dataclass

from models.campaign import Run
from tests.faults.beginning import Begin
from tests.faults.harness import Trial, Verdict, states
from tests.faults.random_plan import TROUBLES, Kill, Plan

LOOK_SECONDS = 0.05
GRACE_SECONDS = 2.0
"""How long after the run's end a kill that waits for receipts waits on: some may be lost."""


@dataclass(frozen=True)
class Told:
    """What a trial came to: accepted at the first kill, open at all kills, calls the trouble struck, the verdict."""

    accepted_then: int
    open_then: int
    struck: int
    verdict: Verdict

    @property
    def problems(self) -> tuple[str, ...]:
        """Say what should not be: what the verdict says, and more unknown than was open or struck."""
        too_many = self.verdict.unknown > self.open_then + self.struck
        return (*self.verdict.problems, *(["more unknown than was open or struck"] if too_many else []))


async def tried(begin: Begin, plan: Plan) -> Told:
    """Carry a plan out."""
    trial = await begin(rate=plan.rate, receipts=2 if plan.receipts == "twice" else 1)
    trial.waits_for_lease = plan.is_real
    trial.gives_up_receipts = True
    if plan.receipts == "half lost":
        await trial.provider.fault("lose_receipt", probability=0.5, seed=plan.seed)
    trouble = await trial.provider.fault(**TROUBLES[plan.trouble]) if plan.trouble else None
    accepted, left_open = [], 0
    for kill in plan.kills:
        await _killed(trial, kill)
        accepted.append(await trial.accepted())
        left_open += (await states())["sending"]
        await trial.look()
        await trial.end_lease()
    await trial.program.start()
    await trial.finish()
    struck = (await trial.provider.call("GET", f"faults/{trouble['id']}"))["fired"] if trouble else 0
    return Told(accepted[0], left_open, struck, await trial.judge())


async def _killed(trial: Trial, kill: Kill) -> None:
    """Start the program and kill it; also where what the kill waits for does not come: then after the run's end."""
    trial.program.launch(kill.failpoint)
    over_since: list[float] = []

    async def is_over() -> bool:
        if not over_since and await Run.filter(state="finished").exists():
            over_since.append(time.monotonic())
        return bool(over_since) and time.monotonic() - over_since[0] > GRACE_SECONDS

    async def moment() -> bool:
        if not trial.program.is_running:
            return True
        if kill.delivered and (await states())["delivered"] >= kill.delivered:
            return True
        if not kill.failpoint and not kill.delivered and await trial.accepted() >= kill.accepted:
            return True
        return await is_over()

    await trial.until(moment, str(kill), pause=LOOK_SECONDS)
    await asyncio.sleep(kill.pause)
    if trial.program.is_running:
        trial.program.signal(signal.SIGKILL)
    assert await trial.program.ended() == -9, trial.program.log[-3000:]
