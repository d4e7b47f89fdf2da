"""Units and staff from CSV into both databases."""

import pytest

from core.errors import NotAllowed
from core.office import Office
from messaging import addresses, consent
from models.address import Address, Consent
from models.org import Grant, Person, Unit
from people import binding
from people.importing import import_people
from people.persons import find_by_staff_no, hash_of_name, name_of, person_of
from tests.people.sample import STAFF, UNITS, actor, load_sample

HEAD = "staff_no,name_zh,unit_id,phone,education_msgs\n"


async def _staff(office: Office, *rows: str, head: str = HEAD):
    return await import_people(office, staff=(head + "\n".join(rows)).encode(), phones="possible")


async def _counts() -> tuple[int, ...]:
    return (
        await Unit.all().count(),
        await Person.all().count(),
        await Address.all().count(),
        await Consent.all().count(),
        await Grant.all().count(),
    )


async def test_sample_organisation(db: str, office: Office) -> None:
    report = await load_sample(office)
    assert (len(report.units.added), len(report.staff.added)) == (25, 40)
    person = await find_by_staff_no("9021030")
    assert person is not None
    assert (name_of(office, person, "en"), name_of(office, person, "zh-Hans")) == ("Lan Xiting", "蓝溪亭")
    assert await Person.filter(name_hash=hash_of_name(office, "蓝 溪亭")).count() == 1
    assert "蓝溪亭".encode() not in bytes(person.name)
    channels = [one.channel for one in await Address.filter(person_id=person.id).order_by("channel")]
    assert channels == ["sms", "telegram"]
    address = await addresses.find(office, "sms", "+86100000000031")
    assert address is not None
    assert await consent.is_withdrawn(address.id, "education")
    found = await person_of(address.id)
    assert found is not None
    assert found.staff_no == "9021031"


async def test_second_import_changes_nothing(db: str, office: Office) -> None:
    await load_sample(office)
    before = await _counts()
    report = await load_sample(office)
    assert (report.units.added, report.units.changed, report.units.same) == ((), (), 25)
    assert (report.staff.added, report.staff.changed, report.staff.same) == ((), (), 40)
    assert await _counts() == before


async def test_changes_are_named_and_missing_are_kept(db: str, office: Office) -> None:
    await load_sample(office)
    text = STAFF.decode().replace(
        "Mu Yuanhang,U10A,查验关员,key,officer,", "Mu Yuanhang,U10B,查验关员,key,officer;handler,"
    )
    text = text.replace("+86100000000022", "+86100000000099")
    text = text.replace("y,out,opted out of education messages", "y,in,")
    lines = [line for line in text.splitlines() if not line.startswith("9021040")]
    report = await import_people(office, staff="\n".join(lines).encode(), phones="possible")
    changed = {change.code: set(change.columns) for change in report.staff.changed}
    assert changed == {"9021022": {"unit", "roles", "phone"}, "9021031": {"education_msgs"}}
    assert report.staff.missing == ("9021040",)
    assert await find_by_staff_no("9021040") is not None
    old = await addresses.find(office, "sms", "+86100000000022")
    assert old is not None
    assert old.person_id is None
    opted = await addresses.find(office, "sms", "+86100000000031")
    assert opted is not None
    assert not await consent.is_withdrawn(opted.id, "education")


async def test_two_persons_swap_their_numbers(db: str, office: Office) -> None:
    await import_people(office, units=UNITS)
    await _staff(office, "1,甲,U01,+86100900000001,in", "2,乙,U01,+86100900000002,in")
    report = await _staff(office, "1,甲,U01,+86100900000002,in", "2,乙,U01,+86100900000001,in")
    assert {change.code for change in report.staff.changed} == {"1", "2"}
    address = await addresses.find(office, "sms", "+86100900000001")
    assert address is not None
    owner = await person_of(address.id)
    assert owner is not None
    assert owner.staff_no == "2"
    assert await Address.all().count() == 2


async def test_number_of_somebody_else_writes_nothing(db: str, office: Office) -> None:
    await import_people(office, units=UNITS)
    await _staff(office, "1,甲,U01,+86100900000001,in")
    before = await _counts()
    report = await _staff(office, "2,乙,U01,+86100900000002,in", "3,丙,U01,+86100900000001,in")
    assert [(one.line, one.column, one.key) for one in report.problems] == [(3, "phone", "import.taken")]
    assert report.problems[0].say(office.texts, "zh-Hans") == "已属于文件之外的人员1。"
    assert await _counts() == before


async def test_all_or_nothing(db: str, office: Office) -> None:
    bad = STAFF.replace(b"9021040,", b"9021039,")
    report = await import_people(office, units=UNITS, staff=bad, phones="possible")
    assert not report.written
    assert [(one.line, one.column, one.say(office.texts, "en")) for one in report.problems] == [
        (41, "staff_no", "The same stands in line 40.")
    ]
    assert await _counts() == (0, 0, 0, 0, 0)


async def test_dry_run_tells_and_writes_nothing(db: str, office: Office) -> None:
    report = await import_people(office, units=UNITS, staff=STAFF, phones="possible", dry_run=True)
    assert (report.ok, report.written, len(report.staff.added)) == (True, False, 40)
    assert await _counts() == (0, 0, 0, 0, 0)


async def test_invented_numbers_are_no_valid_ones(db: str, office: Office) -> None:
    report = await import_people(office, units=UNITS, staff=STAFF)
    assert {problem.key for problem in report.problems} == {"import.phone.invalid"}
    assert len(report.problems) == 39


async def test_only_who_may(db: str, office: Office) -> None:
    await load_sample(office)
    with pytest.raises(NotAllowed):
        await import_people(office, staff=STAFF, actor=await actor(office, 9021012))
    report = await import_people(office, staff=STAFF, phones="possible", actor=await actor(office, 9021014))
    assert report.written


async def test_own_word_is_never_overruled(db: str, office: Office) -> None:
    await load_sample(office)
    address = await addresses.find(office, "sms", "+86100000000031")
    assert address is not None
    await consent.give(office, address.id, "word")
    assert (await load_sample(office)).staff.changed == ()
    assert not await consent.is_withdrawn(address.id, "education")


async def test_bound_chat_stays_when_the_list_names_another(db: str, office: Office) -> None:
    await import_people(office, units=UNITS)
    head = "staff_no,name_zh,unit_id,chat_id\n"
    await _staff(office, "1,甲,U01,", head=head)
    person = await find_by_staff_no("1")
    chat = await addresses.find_or_create(office, "telegram", "77")
    assert person is not None
    await binding._bind(office, person.id, chat.id)
    report = await _staff(office, "1,甲,U01,88", head=head)
    assert report.staff.changed == ()
    assert [one.id for one in await Address.filter(person_id=person.id)] == [chat.id]


async def test_circle_through_the_database(db: str, office: Office) -> None:
    await import_people(office, units="unit_id,parent,name_zh\nA,,甲\nB,A,乙\nC,B,丙".encode())
    report = await import_people(office, units="unit_id,parent,name_zh\nB,C,乙".encode())
    assert [(one.line, one.key) for one in report.problems] == [(2, "import.loop")]
    assert (await Unit.get(code="B").prefetch_related("parent")).parent.code == "A"
