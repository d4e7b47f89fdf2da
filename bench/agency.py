"""The rows that experiments start from: many persons with one verified address each, and a run about to be filled."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from core.office import Office
from core.segments import count
from messaging.addresses import identity_hash
from messaging.channel import SMS
from messaging.lanes import ensure_lane
from models import sql
from models.campaign import Campaign, Run, RunText, Schedule
from models.fields import new_public_id

TEXT = "【星澜海关】中秋将至，请勿收受礼品礼金，收到请回复“收到”。"
SENDER = "+15005550006"
RATE = 10_000.0
BATCH = 5_000
_PERSON = (
    "INSERT INTO person (id, public_id, staff_no, name, lang, preferred_channel) VALUES ($1, $2, $3, $4, 'zh-Hans', $5)"
)
_ADDRESS = (
    "INSERT INTO address (public_id, channel, identity, identity_hash, person_id, created_at, verified_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $6)"
)


def identity(channel: str, number: int) -> str:
    """Return the number or chat id of a person of the bench."""
    return f"+8613{number:09}" if channel == SMS else str(600_000_000 + number)


def agency(office: Office, channel: str, size: int) -> Callable[[], Awaitable[None]]:
    """Return what writes that many persons reached by one channel, and one run to all of them that is due."""

    async def write() -> None:
        await _write_people(office, channel, size)
        await _write_run(office.clock.now())
        await ensure_lane(channel, SENDER if channel == SMS else "", RATE)

    return write


async def _write_people(office: Office, channel: str, size: int) -> None:
    now = office.clock.now()
    for first in range(1, size + 1, BATCH):
        numbers = range(first, min(first + BATCH, size + 1))
        async with sql.transaction():
            await sql.execute_many(_PERSON, list(_persons(office, channel, numbers)))
            await sql.execute_many(_ADDRESS, list(_addresses(office, channel, numbers, now)))


def _persons(office: Office, channel: str, numbers: range) -> Iterator[list[Any]]:
    for number in numbers:
        yield [number, new_public_id(), f"{number:08}", office.key.encrypt("张某"), channel]


def _addresses(office: Office, channel: str, numbers: range, now: datetime) -> Iterator[list[Any]]:
    for number in numbers:
        reached = identity(channel, number)
        hashed = identity_hash(office, channel, reached)
        yield [new_public_id(), channel, office.key.encrypt(reached), hashed, number, now]


async def _write_run(now: datetime) -> None:
    about: dict[str, Any] = {"audience": {"units": [], "post_classes": []}, "category": "education"}
    campaign = await Campaign.create(
        title="bench", state="active", author_id=1, created_at=now, updated_at=now, **about
    )
    schedule = await Schedule.create(campaign=campaign, rule={}, timezone="Asia/Shanghai")
    due_at = now - timedelta(seconds=1)
    run = await Run.create(campaign=campaign, schedule=schedule, due_at=due_at, state="due", **about)
    await RunText.create(run=run, lang="zh-Hans", text=TEXT, segments=count(TEXT).segments)
