"""Named places at which a test lets the process be killed. Nothing happens unless a test build asks for it.

`LIANXIN_TEST_BUILD=1` and `LIANXIN_FAILPOINT=name:count` kill the process with SIGKILL when it passes the place
for the count-th time. The names are in `PLACES`.
"""

import os
import signal
from itertools import count
from typing import Final

PLACES: Final = frozenset(
    {
        "outbox.claimed",
        "outbox.answered",
        "outbox.settling",
        "inbox.storing",
        "inbox.stored",
        "fill.before_commit",
        "fill.between",
        "fill.after_commit",
        "evidence.fetched",
        "evidence.sealed",
        "evidence.storing",
        "returns.before_commit",
        "returns.between",
    }
)


def _chosen() -> tuple[str, int] | None:
    place, _, times = os.environ.get("LIANXIN_FAILPOINT", "").partition(":")
    if os.environ.get("LIANXIN_TEST_BUILD") != "1" or not place:
        return None
    if place not in PLACES:
        raise ValueError(f"LIANXIN_FAILPOINT names no fail point: {place}")
    return place, int(times or 1)


_CHOSEN = _chosen()
_passed = count(1)


def hit(place: str) -> None:
    """Pass a place; a test build that named it is killed here."""
    if _CHOSEN is not None and place == _CHOSEN[0] and next(_passed) == _CHOSEN[1]:
        os.kill(os.getpid(), signal.SIGKILL)
