"""Looking at a provider for what no webhook brought: every five minutes, and as soon as the lane is ours (again).

It becomes ours at a start and after the database was away: then webhooks found nobody, or were answered 503.
"""

from typing import Final, Protocol

import structlog

from core.office import Office
from messaging.channel import Channel, Listening
from messaging.http_call import NotWritten, Throttled, Unclear
from messaging.inbound_list import InboundList
from messaging.lanes import Lane
from messaging.patience import Patience
from messaging.pending import PendingUpdates
from messaging.telegram import TelegramChat

log = structlog.get_logger()

EVERY_SECONDS: Final = 300.0


class Look(Protocol):
    """One way of looking."""

    async def through(self, office: Office) -> int:
        """Store what no webhook brought; return how much. Raises NotWritten, Unclear or Throttled."""


class Looker:
    """What looks for one lane while this process owns it; it waits when the provider is in trouble."""

    def __init__(self, lane: Lane, look: Look, patience: Patience) -> None:
        self.lane, self.look, self.patience = lane, look, patience
        self._again_at = float("-inf")

    def is_due(self, office: Office) -> bool:
        """Say whether it is time to look, the lane is ours and nobody asked us to wait."""
        if not self.lane.is_owned(office):
            self._again_at = float("-inf")
            return False
        return office.clock.monotonic() >= self._again_at and self.patience.is_over(office)

    def note(self, office: Office) -> None:
        """Rest after a complete look."""
        self.patience.ease()
        self._again_at = office.clock.monotonic() + EVERY_SECONDS


def looker_for(lane: Lane, channel: Channel) -> Looker | None:
    """Return what looks for a lane; None where nothing can be looked for: a gateway, a bot that is polled anyway."""
    patience = Patience("looking.held", lane.id)
    if isinstance(channel, Listening):
        return Looker(lane, InboundList(lane, channel, patience), patience)
    if isinstance(channel, TelegramChat) and channel.settings.mode == "webhook":
        return Looker(lane, PendingUpdates(lane, channel, patience), patience)
    return None


async def step(office: Office, looker: Looker) -> int:
    """Look where it is time; return how much was found. Raises what the database raises."""
    if not looker.is_due(office):
        return 0
    try:
        found = await looker.look.through(office)
    except (NotWritten, Unclear, Throttled) as error:
        looker.patience.hold(office, str(error), error.retry_after if isinstance(error, Throttled) else None)
        return 0
    looker.note(office)
    if found:
        log.info("looking.found", lane=looker.lane.id, found=found)
    return found
