"""What a process knows of all lanes: read at most once a second, at once after a change that it was told of."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from core.office import Office
from messaging import processes, routing
from messaging.routing import LaneFacts
from models import lane_queries, process_queries, sql
from models.claim_queries import Share

FRESH_SECONDS: Final = 1.0
SHARE_SECONDS: Final = 30.0
PATIENCE_SECONDS: Final = 10.0
KEEP_SECONDS: Final = 300.0


@dataclass(frozen=True, slots=True)
class LaneSpec:
    """What a lane's sender is made from; when it changes, another one is made.

    `credentials` are encrypted; None: those of the settings.
    """

    id: int
    name: str
    channel: str
    sender: str
    rate: float
    enabled: bool
    credentials: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Seen:
    """One lane as it was seen: whose it is, what it may still send today, its share of the queue."""

    spec: LaneSpec
    owner: str | None
    room: int | None
    share: Share | None


class LaneBoard:
    """All lanes as `process` sees them. `alone`: no other process uses this database.

    `surplus` is the lane that this process should give up, because another has too few.
    """

    def __init__(self, process: str, *, alone: bool) -> None:
        self.process, self.alone = process, alone
        self.lanes: Mapping[int, Seen] = {}
        self.is_stopped = False
        self._held: Mapping[str, int] = {process: 0}
        self.surplus: int | None = None
        self._keeps_until = -math.inf
        self._looked_at = -math.inf
        self._turn = 0
        self._shares_since = -math.inf
        self._free_since: dict[int, float] = {}

    async def look(self, office: Office) -> None:
        """Read the rows, where they were not read within a second and nobody told of a change."""
        now, turn = office.clock.monotonic(), office.wakes.lanes.turn
        if now - self._looked_at < FRESH_SECONDS and turn == self._turn:
            return
        rows = await lane_queries.every(office.today())
        senders = [] if self.alone else await process_queries.senders()
        self._looked_at, self._turn = now, turn
        self.is_stopped = bool(rows) and bool(rows[0]["stopped"])
        self._note_lanes(rows, office.clock.now(), now)
        owned = Counter(row["owner"] for row in rows if row["alive"])
        self._held = {name: owned[name] for name in {*senders, self.process}}
        self.surplus = self._find_surplus(now)

    def forget(self) -> None:
        """Look anew at the next chance: this process changed a row."""
        self._looked_at = -math.inf

    def may_take(self, office: Office, lane_id: int) -> bool:
        """Say whether this process may take a lane: it has fewest, or nobody took it for ten seconds.

        In that case the others seem unable to, and nothing is given up to them for a while.
        """
        if self.alone or processes.may_take(self.process, self._held):
            return True
        now = office.clock.monotonic()
        if now - self._free_since.get(lane_id, math.inf) < PATIENCE_SECONDS:
            return False
        self._keeps_until = now + KEEP_SECONDS
        return True

    def _find_surplus(self, now: float) -> int | None:
        if self.alone or now < self._keeps_until or not processes.has_surplus(self.process, self._held):
            return None
        return max(lane_id for lane_id, seen in self.lanes.items() if seen.owner == self.process)

    def _note_lanes(self, rows: Sequence[Mapping[str, Any]], now: datetime, moment: float) -> None:
        shares = self._shares([_facts(row, now) for row in rows], moment)
        seen = {row["id"]: _seen(row, shares[row["id"]]) for row in rows}
        free = {lane_id for lane_id, each in seen.items() if each.owner is None}
        self._free_since = {lane_id: self._free_since.get(lane_id, moment) for lane_id in free}
        self.lanes = seen

    def _shares(self, facts: Sequence[LaneFacts], moment: float) -> dict[int, Share | None]:
        """Keep a share that did not change with its marks, for half a minute: what came back meanwhile is seen then."""
        channels = {each.channel for each in facts}
        new: dict[int, Share | None] = {}
        for channel in channels:
            new |= routing.shares([each for each in facts if each.channel == channel])
        if moment - self._shares_since >= SHARE_SECONDS:
            self._shares_since = moment
            return new
        old = {lane_id: seen.share for lane_id, seen in self.lanes.items()}
        return {lane_id: old[lane_id] if old.get(lane_id) == share else share for lane_id, share in new.items()}


def _facts(row: Mapping[str, Any], now: datetime) -> LaneFacts:
    return LaneFacts(
        id=row["id"],
        channel=row["channel"],
        prefix=row["prefix"],
        weight=max(row["weight"], 1),
        enabled=bool(row["enabled"]),
        alive=bool(row["alive"]),
        room=_room(row),
        held=routing.hold_of(now, sql.as_time(row["held_until"]), sql.as_time(row["last_error_at"])),
    )


def _room(row: Mapping[str, Any]) -> int | None:
    return None if row["cap_day"] is None else int(max(row["cap_day"] - row["used"], 0))


def _seen(row: Mapping[str, Any], share: Share | None) -> Seen:
    credentials = row["credentials"]
    spec = LaneSpec(
        id=row["id"],
        name=row["name"],
        channel=row["channel"],
        sender=row["sender"],
        rate=row["rate"],
        enabled=bool(row["enabled"]),
        credentials=bytes(credentials) if credentials is not None else None,
    )
    return Seen(spec, row["owner"] if row["alive"] else None, _room(row), share)
