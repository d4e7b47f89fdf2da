"""Of any stretch of days: the total is the sum of its rows, its parts make the whole, nothing counts twice."""

import datetime as dt
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.org import Unit
from models.record import KeyGroup, Record
from oversight.definition import Reports
from oversight.periods import months_in
from oversight.reports import make
from oversight.table import Hidden, Period, Report
from tests.records.conftest import House

FIRST = dt.date(2025, 1, 1)
DAYS = 730
MANY = 300
COUNTED = ("count", "money")


@pytest.fixture
async def register(house: House) -> House:
    """Pleas and gifts of two years, spread over the units as chance has it; the same in every run."""
    chance = random.Random(4)
    group = await KeyGroup.get(name="integrity_office")
    units = await Unit.all().order_by("id").values_list("id", flat=True)
    await Record.bulk_create([_record(chance, house, group.id, place, list(units)) for place in range(MANY)])  # type: ignore[arg-type]
    return house


def _record(chance: random.Random, house: House, group: int, place: int, units: list[int]) -> Record:
    kind = chance.choice(("gift", "intercession"))
    day = FIRST + dt.timedelta(days=chance.randrange(DAYS))
    letter = (day + dt.timedelta(days=chance.randrange(40))).isoformat()
    facts = {
        "gift": {"received_at": str(day), "amount_cny": chance.randrange(10**6), "handling": chance.choice("12345"),
                 **({"letter_sent": letter} if chance.random() < 0.7 else {})},
        "intercession": {"occurred_at": chance.choice((str(day), f"{day}T23:59")), "matter": chance.choice("123"),
                         "response": chance.choice("124"), "asker_identity": chance.choice("123456789"),
                         "assessment": chance.choice(("normal", "improper", "outside"))},
    }[kind]  # fmt: skip
    return Record(
        kind=kind,
        kind_version="v",
        number=f"X{place}",
        state={"gift": "reported", "intercession": "submitted"}[kind],
        state_since=house.clock.now(),
        facts={**facts, "@course": {"filed_late": chance.random() < 0.2}},
        tracks={"publication": "not_met"},
        unit_id=chance.choice([units[0], units[1], *units]),
        group_id=group,
        lang="zh-Hans",
        channel="sms",
        filed_at=house.clock.now(),
    )


PERIODS = st.builds(
    lambda start, length: Period("free", FIRST + dt.timedelta(days=start), FIRST + dt.timedelta(days=start + length)),
    st.integers(-40, DAYS),
    st.integers(0, 400),
)
NAMES = st.sampled_from(["R01", "R02"])
NO_CHECK = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def sums(report: Report) -> dict[str, int]:
    assert report.total is not None
    both = zip(report.columns, report.total, strict=True)
    return {column.id: cell for column, cell in both if column.shape in COUNTED and isinstance(cell, int)}


@given(PERIODS, NAMES)
@settings(max_examples=15, deadline=None, suppress_health_check=NO_CHECK)
@pytest.mark.timeout(300)
async def test_the_total_is_the_sum_of_the_rows_and_parts_make_the_whole(
    register: House, reports: Reports, period: Period, name: str
) -> None:
    head = await register.actor("integrity_head")
    whole = await make(register.office, reports, name, period, head)
    for place, column in enumerate(whole.columns):
        if column.shape in COUNTED:
            assert sum(row[place] for row in whole.rows) == sums(whole)[column.id]  # type: ignore[misc]
    parts = [sums(await make(register.office, reports, name, part, head)) for part in months_in(period)]
    added = {column: sum(part[column] for part in parts) for column in parts[0]}
    assert added == sums(whole)


async def test_all_of_them_are_counted_once(register: House, reports: Reports) -> None:
    head = await register.actor("integrity_head")
    always = Period("free", FIRST, FIRST + dt.timedelta(days=DAYS))
    found = [sums(await make(register.office, reports, *each, always, head)) for each in (("R01",), ("R02",))]
    assert found[0]["registered"] + found[1]["entries"] == MANY
    assert found[1]["refused"] + found[1]["guided"] + found[1]["complied"] == found[1]["entries"]


@given(PERIODS, NAMES)
@settings(max_examples=15, deadline=None, suppress_health_check=NO_CHECK)
@pytest.mark.timeout(300)
async def test_what_is_shown_to_whom_reads_nothing_is_true_and_leaves_more_than_one_hidden(
    register: House, reports: Reports, period: Period, name: str
) -> None:
    """In each column none or at least two figures are hidden, the total among them; amounts go with their counts."""
    head, leader = await register.actor("integrity_head"), await register.actor("leader")
    exact = await make(register.office, reports, name, period, head)
    shown = await make(register.office, reports, name, period, leader)
    assert exact.total is not None
    assert shown.total is not None
    for place, column in enumerate(shown.columns):
        if column.shape not in COUNTED:
            continue
        both = [(row[place], true[place]) for row, true in zip(shown.rows, exact.rows, strict=True)]
        both.append((shown.total[place], exact.total[place]))
        hidden = [true for cell, true in both if isinstance(cell, Hidden)]
        assert all(cell == true for cell, true in both if not isinstance(cell, Hidden))
        if column.shape == "count" and column.id not in ("party", "admin", "org_measure", "persons", "taker_published"):
            assert all(isinstance(cell, Hidden) for cell, true in both if true < 5)  # type: ignore[operator]
            assert len(hidden) != 1
