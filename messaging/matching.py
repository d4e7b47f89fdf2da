"""Which of a provider's messages belongs to which try whose outcome is unknown. Pure.

Doubt leaves a try as it is: saying something twice is worse than not knowing. Nothing here trusts the two clocks to
agree by more than the window, except where both the text and the window say the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from messaging.channel import Sent

BEFORE: Final = timedelta(seconds=5)
AFTER: Final = timedelta(minutes=5)
NEAR: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt of unknown outcome: its text, when it was begun and when we gave it up."""

    id: int
    text: str
    started_at: datetime
    finished_at: datetime

    def may_have_made(self, moment: datetime) -> bool:
        """Say whether the provider may have made a message of it at this moment."""
        return self.started_at - BEFORE <= moment <= self.finished_at + AFTER


def judge(tries: Sequence[Try], unclaimed: Sequence[Sent]) -> Mapping[int, Sent | None]:
    """Return for each try to one number its message, or None where it is not there; one in doubt is left out.

    `unclaimed` holds, newest first, every message to that number that belongs to no other try of ours.
    """
    found: dict[int, Sent] = {}
    for alike in _alike(tries):
        found |= _pair(alike, unclaimed)
    taken = {sent.provider_id for sent in found.values()}
    left = [sent for sent in unclaimed if sent.provider_id not in taken]
    absent = (each.id for each in tries if each.id not in found and not any(_may_be(each, sent) for sent in left))
    return {**found, **dict.fromkeys(absent)}


def _alike(tries: Iterable[Try]) -> list[list[Try]]:
    """Group tries that one message could belong to: the same text, windows that meet. Oldest first."""
    groups: list[list[Try]] = []
    for each in sorted(tries, key=lambda one: (one.text, one.started_at, one.id)):
        last = groups[-1][-1] if groups else None
        meets = last is not None and last.text == each.text and each.started_at - BEFORE <= last.finished_at + AFTER
        groups[-1].append(each) if meets else groups.append([each])
    return groups


def _pair(alike: Sequence[Try], unclaimed: Sequence[Sent]) -> dict[int, Sent]:
    """Give each try its message, in order, where there are exactly as many messages as tries; else none."""
    fitting = [
        sent
        for sent in reversed(unclaimed)
        if sent.is_ours and sent.text == alike[0].text and any(one.may_have_made(sent.created_at) for one in alike)
    ]
    if len(fitting) != len(alike):
        return {}
    pairs = list(zip(alike, fitting, strict=True))
    return {one.id: sent for one, sent in pairs} if all(one.may_have_made(s.created_at) for one, s in pairs) else {}


def _may_be(one: Try, sent: Sent) -> bool:
    """Say whether a message that nothing else explains forbids to call a try absent.

    The same text at any time (a clock may be wrong), or any text near it (a provider may change a text).
    """
    return sent.text == one.text or one.started_at - NEAR <= sent.created_at <= one.finished_at + NEAR
