"""How processes on one database share the lanes: each says that it runs, takes free lanes, gives surplus ones up.

The process that has fewest takes a free lane. One that has at least two more than another gives a lane up in order:
what is being sent is finished first. So none has more than its part while another wants one.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from core.office import Office
from models import process_queries

BEAT_SECONDS: Final = 5.0


class Heartbeat:
    """Says every five seconds that this process runs."""

    def __init__(self, name: str, roles: Iterable[str]) -> None:
        self.name, self.roles = name, ",".join(sorted(roles))
        self._again_at = float("-inf")

    async def step(self, office: Office) -> None:
        """Say it where it is time."""
        now = office.clock.monotonic()
        if now >= self._again_at:
            await process_queries.beat(self.name, self.roles)
            self._again_at = now + BEAT_SECONDS

    async def end(self) -> None:
        """Say that it ends, so that others take its lanes as they become free."""
        self._again_at = float("inf")
        await process_queries.leave(self.name)


def may_take(mine: str, held: Mapping[str, int]) -> bool:
    """Say whether this process may take a free lane. `held`: how many each sending process has, this one's too."""
    return all(held.get(mine, 0) <= many for name, many in held.items() if name != mine)


def has_surplus(mine: str, held: Mapping[str, int]) -> bool:
    """Say whether this process should give a lane up: another has at least two fewer."""
    return any(held.get(mine, 0) - many >= 2 for name, many in held.items() if name != mine)
