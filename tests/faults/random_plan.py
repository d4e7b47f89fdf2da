"""Which moment a seed kills at, and the table of what came of it."""

import os
import random
from dataclasses import dataclass

from tests.faults import prepared
from tests.faults.harness import Verdict

RATES = (50, 100, 200, 500)
FILL = ("fill.before_commit", "fill.after_commit")
ASKED = os.environ.get("LIANXIN_FAULT_KILLS", "")
KILLS = int(ASKED or 1)
"""How many seeds are tried on each database. Where it is asked for, PostgreSQL's lease is waited for in full."""
LINES: list[str] = []
HEAD = "| database | seed | segments a second | killed | accepted then | open then | accepted | unknown | twice | missing | verdict |"  # noqa: E501
RULE = "|---|---|---|---|---|---|---|---|---|---|---|"


@dataclass(frozen=True)
class Plan:
    """A run at a rate, killed at a fail point, or so many seconds after so many messages were accepted."""

    seed: int
    rate: int
    failpoint: str = ""
    accepted: int = 0
    pause: float = 0.0

    @property
    def moment(self) -> str:
        """Say when, for the table."""
        return self.failpoint or f"{self.pause * 1000:.0f} ms after {self.accepted} accepted"


def plan_of(seed: int) -> Plan:
    """Draw a plan: one in ten while filling, four inside a group commit, five at any moment of the run."""
    dice = random.Random(seed)
    rate, die = dice.choice(RATES), dice.randrange(10)
    if die == 0:
        return Plan(seed, rate, dice.choice(FILL))
    if die < 5:
        return Plan(seed, rate, f"outbox.settling:{dice.randint(1, 40)}")
    return Plan(seed, rate, accepted=dice.randrange(prepared.TO_SEND), pause=dice.uniform(0, 0.1))


def note(database: str, plan: Plan, then: tuple[int, int], verdict: Verdict) -> None:
    """Keep a line of the table."""
    said = "holds" if not verdict.problems else "; ".join(verdict.problems)
    cells = (
        *(database, plan.seed, plan.rate, plan.moment, *then),
        *(verdict.accepted, verdict.unknown, verdict.twice, verdict.missing, said),
    )
    LINES.append("| " + " | ".join(map(str, cells)) + " |")
