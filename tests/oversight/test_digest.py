"""The week on one screen: counts that its reader may know, told once on the first working morning of the week."""

import datetime as dt
import re

import pytest

from core.clock import HandClock
from core.office import Office
from messaging import addresses
from models import sql
from models.address import Address
from models.org import Person
from models.outgoing import Message
from models.record import Record
from oversight import digest
from oversight.schedule_file import Schedule
from records.filing import file
from records.groups import ensure_groups
from records.kind import Kinds
from records.loading import load_kinds
from records.source import Source
from tests.oversight.test_issuing import at, prepared, reachable
from tests.people.sample import actor, load_sample

LEADER, HEAD, OFFICER = 9021001, 9021004, 9021022
PLAN = Schedule((), digest_weekday=1, digest_at=dt.time(9))
PLEA = {"occurred_at": "2026-09-13", "asker_name": "周某", "matter": "1", "request": "先放行", "response": "1"}


@pytest.fixture
async def kinds(db: str, office: Office) -> Kinds:
    loaded = load_kinds(office.texts, office.limits)
    await load_sample(office)
    await ensure_groups(office, loaded)
    await reachable(office, HEAD)
    return loaded


async def plead(office: Office, kinds: Kinds, staff_no: int, **more: str) -> Record:
    person = await Person.get(staff_no=str(staff_no))
    chat = await addresses.find_or_create(office, "telegram", f"9{staff_no}")
    await Address.filter(id=chat.id).update(person_id=person.id, verified_at=office.clock.now())
    async with sql.transaction():
        source = Source(chat.id, person.id, "telegram", "zh-Hans", "bound_account")
        filed = await file(office, kinds, "intercession", {**PLEA, **more}, source)
    return await Record.get(id=filed.record_id)


async def told(office: Office) -> list[str]:
    rows = await Message.filter(text_key="T-DIGEST").order_by("id")
    return [office.key.decrypt(row.body) for row in rows if row.body is not None]


async def test_it_counts_what_is_overdue_unread_and_to_be_issued(office: Office, kinds: Kinds) -> None:
    head = await actor(office, HEAD)
    assert (await digest.digest(office, kinds, head)).late == 0
    record = await plead(office, kinds, OFFICER)
    await Record.filter(id=record.id).update(due_at=office.clock.now() - dt.timedelta(hours=1))
    await prepared(office)
    seen = await digest.digest(office, kinds, head)
    assert (seen.overdue["intercession"], seen.late, seen.to_issue, seen.unread) == (1, 1, 1, 0)


async def test_a_record_that_names_the_reader_is_in_no_count(office: Office, kinds: Kinds) -> None:
    head = await actor(office, HEAD)
    record = await plead(office, kinds, OFFICER, asker_name="石敢言")
    await Record.filter(id=record.id).update(due_at=office.clock.now() - dt.timedelta(hours=1))
    seen = await digest.digest(office, kinds, head)
    assert (seen.overdue["intercession"], seen.open["intercession"]) == (0, 0)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-09-14T08:59", None),  # Monday, before the hour
        ("2026-09-14T09:00", "2026-09-14"),
        ("2026-09-15T20:00", "2026-09-14"),  # nothing ran on Monday
        ("2026-09-17T09:00", None),
        ("2026-10-05T09:00", None),  # National Day; Thursday is worked
        ("2026-10-08T09:00", "2026-10-08"),
    ],
)
def test_it_is_due_on_monday_or_the_next_working_day(
    office: Office, clock: HandClock, now: str, due: str | None
) -> None:
    at(clock, now)
    found = digest.due_at(office, PLAN)
    assert (str(found.date()) if found else None) == due


async def test_it_is_told_once_and_gives_nothing_away(office: Office, kinds: Kinds, clock: HandClock) -> None:
    record = await plead(office, kinds, OFFICER)
    await Record.filter(id=record.id).update(due_at=office.clock.now())
    assert await digest.step(office, kinds, PLAN) == 0
    at(clock, "2026-09-14T09:00")
    assert await digest.step(office, kinds, PLAN) == 1
    at(clock, "2026-09-14T09:10")
    assert await digest.step(office, kinds, PLAN) == 0
    (text,) = await told(office)
    assert "逾期<5" in text
    assert re.search("说情|红包|举报|投诉|周某", text) is None
    at(clock, "2026-09-21T09:00")
    assert await digest.step(office, kinds, PLAN) == 1


def test_small_counts_are_told_as_small() -> None:
    assert [digest.few(many) for many in (0, 1, 4, 5)] == ["0", "<5", "<5", "5"]
