"""What a seed draws: at which moments the program is killed, how fast it sends, what troubles the provider has."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.faults import prepared

RATES = (50, 100, 100, 200, 200, 200, 500, 500, 500, 500)
RECEIPTS = ("half lost", "half lost", "half lost", "once", "once", "twice")
EVERY_REAL = 25
"""Every so many-th seed starts the command itself and waits for PostgreSQL's lease; the others need neither."""

TROUBLES: Mapping[str, Mapping[str, Any]] = {
    "accepts and answers 500": {"effect": "accept_then_500", "probability": 0.05},
    "accepts and resets": {"effect": "reset_after_accept", "probability": 0.05},
    "accepts and hangs": {"effect": "hang_after_accept", "match": {"every": 60}, "ms": 2500},
    "resets": {"effect": "reset_before", "probability": 0.05},
    "answers 503": {"effect": "status_5xx", "probability": 0.05},
    "answers 429": {"effect": "status_429", "match": {"every": 150}, "retry_after": 1},
    "shuffles receipts": {"effect": "shuffle_receipts"},
}


@dataclass(frozen=True)
class Kill:
    """One SIGKILL: at a fail point, or so many seconds after so many messages were accepted, or delivered."""

    place: str
    failpoint: str = ""
    accepted: int = 0
    delivered: int = 0
    pause: float = 0.0

    def __str__(self) -> str:
        if self.failpoint:
            return self.failpoint
        many = f"{self.delivered} delivered" if self.delivered else f"{self.accepted} accepted"
        return f"{self.pause * 1000:.0f} ms after {many}"


@dataclass(frozen=True)
class Plan:
    """A run at a rate, its kills in their order, and what the provider does wrong besides (a name in TROUBLES)."""

    seed: int
    rate: int
    kills: tuple[Kill, ...]
    trouble: str = ""
    receipts: str = "once"
    is_real: bool = field(default=False)

    @property
    def moments(self) -> str:
        """Say when it is killed."""
        return ", then ".join(map(str, self.kills))


def plan_of(seed: int) -> Plan:
    """Draw a plan: three in ten are killed twice, three in ten meet a provider in trouble."""
    dice = random.Random(seed)
    rate = dice.choice(RATES)
    first = _first(dice)
    kills = (first, _second(dice, first)) if dice.random() < 0.3 else (first,)
    trouble = dice.choice(sorted(TROUBLES)) if dice.random() < 0.3 else ""
    receipts = dice.choice(RECEIPTS)
    return Plan(seed, rate, kills, trouble, receipts, seed % EVERY_REAL == EVERY_REAL - 1)


def _first(dice: random.Random) -> Kill:
    match dice.randrange(10):
        case 0:
            return Kill("filling", dice.choice(("fill.before_commit", "fill.after_commit")))
        case 1 | 2 | 3:
            return Kill("group commit", f"outbox.settling:{dice.randint(1, 40)}")
        case 4:
            return Kill("around a send", f"outbox.{dice.choice(('claimed', 'answered'))}:{dice.randint(1, 12)}")
        case 5 | 6 | 7:
            return Kill("any moment", accepted=dice.randrange(prepared.TO_SEND), pause=dice.uniform(0, 0.1))
        case _:
            return Kill("receipts", delivered=dice.randrange(1, prepared.TO_SEND), pause=dice.uniform(0, 0.1))


def _second(dice: random.Random, first: Kill) -> Kill:
    least = max(first.accepted, first.delivered)
    match dice.randrange(3):
        case 0:
            return Kill("group commit", f"outbox.settling:{dice.randint(1, 20)}")
        case 1:
            return Kill("any moment", accepted=dice.randint(least, prepared.TO_SEND), pause=dice.uniform(0, 0.1))
        case _:
            return Kill("receipts", delivered=dice.randint(least + 1, prepared.TO_SEND), pause=dice.uniform(0, 0.1))
