"""Bad days: which call of which provider goes wrong, and how. What then happens on the wire is in `bad_days`."""

import random
from dataclasses import dataclass, field
from typing import Any

REQUEST_EFFECTS = frozenset(
    {
        "delay",
        "hang_before",
        "hang_after_accept",
        "reset_before",
        "reset_after_accept",
        "status_429",
        "status_5xx",
        "accept_then_500",
        "bad_body",
        "fail_permanently",
    }
)
"""Effects on the call itself."""

RECEIPT_EFFECTS = frozenset({"lose_receipt", "duplicate_receipt", "shuffle_receipts", "late_receipt"})
"""Effects on what is reported afterwards; SMS only, Telegram knows no receipts."""

WEBHOOK_EFFECTS = frozenset({"lose_webhook"})
"""Effects on what is posted when a phone or a chat says something; their calls have the method `webhook`."""

EFFECTS = REQUEST_EFFECTS | RECEIPT_EFFECTS | WEBHOOK_EFFECTS
"""Every effect that a fault may have."""

BODIES = ("empty", "html", "wrong_json", "no_id", "huge", "cut")
"""What `bad_body` may answer with."""

WEBHOOK = "webhook"
"""What a post to the application is called; no method of an API has this name."""

USUAL = frozenset({"create", "sendMessage", WEBHOOK})
"""The methods that a fault without `match.method` is about, of those that its effect can strike."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a fault looks at: the account SID or bot token, the method, the recipient where there is one."""

    provider: str
    owner: str
    method: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """Which calls a fault is about. Of those that fit, `first`, `nth` and `every` count (from 1) and choose."""

    owner: str | None = None
    to: str | None = None
    method: str | None = None
    nth: int | None = None
    every: int | None = None
    first: int | None = None

    def fits(self, call: Call) -> bool:
        """Say whether the call is of the kind this fault is about, counting apart."""
        if self.owner is not None and self.owner != call.owner:
            return False
        if self.to is not None and self.to != call.to:
            return False
        return call.method in USUAL if self.method is None else self.method in ("*", call.method)

    def chooses(self, number: int) -> bool:
        """Say whether the `number`-th fitting call is chosen."""
        if self.nth is not None and number != self.nth:
            return False
        if self.every is not None and number % self.every:
            return False
        return self.first is None or number <= self.first


@dataclass(slots=True)
class Fault:
    """One rule of a bad day, and how often it was looked at and fired."""

    id: str
    provider: str
    effect: str
    match: Match
    ms: int | None = None
    status: int = 503
    retry_after: float | str | None = 1
    error_code: int | None = None
    body: str = "empty"
    count: int | None = None
    probability: float = 1.0
    seed: int = 0
    seen: int = 0
    fired: int = 0
    _dice: random.Random = field(default_factory=random.Random, repr=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)

    def fires(self, call: Call) -> bool:
        """Count the call where it fits; say whether this fault strikes it."""
        if (self.effect in WEBHOOK_EFFECTS) != (call.method == WEBHOOK):
            return False
        if call.provider != self.provider or not self.match.fits(call):
            return False
        self.seen += 1
        if self.count is not None and self.fired >= self.count:
            return False
        if not self.match.chooses(self.seen) or self._dice.random() >= self.probability:
            return False
        self.fired += 1
        return True


class Faults:
    """The rules in force, in the order in which they were made."""

    def __init__(self) -> None:
        self._faults: dict[str, Fault] = {}
        self._last = 0

    def next_id(self) -> str:
        """Return a fresh id."""
        self._last += 1
        return f"F{self._last}"

    def add(self, fault: Fault) -> None:
        """Put a rule in force."""
        self._faults[fault.id] = fault

    def all(self) -> list[Fault]:
        """Return every rule in force."""
        return list(self._faults.values())

    def find(self, fault_id: str) -> Fault | None:
        """Return one rule."""
        return self._faults.get(fault_id)

    def remove(self, fault_id: str) -> bool:
        """Take a rule out of force; say whether there was one."""
        return self._faults.pop(fault_id, None) is not None

    def clear(self, owner: str | None = None) -> None:
        """Take out the rules made for one account or bot, or all."""
        kept = {} if owner is None else {k: f for k, f in self._faults.items() if f.match.owner != owner}
        self._faults = kept

    def strike(self, call: Call) -> list[Fault]:
        """Return the faults that strike this call; each counts it, whatever the others do."""
        return [fault for fault in self._faults.values() if fault.fires(call)]


def describe(fault: Fault) -> dict[str, Any]:
    """Return a fault as the JSON API shows it."""
    match = fault.match
    chosen = {
        "owner": match.owner,
        "to": match.to,
        "method": match.method,
        "nth": match.nth,
        "every": match.every,
        "first": match.first,
    }
    return {
        "id": fault.id,
        "provider": fault.provider,
        "effect": fault.effect,
        "match": {k: v for k, v in chosen.items() if v is not None},
        "ms": fault.ms,
        "status": fault.status,
        "retry_after": fault.retry_after,
        "error_code": fault.error_code,
        "body": fault.body,
        "count": fault.count,
        "probability": fault.probability,
        "seed": fault.seed,
        "seen": fault.seen,
        "fired": fault.fired,
    }
