"""What no webhook brought, by the provider's own list: day by day, each day's messages in the order they were sent.

A provider repeats a webhook a few times at most, and none that it never tried. What the list has and no row has goes
the way of a webhook, under the same id, so that a webhook that comes later changes nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import structlog

from core.office import Office
from messaging import inbox
from messaging.channel import Heard, HeardPage, Listening
from messaging.http_call import Unclear
from messaging.lanes import Lane
from messaging.patience import Patience
from models import looking_queries

log = structlog.get_logger()

OVERLAP: Final = timedelta(hours=1)
FARTHEST: Final = timedelta(days=3)
LEFT_TO_WEBHOOK: Final = timedelta(minutes=1)
MOST_PAGES: Final = 200
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Looked:
    """When looking for a sender began, and up to when its list was looked through."""

    began: datetime
    done: datetime

    def since(self, now: datetime) -> datetime:
        """Return where to begin: an hour before the last look's end, three days back at most, never before the first.

        A last look in the future is one of a clock that was wrong.
        """
        done = self.done - OVERLAP if self.done <= now else now - FARTHEST
        return max(done, now - FARTHEST, min(self.began, now))


class InboundList:
    """Looks through the list of one lane's sender, from where the last look ended."""

    def __init__(self, lane: Lane, channel: Listening, patience: Patience) -> None:
        self.lane, self.channel, self.patience = lane, channel, patience

    async def through(self, office: Office) -> int:
        """Store what no webhook brought; return how many messages. What came before the first look is not ours.

        What is younger than a minute is left to its webhook. Raises NotWritten, Unclear or Throttled where the list
        cannot be read to its end; whole days before that are done. Raises what the database raises.
        """
        now = office.clock.now()
        looked = await self._last_look() or Looked(now.replace(second=0, microsecond=0), now)
        since, found = looked.since(now), 0
        for day in _days(since, now):
            found += await self._store(office, await self._missing(office, day, since, now - LEFT_TO_WEBHOOK))
            done = min(now, datetime.combine(day + DAY, time(), UTC))
            await looking_queries.put_stamp(self._name, f"{looked.began.isoformat()} {done.isoformat()}")
        return found

    @property
    def _name(self) -> str:
        """Another sender under the same lane is looked for anew."""
        return f"looked {self.lane.id} {self.lane.sender}"[:64]

    async def _last_look(self) -> Looked | None:
        kept = await looking_queries.stamp(self._name)
        return Looked(*map(datetime.fromisoformat, kept.split())) if kept is not None else None

    async def _missing(self, office: Office, day: date, since: datetime, until: datetime) -> list[Heard]:
        """Read a day's list up to what was sent before `since`; return what no row has, oldest first."""
        missing: list[Heard] = []
        page = HeardPage()
        seen: set[str] = set()
        for _ in range(MOST_PAGES):
            page = await self._page(office, day, page.next_page)
            missing += await self._unknown(each for each in page.heard if since <= each.at <= until)
            if page.next_page is None or (page.newest is not None and page.newest < since):
                break
            if page.next_page in seen:
                raise Unclear("page_again")
            seen.add(page.next_page)
        else:
            log.error("looking.too_many", lane=self.lane.id, day=day.isoformat())
        return sorted(reversed(missing), key=lambda each: each.at)

    async def _page(self, office: Office, day: date, which: str | None) -> HeardPage:
        if not self.lane.is_owned(office):
            raise Unclear("lane_lost")
        await self.patience.turn(office)
        return await self.channel.came_in(day, which)

    async def _unknown(self, heard: Iterable[Heard]) -> list[Heard]:
        by_id = {each.arrival.provider_id: each for each in heard}
        known = await looking_queries.known(self.lane.channel, list(by_id))
        return [each for provider_id, each in by_id.items() if provider_id not in known]

    async def _store(self, office: Office, missing: Iterable[Heard]) -> int:
        return sum([await inbox.receive(office, self.lane.id, each.arrival) for each in missing])


def _days(first: datetime, last: datetime) -> Iterator[date]:
    day = first.astimezone(UTC).date()
    while day <= last.astimezone(UTC).date():
        yield day
        day += DAY
