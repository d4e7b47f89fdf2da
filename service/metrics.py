"""Metrics for Prometheus at `GET /metrics`: how sending stands, read from the rows when asked; no text, name, number.

The port is the one of the webhooks, so only this machine and the bearer of METRICS_TOKEN get an answer; anybody else
finds nothing there. A fixed number of queries is made, each cheap however many messages there are (`sending_queries`).
All processes on one database say the same, but for `process_…` and `lianxin_attempts_total` (since their start).
"""

import asyncio
import hmac
import ipaddress
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, Protocol

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from core.office import Office
from messaging import lane_book
from messaging.causes import Sort
from models import incident_queries, sending_queries, sql

READ_SECONDS: Final = 5.0
FORWARDED: Final = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")
LOCAL_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
log = structlog.get_logger()


_Rows = list[dict[str, Any]]
_Values = dict[tuple[str, ...], float | None]


class Counted(Protocol):
    """A lane of this process that counts what became of its attempts by outcome and code (`messaging.lanes.Lane`)."""

    id: int
    outcomes: Counter[tuple[str, str]]


Lanes = Callable[[], Iterable[Counted]]


def routes(office: Office, lanes: Lanes, token: str) -> list[web.RouteDef]:
    """Return the route of the metrics. `lanes` are those of this process; without a token only this machine may ask."""

    async def metrics(request: web.Request) -> web.Response:
        if not (_is_local(request) or _bears(request, token)):
            raise web.HTTPNotFound
        body = generate_latest(await collect(office, lanes()))
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    return [web.get("/metrics", metrics)]


def _is_local(request: web.Request) -> bool:
    """Say whether it was asked from this machine, under its own name and not through a proxy."""
    try:
        near = ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        return False
    return near and request.url.host in LOCAL_NAMES and not any(name in request.headers for name in FORWARDED)


def _bears(request: web.Request, token: str) -> bool:
    given = request.headers.get("Authorization", "")
    return bool(token) and hmac.compare_digest(given.encode(), f"Bearer {token}".encode())


async def collect(office: Office, lanes: Iterable[Counted]) -> CollectorRegistry:
    """Read everything anew into a registry. Where the database does not answer, `lianxin_database_up` is 0."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    families: list[Metric] = []
    try:
        async with asyncio.timeout(READ_SECONDS):
            families = await _read(office)
    except Exception:
        log.warning("metrics.not_read", exc_info=True)
        families = [_gauge("database_up", "Whether the database answered", {(): 0})]
    registry.register(_Families([*families, _attempts(lanes)]))
    return registry


class _Families:
    """A collector of metrics that were read already."""

    def __init__(self, families: list[Metric]) -> None:
        self.families = families

    def collect(self) -> Iterable[Metric]:
        """Return them."""
        return self.families


async def _read(office: Office) -> list[Metric]:
    now = office.clock.now()
    return [
        _gauge("database_up", "Whether the database answered", {(): 1}),
        *_queue(await sending_queries.queued(), await sending_queries.unsettled(), now),
        *_lanes(await sending_queries.lanes(office.today()), await sending_queries.lately(now), now),
        *_coming(await sending_queries.last_receipt_at(), await sending_queries.inbound_waiting(), now),
        _incidents(await incident_queries.still_open()),
        _gauge("processes", "Running processes", {(): len(await sending_queries.processes())}),
        _gauge("sending_stopped", "1 while sending is stopped by hand", {(): await lane_book.is_stopped()}),
    ]


def _gauge(name: str, help_: str, values: _Values, labels: Iterable[str] = ()) -> GaugeMetricFamily:
    """Return a gauge; a value that is None is left out."""
    family = GaugeMetricFamily(f"lianxin_{name}", help_, labels=tuple(labels))
    for key, value in values.items():
        if value is not None:
            family.add_metric(key, float(value))
    return family


def _seconds(now: datetime, stored: Any) -> float | None:
    since = sql.as_time(stored)
    return None if since is None else max(0.0, (now - since).total_seconds())


def _queue(queued: _Rows, unsettled: _Rows, now: datetime) -> list[Metric]:
    counts: _Values = {(row["channel"], "queued"): row["many"] for row in queued}
    counts |= {(row["channel"], row["state"]): row["many"] for row in unsettled}
    ages: _Values = {(row["channel"],): _seconds(now, row["oldest_at"]) for row in queued}
    return [
        _gauge("messages", "Messages that are queued, sending or unknown", counts, ("channel", "state")),
        _gauge("oldest_queued_seconds", "Age of the oldest queued message", ages, ("channel",)),
    ]


def _lanes(rows: _Rows, lately: _Rows, now: datetime) -> list[Metric]:
    did = {row["lane_id"]: row for row in lately}
    labels = ("lane", "name", "channel")

    def each(name: str, help_: str, value: Callable[[dict[str, Any]], float | None]) -> Metric:
        found: _Values = {(str(row["id"]), row["name"], row["channel"]): value(row) for row in rows}
        return _gauge(f"lane_{name}", help_, found, labels)

    return [
        each("enabled", "Whether the lane is switched on", lambda row: bool(row["enabled"])),
        each("owned", "Whether a process holds its lease", lambda row: (row["lease_left"] or 0) > 0),
        each("held_seconds", "For how long it still has to wait", lambda row: _left(row["held_until"], now)),
        each("rate", "Units a second that it may send", lambda row: row["rate"]),
        each("rate_achieved", "Units a second in the last minute", lambda row: did.get(row["id"], {}).get("rate", 0)),
        each("used_today", "Units sent today, where there is a limit", lambda row: row["used"]),
        each("limit_today", "Units that it may send today", lambda row: row["cap_day"]),
        each(
            "last_accepted_seconds",
            "Time since the last acceptance, where one is among the newest attempts",
            lambda row: _seconds(now, did.get(row["id"], {}).get("accepted_at")),
        ),
    ]


def _left(stored: Any, now: datetime) -> float:
    until = sql.as_time(stored)
    return 0.0 if until is None else max(0.0, (until - now).total_seconds())


def _coming(receipt_at: datetime | None, inbound: Mapping[str, Any], now: datetime) -> list[Metric]:
    return [
        _gauge("last_receipt_seconds", "Time since the last receipt", {(): _seconds(now, receipt_at)}),
        _gauge("inbound_waiting", "Messages that came in and are not handled", {(): inbound.get("many", 0)}),
        _gauge("inbound_oldest_seconds", "Age of the oldest of them", {(): _seconds(now, inbound.get("first_at"))}),
    ]


def _incidents(open_: _Rows) -> Metric:
    counts: _Values = {(str(sort),): sum(row["sort"] == sort for row in open_) for sort in Sort}
    return _gauge("incidents_open", "Open incidents", counts, ("sort",))


def _attempts(lanes: Iterable[Counted]) -> Metric:
    labels = ("lane", "outcome", "code")
    family = CounterMetricFamily("lianxin_attempts", "Attempts of this process by outcome and code", labels=labels)
    for lane in lanes:
        for (outcome, code), many in sorted(lane.outcomes.items()):
            family.add_metric((str(lane.id), outcome, code), many)
    return family
