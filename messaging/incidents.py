"""Incidents: what is wrong with the service is kept as rows, and whoever looks after it is told, once for each.

One incident is open for each sort and lane. Any process may look: the unique index decides who opened it, and only
that one enqueues the alerts, in the same transaction. It stays open for a while after its cause was last seen, so that
what comes and goes is one incident.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

import structlog

from core.office import Office
from core.texts import sign
from messaging import causes
from messaging.causes import Cause, Sort
from messaging.channel import SMS, TELEGRAM
from messaging.outbox import NewMessage, enqueue
from models import incident_queries, sql

log = structlog.get_logger()

Receivers = Callable[[str], Awaitable[Sequence[int]]]
CALM: Final[Mapping[str, timedelta]] = {
    Sort.REFUSED: timedelta(minutes=10),
    Sort.UNREACHABLE: timedelta(minutes=5),
    Sort.UNOWNED: timedelta(minutes=2),
    Sort.WAITING: timedelta(minutes=5),
}
"""For how long a cause must be gone before its incident is closed; the others are closed at once."""

ALERTS_A_DAY: Final = 10
ALERT_LASTS: Final = timedelta(days=1)


def alert_key(incident_id: int, person_id: int) -> str:
    """Return the dedupe key under which a person is told of an incident: once, for ever."""
    return f"incident:{incident_id}:{person_id}"


async def step(office: Office, receivers: Receivers) -> int:
    """Open, go on with and close incidents; return how many were opened or closed.

    `receivers` returns the ids of the persons to be told of a sort, and is asked only when something new is wrong.
    """
    now = office.clock.now()
    found = {(str(cause.sort), cause.lane_id): cause for cause in await causes.find(office)}
    open_ = {(row["sort"], row["lane_id"]): row for row in await incident_queries.still_open()}
    for key in found.keys() & open_.keys():
        await incident_queries.go_on(open_[key]["id"], found[key].code, now)
    opened = [await _open(office, found[key], receivers) for key in sorted(found.keys() - open_.keys(), key=str)]
    closed = [await _close(row, now) for key, row in open_.items() if key not in found]
    return sum(opened) + sum(closed)


async def _open(office: Office, cause: Cause, receivers: Receivers) -> int:
    """Insert the incident and its alerts, all or nothing; 0 where another process was faster."""
    now = office.clock.now()
    persons = (
        [] if cause.sort is Sort.STOPPED else list(await receivers(cause.sort))
    )  # who stopped it knows; none leaves
    async with sql.transaction():
        incident_id = await incident_queries.begin(str(cause.sort), cause.lane_id, cause.code, now)
        if incident_id is None:
            return 0
        told = await _tell(office, cause, incident_id, persons)
    log.warning("incident.opened", incident=incident_id, sort=str(cause.sort), lane=cause.lane_id, told=told)
    return 1


async def _close(row: Mapping[str, Any], now: datetime) -> int:
    last_at = sql.as_time(row["last_at"])
    if last_at is not None and now - last_at < CALM.get(row["sort"], timedelta(0)):
        return 0
    await incident_queries.end(row["id"], now)
    log.info("incident.closed", incident=row["id"], sort=row["sort"], lane=row["lane_id"])
    return 1


async def _tell(office: Office, cause: Cause, incident_id: int, persons: Sequence[int]) -> int:
    """Enqueue one alert for each person who has a verified address and was not alerted too often today."""
    today = datetime.combine(office.today(), time.min, office.zone).astimezone(UTC)
    had = await incident_queries.alerts_since(persons, today)
    ways = _ways(await incident_queries.addresses(persons), cause)
    told = [
        await enqueue(office, _alert(office, cause, incident_id, way))
        for person, way in ways.items()
        if had.get(person, 0) < ALERTS_A_DAY
    ]
    return sum(told)


def _ways(addresses: Sequence[dict[str, Any]], cause: Cause) -> dict[int, dict[str, Any]]:
    """Return one address for each person: by chat, else by SMS; the other way round where the chat's lane is broken."""
    broken = cause.channel == TELEGRAM
    in_order = sorted(addresses, key=lambda row: (row["channel"] == TELEGRAM) == broken)
    ways: dict[int, dict[str, Any]] = {}
    for row in in_order:
        ways.setdefault(row["person_id"], row)
    return ways


def _alert(office: Office, cause: Cause, incident_id: int, way: Mapping[str, Any]) -> NewMessage:
    key = f"incident.{cause.sort}"
    text = office.texts.say(key, way["lang"])
    return NewMessage(
        dedupe_key=alert_key(incident_id, way["person_id"]),
        channel=way["channel"],
        address_id=way["id"],
        person_id=way["person_id"],
        category="duty",
        lang=way["lang"],
        text=sign(text, way["lang"], office.signature) if way["channel"] == SMS else text,
        text_key=key,
        expires_at=office.clock.now() + ALERT_LASTS,
    )
