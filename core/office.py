"""What nearly every function needs to know of the agency it works for, handed down as one frozen thing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.clock import Clock, local_day
from core.crypto import ServiceKey
from core.limits import Limits
from core.texts import Texts
from core.wake import WakeUps
from core.workdays import Calendar


@dataclass(frozen=True)
class Office:
    """Clock, key, texts, calendar and limits of the agency, its time zone, its signature by language, its own address.

    `signature` maps zh-Hans, zh-Hant and en to what stands before every SMS; `public_url` is where providers and
    browsers reach the service, without a slash at its end.
    """

    clock: Clock
    key: ServiceKey
    texts: Texts
    calendar: Calendar
    limits: Limits
    zone: ZoneInfo
    locale: str
    signature: Mapping[str, str]
    public_url: str
    wakes: WakeUps = field(default_factory=WakeUps)

    def next_waking(self) -> datetime | None:
        """Return when the quiet hours end if they hold now, None where they do not."""
        local, quiet = self.clock.now().astimezone(self.zone), self.limits.quiet_hours
        if not quiet.holds_at(local.time()):
            return None
        end = datetime.combine(local.date(), quiet.end, self.zone)
        return end if end > local else datetime.combine(local.date() + timedelta(days=1), quiet.end, self.zone)

    def today(self) -> date:
        """Return the day in the agency's time zone."""
        return local_day(self.clock.now(), self.zone)
