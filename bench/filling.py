"""Filling: a run turned into message rows, beside one plain INSERT … SELECT into the same table."""

from collections.abc import Mapping
from datetime import timedelta

from bench.agency import agency
from bench.figures import Experiment, Line, Sample, at_most
from bench.meter import Spent, measured
from bench.stand import Stand
from bench.store import opened
from campaigns import running
from messaging.channel import SMS
from models import sql

TIMES = 10
_BARE = (
    "INSERT INTO message (dedupe_key, channel, address_id, person_id, run_id, category, priority, lang, state,"
    " queued_at, state_at, expires_at, tries, segments)"
    " SELECT 'run:1:' || p.id || ':sms:1', 'sms', a.id, p.id, 1, 'education', 9, p.lang, 'queued', $1::timestamptz,"
    " $1::timestamptz, $2::timestamptz, 0, 1 FROM person p JOIN address a ON a.person_id = p.id"
    " WHERE p.status = 'active'"
)


async def _filled(stand: Stand, size: int, *, bare: bool) -> Spent:
    async with stand.store.copy(agency(stand.office, SMS, size)) as url, opened(url):
        await sql.value("SELECT count(*) FROM address")
        with measured() as spent:
            await (_fill_bare(stand) if bare else _fill(stand))
        found = await sql.value("SELECT count(*) FROM message")
        if found != size:
            raise RuntimeError(f"{size} rows were to be made, {found} were")
    return spent


async def _fill(stand: Stand) -> None:
    while await running.fill_step(stand.office):
        pass


async def _fill_bare(stand: Stand) -> None:
    now = stand.office.clock.now()
    async with sql.transaction():
        await sql.execute(_BARE, now, now + timedelta(hours=48))


async def measure(stand: Stand, size: int) -> Mapping[str, Sample]:
    """Fill a run both ways, each on its own copy of the same agency."""
    bare = await _filled(stand, size, bare=True)
    ours = await _filled(stand, size, bare=False)
    return {"fill": Sample(ours.wall, bare.wall)}


async def measure_large(stand: Stand, size: int) -> Mapping[str, Sample]:
    """Fill a large run both ways, and a tenth of it by our way."""
    bare = await _filled(stand, size, bare=True)
    tenth = await _filled(stand, size // TIMES, bare=False)
    ours = await _filled(stand, size, bare=False)
    return {"fill.large": Sample(ours.wall, bare.wall), "fill.growth": Sample(ours.wall, tenth.wall)}


FILL = Experiment(
    "fill",
    measure,
    (100_000, 10_000, 200),
    (Line("fill", "fill of a run of {size}", "bare INSERT … SELECT", "s", at_most(1.5)),),
)
FILL_LARGE = Experiment(
    "fill-large",
    measure_large,
    (1_000_000, 100_000, 2_000),
    (
        Line("fill.large", "fill of a run of {size}", "bare INSERT … SELECT", "s", at_most(1.5)),
        Line("fill.growth", "fill of a run of {size}", "of {small}", "s", at_most(12)),
    ),
    rounds=1,
    small=lambda size: size // TIMES,
)
