"""Recording results: in groups, as the outbox commits them, beside one commit a row by the bare driver.

How many results a commit holds is not assumed: a run is sent first at full speed, and its commits are counted.
"""

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg

from bench.agency import filled
from bench.figures import Experiment, Line, Sample, at_most
from bench.meter import Spent, measured
from bench.sending import sent_run
from bench.stand import Stand
from bench.store import Template, opened
from messaging.channel import SMS
from models import outbox_queries, sql
from models.outbox_queries import Settled

LANE, EPOCH = 1, 1
_ATTEMPT = "UPDATE attempt SET outcome = 'accepted', provider_id = $2, finished_at = $3 WHERE token = $1"
_MESSAGE = "UPDATE message SET state = 'accepted', state_at = $3, accepted_at = $3, provider_id = $2 WHERE id = $1"


def sending(stand: Stand, size: int) -> Template:
    """Return a run all of whose messages are with the provider, each with its open attempt."""

    async def write() -> None:
        now = stand.office.clock.now()
        await sql.execute("UPDATE lane SET epoch = $1", EPOCH)
        await sql.execute("UPDATE message SET state = 'sending', tries = 1")
        await sql.execute(
            "INSERT INTO attempt (message_id, token, lane_id, epoch, started_at)"
            " SELECT id, 'token-' || id, $1::bigint, $2::bigint, $3::timestamptz FROM message ORDER BY id",
            LANE,
            EPOCH,
            now,
        )

    return Template(f"sending-{size}", write, filled(stand.office, SMS, size))


def accepted(stand: Stand, size: int) -> Template:
    """Return a run all of whose messages the provider has accepted."""

    async def write() -> None:
        now = stand.office.clock.now()
        async with sql.transaction():
            await sql.execute_many(_ATTEMPT, [[f"token-{each}", _sid(each), now] for each in range(1, size + 1)])
            await sql.execute_many(_MESSAGE, [[each, _sid(each), now] for each in range(1, size + 1)])

    return Template(f"accepted-{size}", write, sending(stand, size))


async def results_in_a_commit(stand: Stand, size: int) -> float:
    """Send a run at full speed and return how many results one commit of it held, on the average."""
    async with sent_run(stand, SMS, size):
        commits = await sql.value("SELECT count(DISTINCT finished_at) FROM attempt")
    return size / int(commits)


async def _grouped(url: str, ids: Sequence[int], many: int, now: datetime) -> Spent:
    async with opened(url):
        await sql.value("SELECT count(*) FROM attempt")
        with measured() as spent:
            for first in range(0, len(ids), many):
                await _settle([_accepted(each, now) for each in ids[first : first + many]], now)
        left = await sql.value("SELECT count(*) FROM message WHERE state = 'sending'")
    if left:
        raise RuntimeError(f"{left} results were not recorded")
    return spent


async def _settle(group: Sequence[Settled], now: datetime) -> None:
    if outbox_queries.settles_alone():
        await outbox_queries.settle(group, LANE, EPOCH, now)
    else:
        async with sql.transaction():
            await outbox_queries.settle(group, LANE, EPOCH, now)


def _accepted(message_id: int, now: datetime) -> Settled:
    return Settled(
        f"token-{message_id}", message_id, "accepted", _sid(message_id), None, "accepted", None, None, now, 0
    )


def _sid(message_id: int) -> str:
    return f"SM{message_id:032x}"


async def _row_by_row(url: str, ids: Sequence[int], now: datetime) -> Spent:
    if url.startswith("sqlite"):
        with measured() as spent:
            await asyncio.to_thread(_row_by_row_in_file, Path(url.removeprefix("sqlite://")), ids, now)
        return spent
    connection = await asyncpg.connect(url)
    attempt, message = await connection.prepare(_ATTEMPT), await connection.prepare(_MESSAGE)
    with measured() as spent:
        for each in ids:
            async with connection.transaction():
                await attempt.fetch(f"token-{each}", _sid(each), now)
                await message.fetch(each, _sid(each), now)
    await connection.close()
    return spent


def _row_by_row_in_file(path: Path, ids: Sequence[int], now: datetime) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    moment = now.isoformat()
    for each in ids:
        values: tuple[Any, ...] = (f"token-{each}", _sid(each), moment)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_ATTEMPT.replace("$", "?"), values)
        connection.execute(_MESSAGE.replace("$", "?"), (each, *values[1:]))
        connection.execute("COMMIT")
    connection.close()


async def measure(stand: Stand, size: int) -> Mapping[str, Sample]:
    """Record as many results both ways, each on its own copy, in groups as large as a real run has them."""
    ids, now = range(1, size + 1), stand.office.clock.now()
    many = await results_in_a_commit(stand, size)
    async with stand.store.copy(sending(stand, size)) as url:
        base = await _row_by_row(url, ids, now)
    async with stand.store.copy(sending(stand, size)) as url:
        ours = await _grouped(url, ids, max(1, round(many)), now)
    return {"record": Sample(ours.wall / size * 1000, base.wall / size * 1000), "record.group": Sample(many, None)}


RECORD = Experiment(
    "record",
    measure,
    (1600, 800, 48),
    (
        Line("record", "recording a result, grouped as in a run", "one durable commit a row", "ms", at_most(0.1)),
        Line("record.group", "results in one commit of a run at full speed", "", ""),
    ),
)
