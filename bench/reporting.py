"""A year's report counted from rows, as many records as an agency has in many years beside a tenth of them."""

from collections.abc import Mapping

from bench.figures import Experiment, Line, Sample, at_most
from bench.meter import Spent, measured
from bench.stand import Stand
from bench.store import Template, opened
from core.texts import Texts
from models import sql
from models.org import Grant, Person, Unit
from models.record import KeyGroup
from oversight.periods import parse_period
from oversight.reports import load_reports, make
from people.access import actor_of
from records.loading import load_kinds
from service.opening import CATALOGUES

TIMES = 10
UNITS = 25
YEAR = "2026"
_FACTS = (
    '\'{"@course":{"entered":{"reported":"2026-03-01T08:00:00+00:00"},"filed_late":false},"amount":\''
    ' || (n % 9 * 10000) || \',"amount_cny":\' || (n % 9 * 10000) || \',"handling":"\' || (n % 5 + 1)'
    ' || \'","letter_sent":"2026-0\' || (n % 9 + 1) || \'-15","received_at":"2026-0\' || (n % 9 + 1)'
    " || '-0' || (n % 9 + 1) || '\"}'"
)
_RECORDS = (
    "INSERT INTO record (public_id, kind, kind_version, number, state, state_since, facts, tracks, unit_id, group_id,"
    " lang, channel, filed_at, lock_version)"
    " WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1::bigint)"
    " SELECT CAST(1000000000000000 + n AS TEXT), 'gift', 'v', 'HB' || CAST(n AS TEXT), 'verified', $2::timestamptz,"
    f' {_FACTS}, \'{{"custody":"none","publication":"not_met"}}\', n % {UNITS} + 1, 1, \'zh-Hans\', \'sms\','
    " $2::timestamptz, 1 FROM numbers"
)


def register(stand: Stand, size: int) -> Template:
    """Return a register of so many gifts of one year, spread over some units, and the head who reads them."""

    async def write() -> None:
        now, seal = stand.office.clock.now(), stand.office.key.encrypt
        async with sql.transaction():
            for place in range(1, UNITS + 1):
                await Unit.create(id=place, code=f"U{place:02}", name_zh=f"U{place:02}", parent_id=None)
            person = await Person.create(staff_no="1", name=seal("张某"), unit_id=1)
            await Grant.create(person_id=person.id, role="integrity_head")
            await KeyGroup.create(id=1, name="integrity_office", public_key=b"", private_key=b"", created_at=now)
            await sql.execute(_RECORDS, size, now)

    return Template(f"register-{size}", write)


async def _reported(stand: Stand, size: int) -> Spent:
    texts = Texts.load(*CATALOGUES)
    reports = load_reports(load_kinds(texts, stand.office.limits))
    async with stand.store.copy(register(stand, size)) as url, opened(url):
        actor = await actor_of(stand.office, (await Person.get(staff_no="1")).id)
        await sql.value("SELECT count(*) FROM record")
        with measured() as spent:
            report = await make(stand.office, reports, "R01", parse_period(YEAR), actor)
        assert report.total is not None
        if report.total[1] != size:
            raise RuntimeError(f"{size} records were to be counted, {report.total[1]} were")
    return spent


async def measure(stand: Stand, size: int) -> Mapping[str, Sample]:
    """Make the same report of the same year from all records, and from a tenth of them."""
    tenth = await _reported(stand, size // TIMES)
    ours = await _reported(stand, size)
    return {"report": Sample(ours.wall, tenth.wall)}


REPORT = Experiment(
    "report",
    measure,
    (100_000, 20_000, 500),
    (Line("report", "a year's report from {size} records", "from {small}", "s", at_most(12)),),
    small=lambda size: size // TIMES,
)
