"""When a campaign is sent: at a date and time, N working days before a festival, or as soon as it is approved.

Pure but for the office's clock. A moment that is past or does not exist is refused with the next one that is possible.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from core.errors import Refused
from core.festivals import Festivals, SendDay
from core.office import Office

MOST_DAYS_BEFORE: Final = 30
FURTHEST: Final = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class AtTime:
    """A local date and time, without a zone."""

    at: datetime


@dataclass(frozen=True, slots=True)
class BeforeFestival:
    """N working days before the first day off of a festival; without a year the next one that is still possible."""

    festival: str
    days_before: int
    at: time
    year: int | None = None


@dataclass(frozen=True, slots=True)
class OnApproval:
    """As soon as it is approved."""


When = AtTime | BeforeFestival | OnApproval


@dataclass(frozen=True, slots=True)
class Due:
    """The moment (UTC; None until the approval), its day in the zone, and for a festival how the day was counted."""

    moment: datetime | None
    day: date | None = None
    counted: SendDay | None = None

    @property
    def provisional(self) -> bool:
        """Whether an announcement of days off still to come may move the day."""
        return self.counted is not None and self.counted.provisional


def to_rule(when: When) -> dict[str, Any]:
    """Return the rule as it is kept in a row."""
    if isinstance(when, AtTime):
        return {"at": when.at.isoformat(timespec="minutes")}
    if isinstance(when, OnApproval):
        return {"on": "approval"}
    at = when.at.isoformat(timespec="minutes")
    return {"festival": when.festival, "year": when.year, "days_before": when.days_before, "time": at}


def from_rule(rule: Any) -> When:
    """Return what a row keeps."""
    if "at" in rule:
        return AtTime(datetime.fromisoformat(rule["at"]))
    if "festival" not in rule:
        return OnApproval()
    return BeforeFestival(rule["festival"], rule["days_before"], time.fromisoformat(rule["time"]), rule["year"])


def read_at(office: Office, day: str, hhmm: str) -> AtTime:
    """Return a date (2026-09-22) and a time (09:00) that somebody typed.

    Raises Refused with the next possible date where there is no such day or time.
    """
    try:
        return AtTime(datetime.combine(date.fromisoformat(day.strip()), time.fromisoformat(hhmm.strip())))
    except ValueError:
        raise Refused("campaign.when_impossible", date=_say(_next_possible(office, time(9)))) from None


def fix(office: Office, when: When) -> When:
    """Return the rule with its year: a festival without one becomes the next that is possible. Raises Refused."""
    if not isinstance(when, BeforeFestival) or when.year is not None:
        return when
    sent = _next_festival(office, when)
    return BeforeFestival(when.festival, when.days_before, when.at, sent.occurrence.day.year)


def due_of(office: Office, when: When, *, grace: timedelta = timedelta(0)) -> Due:
    """Return the due moment of a rule.

    Raises Refused("campaign.when_past") with the next possible date when it is past by more than the grace,
    Refused("campaign.when_impossible") for a local time that the clocks skip, and for numbers out of range.
    """
    if isinstance(when, OnApproval):
        return Due(None)
    counted = _counted(office, when) if isinstance(when, BeforeFestival) else None
    if isinstance(when, BeforeFestival):
        assert counted is not None
        local = datetime.combine(counted.day, when.at)
    else:
        local = when.at
    moment = _moment(office, local)
    now = office.clock.now()
    if moment + grace < now:
        after = _next_festival(office, when).day if isinstance(when, BeforeFestival) else None
        possible = datetime.combine(after, local.time()) if after else _next_possible(office, local.time())
        raise Refused("campaign.when_past", date=_say(possible))
    if moment - now > FURTHEST:
        raise Refused("campaign.when_far", n=FURTHEST.days)
    return Due(moment, local.date(), counted)


def _counted(office: Office, when: BeforeFestival) -> SendDay:
    festivals = festivals_of(office)
    if when.festival not in festivals.by_key:
        raise Refused("campaign.no_festival")
    if not 1 <= when.days_before <= MOST_DAYS_BEFORE:
        raise Refused("campaign.days_before", max=MOST_DAYS_BEFORE)
    if when.year is None:
        return _next_festival(office, when)
    occurrence = festivals.in_year(when.festival, when.year)
    return SendDay(occurrence, office.calendar.before(occurrence.first_day_off, when.days_before))


def _next_festival(office: Office, when: BeforeFestival) -> SendDay:
    festivals = festivals_of(office)
    if when.festival not in festivals.by_key:
        raise Refused("campaign.no_festival")
    sent = festivals.send_day(when.festival, when.days_before, office.today())
    if datetime.combine(sent.day, when.at, office.zone) < office.clock.now():
        return festivals.send_day(when.festival, when.days_before, office.today() + timedelta(days=1))
    return sent


def _next_possible(office: Office, at: time) -> datetime:
    """The same time today where it is still to come on a working day, else on the next working day."""
    now, today = office.clock.now(), office.today()
    first = today if datetime.combine(today, at, office.zone) > now else today + timedelta(days=1)
    return datetime.combine(office.calendar.next_working(first).day, at)


def _moment(office: Office, local: datetime) -> datetime:
    moment = local.replace(tzinfo=office.zone).astimezone(UTC)
    back = moment.astimezone(office.zone)
    if back.replace(tzinfo=None) != local:
        raise Refused("campaign.when_impossible", date=_say(back))
    return moment


def _say(local: datetime) -> str:
    return local.strftime("%Y-%m-%d %H:%M")


def festivals_of(office: Office) -> Festivals:
    """Return the festivals on the office's calendar, for forms that list them."""
    return Festivals.load(office.calendar)
