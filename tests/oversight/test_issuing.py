"""A report is prepared by one, issued by another, told to its readers without a word of it, and read."""

import datetime as dt
import re
from pathlib import Path

import pytest

from core.clock import HandClock
from core.errors import Conflict, InvalidData, NotAllowed, NotThere, Refused
from core.office import Office
from messaging import addresses
from models import issue_queries, ledger_read
from models.address import Address
from models.inbound import OpenQuestion
from models.issue import IssuedReport, ReportReader
from models.org import Person
from models.outgoing import Message
from oversight import issuing, periods, reminding, schedule, schedule_file
from oversight.issuing import Readers
from oversight.printing.frozen import freeze
from oversight.table import Period, Report
from tests.oversight.printing.sample import gifts_2005
from tests.people.sample import actor, load_sample

LEADER, HEAD, OFFICER, CLERK = 9021001, 9021004, 9021022, 9021010
FOR_LEADER = Readers(("leader",), (str(CLERK),))


async def reachable(office: Office, *staff: int) -> None:
    for number in staff:
        address = await addresses.find_or_create(office, "telegram", f"9{number}")
        person = await Person.get(staff_no=str(number))
        await Address.filter(id=address.id).update(person_id=person.id, verified_at=office.clock.now())


@pytest.fixture
async def house(db: str, office: Office) -> Office:
    await load_sample(office)
    await reachable(office, LEADER, HEAD, CLERK)
    return office


async def said() -> list[tuple[str, str | None]]:
    rows = await Message.all().order_by("id").prefetch_related("person")
    return [(str(row.text_key), row.person.staff_no if row.person else None) for row in rows]


async def events() -> list[str]:
    return [row.entry.event async for row in ledger_read.rows()]


async def prepared(office: Office) -> str:
    return await issuing.do_prepare(office, await actor(office, HEAD), gifts_2005(), FOR_LEADER)


async def test_from_preparing_to_reading(house: Office) -> None:
    public_id = await prepared(house)
    assert await said() == [("T-REPORT-WAITS", str(LEADER))]
    leader, clerk = await actor(house, LEADER), await actor(house, CLERK)
    with pytest.raises(NotThere):
        await issuing.open_issue(house, clerk, public_id)
    seen = await issuing.open_issue(house, leader, public_id)
    assert seen.may_decide
    assert freeze(seen.report) == freeze(gifts_2005())
    assert await issuing.do_issue(house, leader, public_id) == 1
    assert (await said())[1:] == [("T-REPORT-ISSUED", str(CLERK))]
    row = await IssuedReport.get(public_id=public_id)
    unread = [each["person_id"] for each in await issue_queries.readers_of(row.id) if each["read_at"] is None]
    assert unread == [clerk.person_id], "who issued it has read it"
    assert not (await issuing.open_issue(house, clerk, public_id)).may_decide
    assert await ReportReader.filter(issued_id=row.id, read_at__isnull=True).count() == 0
    assert await OpenQuestion.filter(kind="read", closed_at__isnull=True).count() == 0
    assert await events() == ["report_prepared", "report_issued"]


async def test_nobody_issues_what_he_prepared(house: Office) -> None:
    public_id = await prepared(house)
    head = await actor(house, HEAD)
    assert not (await issuing.open_issue(house, head, public_id)).may_decide
    with pytest.raises(NotAllowed, match=r"report\.own_issue"):
        await issuing.do_issue(house, head, public_id)
    row = await IssuedReport.get(public_id=public_id)
    now = house.clock.now()
    assert not await issue_queries.decide(row.id, "issued", head.person_id, now, by_another=True), "nor the database"
    assert await ReportReader.all().count() == 0


async def test_it_is_issued_or_dropped_once(house: Office) -> None:
    leader, head = await actor(house, LEADER), await actor(house, HEAD)
    public_id = await prepared(house)
    await issuing.do_drop(house, head, public_id)
    for act in (issuing.do_issue, issuing.do_drop):
        with pytest.raises(Conflict, match=r"report\.not_waiting"):
            await act(house, leader, public_id)
    another = await prepared(house)
    await issuing.do_issue(house, leader, another)
    with pytest.raises(Conflict, match=r"report\.not_waiting"):
        await issuing.do_issue(house, leader, another)
    assert (await said()).count(("T-REPORT-ISSUED", str(CLERK))) == 1


async def test_who_may_not_gets_nothing(house: Office) -> None:
    officer, clerk = await actor(house, OFFICER), await actor(house, CLERK)
    public_id = await prepared(house)
    with pytest.raises(NotAllowed):
        await issuing.do_prepare(house, clerk, gifts_2005(), FOR_LEADER)
    with pytest.raises(NotAllowed):
        await issuing.do_issue(house, clerk, public_id)
    await issuing.do_issue(house, await actor(house, LEADER), public_id)
    with pytest.raises(NotThere):
        await issuing.open_issue(house, officer, public_id)
    with pytest.raises(NotThere):
        await issuing.open_issue(house, clerk, "nothing")


@pytest.mark.parametrize(
    ("readers", "key"),
    [
        (Readers(), "report.no_readers"),
        (Readers(("nobody",)), "report.no_role"),
        (Readers((), ("1",)), "report.no_person"),
    ],
)
async def test_it_is_for_somebody(house: Office, readers: Readers, key: str) -> None:
    with pytest.raises(Refused, match=re.escape(key)):
        await issuing.do_prepare(house, await actor(house, HEAD), gifts_2005(), readers)
    assert await IssuedReport.all().count() == 0


async def test_what_is_kept_is_encrypted_and_what_is_said_is_neutral(house: Office) -> None:
    await issuing.do_issue(house, await actor(house, LEADER), await prepared(house))
    row = await IssuedReport.first()
    assert row is not None
    assert "红包".encode() not in row.frozen
    for message in await Message.all():
        assert message.body is not None
        text = house.key.decrypt(message.body)
        assert re.search("红包|紅包|说情|举报|投诉|R01|石敢言|529", text) is None


async def test_a_reader_is_reminded_once(house: Office, clock: HandClock) -> None:
    await issuing.do_issue(house, await actor(house, LEADER), await prepared(house))
    assert await reminding.step(house) == 0
    clock.advance(dt.timedelta(days=2))
    assert await reminding.step(house) == 1
    assert await reminding.step(house) == 0
    assert (await said())[-1] == ("T-REPORT-REMIND", str(CLERK))
    assert await OpenQuestion.filter(kind="read", closed_at__isnull=True).count() == 1
    clock.advance(dt.timedelta(days=20))
    assert await reminding.step(house) == 0


async def test_who_has_read_is_not_reminded(house: Office, clock: HandClock) -> None:
    public_id = await prepared(house)
    await issuing.do_issue(house, await actor(house, LEADER), public_id)
    await issuing.open_issue(house, await actor(house, CLERK), public_id)
    clock.advance(dt.timedelta(days=3))
    assert await reminding.step(house) == 0


async def test_a_file_that_leaves_is_in_the_ledger(house: Office) -> None:
    head = await actor(house, HEAD)
    await issuing.note_printed(house, head.person_id, gifts_2005(), "pdf", "en")
    row = [row async for row in ledger_read.rows()][-1]
    assert row.entry.event == "printed"
    assert row.detail == '{"format":"pdf","lang":"en","period":"2005","record":null,"report":"R01"}'


PLAN = schedule_file.Schedule(
    (schedule_file.Entry("R01", "month", 1, dt.time(8), ("leader",)),), digest_weekday=1, digest_at=dt.time(9)
)


class Maker:
    """Makes the sample report of whatever is asked for; fails as often as it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.fails = 0

    async def __call__(self, report_id: str, period: Period, roles: tuple[str, ...]) -> Report:
        self.asked.append((report_id, periods.text_of(period)))
        if self.fails:
            self.fails -= 1
            raise RuntimeError("broken")
        made = gifts_2005(by="")
        return Report(**{name: getattr(made, name) for name in made.__slots__} | {"period": period})


def at(clock: HandClock, moment: str) -> None:
    clock.move_to(dt.datetime.fromisoformat(f"{moment}+08:00"))


async def test_it_prints_itself_on_the_first_working_day_once(house: Office, clock: HandClock) -> None:
    make = Maker()
    assert await schedule.step(house, PLAN, make) == 0
    at(clock, "2026-10-08T07:59")
    assert await schedule.step(house, PLAN, make) == 0
    at(clock, "2026-10-08T08:00")  # the first working day of October, after the holidays
    make.fails = 1
    assert await schedule.step(house, PLAN, make) == 0
    assert await schedule.step(house, PLAN, make) == 1
    assert await schedule.step(house, PLAN, make) == 0
    assert make.asked == [("R01", "2026-09")] * 2
    row = await IssuedReport.get()
    assert (row.period, row.state, row.prepared_by_id) == ("2026-09", "waiting", None)
    assert await said() == [("T-REPORT-WAITS", str(LEADER)), ("T-REPORT-WAITS", str(HEAD))]
    head = await actor(house, HEAD)
    assert (await issuing.open_issue(house, head, row.public_id)).may_decide, "the schedule was the first"
    assert await issuing.do_issue(house, head, row.public_id) == 1


async def test_what_fell_due_while_nothing_ran_is_made_later(house: Office, clock: HandClock) -> None:
    make = Maker()
    await schedule.step(house, PLAN, make)
    at(clock, "2026-12-20T12:00")
    assert await schedule.step(house, PLAN, make) == 3
    assert [period for _, period in make.asked] == ["2026-09", "2026-10", "2026-11"]


async def test_two_that_print_at_once_make_one(house: Office, clock: HandClock) -> None:
    make = Maker()
    report = await make("R01", periods.parse_period("2026-09"), ())
    made = [await issuing.prepare_by_schedule(house, report, FOR_LEADER, "schedule:R01:2026-09") for _ in range(2)]
    assert made == [True, False]
    assert await events() == ["report_prepared"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{report: R01, every: day, working_day: 1, at: '08:00', readers: [leader]}", "every is one of"),
        ("{report: R01, every: month, working_day: 0, at: '08:00', readers: [leader]}", "working_day is"),
        ("{report: R01, every: month, working_day: 1, at: '25:00', readers: [leader]}", "write a time"),
        ("{report: R01, every: month, working_day: 1, at: '08:00', readers: [king]}", "no such role: king"),
        ("{report: R01, every: month, at: '08:00', readers: [leader]}", "write at, every"),
    ],
)
def test_a_wrong_schedule_is_refused_with_its_line(tmp_path: Path, line: str, why: str) -> None:
    path = tmp_path / "schedule.yaml"
    path.write_text(f'version: 1\nreports:\n  - {line}\ndigest: {{weekday: 1, at: "09:00"}}\n')
    with pytest.raises(InvalidData, match=r"schedule\.yaml, line 3.*" + why):
        schedule_file.load(path)


def test_the_schedule_of_the_product_can_be_read() -> None:
    assert {entry.report for entry in schedule_file.schedule().entries} >= {"R01", "R02", "R03"}
    with pytest.raises(InvalidData, match="no such report: R01"):
        schedule_file.schedule().check_reports({"R99"})
