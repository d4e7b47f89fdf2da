"""Which lane sends what: the share of each lane of a channel, from the rows of all of them. Pure.

A number goes to the lanes that can be used and have the longest prefix that fits it; where none of a prefix can be
used, its numbers go to the next shorter one. Among lanes of one prefix addresses are divided by weight, the same
address always to the same lane. An answer to somebody leaves by the lane that he wrote to, where that can be used.
A chat belongs to its bot: what the bot cannot say now waits for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from messaging.channel import SMS
from models.claim_queries import Share

LONG_HOLD: Final = timedelta(seconds=50)
"""A lane that has to wait longer than this gives its numbers away. The pauses of a lane that finds no reason grow to
60 s within about a minute of trouble, and the row is written a little after the pause began."""


@dataclass(frozen=True, slots=True)
class LaneFacts:
    """What decides whether a lane can be used: `alive` says that somebody owns it, `room` what its day still has.

    `held` is the length of the pause that the provider or its trouble asked for, where it is not over.
    """

    id: int
    channel: str
    prefix: str = ""
    weight: int = 1
    enabled: bool = True
    alive: bool = True
    room: int | None = None
    held: timedelta = timedelta(0)

    @property
    def is_usable(self) -> bool:
        """Whether messages may be kept for this lane."""
        has_room = self.room is None or self.room > 0
        return self.enabled and self.alive and has_room and self.held <= LONG_HOLD


def hold_of(now: datetime, held_until: datetime | None, since: datetime | None) -> timedelta:
    """Return the length of a pause that is not over, else nothing."""
    if held_until is None or held_until <= now:
        return timedelta(0)
    return held_until - (since or now)


def shares(lanes: Sequence[LaneFacts]) -> dict[int, Share | None]:
    """Return the share of each of one channel's lanes; None where a lane is the only one and takes everything."""
    if len(lanes) == 1:
        return {lanes[0].id: None}
    ordered = sorted(lanes, key=lambda lane: lane.id)
    if ordered and ordered[0].channel != SMS:
        return {lane.id: Share(lane.id, by_home=True, is_first=lane is ordered[0]) for lane in ordered}
    usable = [lane for lane in ordered if lane.is_usable]
    homes = tuple(lane.id for lane in usable)
    return {lane.id: _numbers(lane, usable, homes) for lane in ordered}


def _numbers(lane: LaneFacts, usable: Sequence[LaneFacts], homes: tuple[int, ...]) -> Share:
    if not lane.is_usable:
        return Share(lane.id, homes=homes)
    peers = [each for each in usable if each.prefix == lane.prefix]
    low = sum(each.weight for each in peers if each.id < lane.id)
    return Share(
        lane.id,
        prefix=lane.prefix,
        longer=_longer(lane.prefix, usable),
        total=sum(each.weight for each in peers),
        low=low,
        high=low + lane.weight,
        homes=homes,
    )


def _longer(prefix: str, usable: Sequence[LaneFacts]) -> tuple[str, ...]:
    """Return the prefixes that narrow this one, without those that are narrower than another of them."""
    found = sorted({each.prefix for each in usable if each.prefix != prefix and each.prefix.startswith(prefix)})
    return tuple(each for each in found if not any(other != each and each.startswith(other) for other in found))
