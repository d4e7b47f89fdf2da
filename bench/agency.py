"""The rows that experiments start from: many persons with one verified address each, and a run.

Persons are made by statements, a million in seconds. Their numbers repeat after a thousand, since each is encrypted by
itself; nothing that is measured looks at whether two persons share one.
"""

from datetime import datetime, timedelta
from typing import Any

from bench.store import Template
from campaigns import running
from core.office import Office
from core.segments import count
from messaging.addresses import route_of
from messaging.channel import SMS
from messaging.lanes import ensure_lane
from models import sql
from models.campaign import Campaign, Run, RunText, Schedule

TEXT = "【星澜海关】中秋将至，请勿收受礼品礼金，收到请回复“收到”。"
SENDER = "+15005550006"
RATE = 10_000.0
"""So many a second that a lane never waits for its rate."""
NUMBERS = 1_000
_COUNTING = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1::bigint)"
_PERSONS = (
    f"INSERT INTO person (id, public_id, staff_no, name, lang, preferred_channel) {_COUNTING}"
    " SELECT n, CAST(1000000000000000 + n AS TEXT), CAST(n AS TEXT), $2::bytea, 'zh-Hans', $3::text FROM numbers"
)
_ADDRESSES = (
    "INSERT INTO address (public_id, channel, identity, identity_hash, route, person_id, created_at, verified_at)"
    f" {_COUNTING} SELECT CAST(1000000000000000 + n AS TEXT), $2::text, i.identity,"
    f" CAST(1000000000000000 + n AS TEXT) || '{'0' * 48}', i.route, n, $3::timestamptz, $3::timestamptz"
    f" FROM numbers JOIN bench_identity i ON i.place = n % {NUMBERS}"
)


def identity(channel: str, number: int) -> str:
    """Return the number or chat id of a person of the bench."""
    return f"+8613{number:09}" if channel == SMS else str(600_000_000 + number)


def agency(office: Office, channel: str, size: int) -> Template:
    """Return that many persons reached by one channel, one lane, and one run to all of them that is due."""

    async def write() -> None:
        await _write_people(office, channel, size)
        await _write_run(office.clock.now())
        await ensure_lane(channel, SENDER if channel == SMS else "", RATE)

    return Template(f"{channel}-{size}", write)


def filled(office: Office, channel: str, size: int) -> Template:
    """Return the agency with its run filled: one queued message for each person."""

    async def write() -> None:
        while await running.fill_step(office):
            pass
        found = await sql.value("SELECT count(*) FROM message WHERE state = 'queued'")
        if found != size:
            raise RuntimeError(f"{size} rows were to be made, {found} were")

    return Template(f"{channel}-{size}-filled", write, agency(office, channel, size))


async def _write_people(office: Office, channel: str, size: int) -> None:
    blob = "bytea" if sql.is_postgres() else "blob"
    async with sql.transaction():
        await sql.execute(f"CREATE TABLE bench_identity (place BIGINT PRIMARY KEY, identity {blob}, route TEXT)")
        numbers = [identity(channel, place + 1) for place in range(NUMBERS)]
        reached = [[place, office.key.encrypt(each), route_of(channel, each)] for place, each in enumerate(numbers)]
        await sql.execute_many("INSERT INTO bench_identity (place, identity, route) VALUES ($1, $2, $3)", reached)
        await sql.execute(_PERSONS, size, office.key.encrypt("张某"), channel)
        await sql.execute(_ADDRESSES, size, channel, office.clock.now())
        await sql.execute("DROP TABLE bench_identity")


async def _write_run(now: datetime) -> None:
    about: dict[str, Any] = {"audience": {"units": [], "post_classes": []}, "category": "education"}
    campaign = await Campaign.create(
        title="bench", state="active", author_id=1, created_at=now, updated_at=now, **about
    )
    schedule = await Schedule.create(campaign=campaign, rule={}, timezone="Asia/Shanghai")
    due_at = now - timedelta(seconds=1)
    run = await Run.create(campaign=campaign, schedule=schedule, due_at=due_at, state="due", **about)
    await RunText.create(run=run, lang="zh-Hans", text=TEXT, segments=count(TEXT).segments)
