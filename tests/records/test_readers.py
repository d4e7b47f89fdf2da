"""Who reads what: role by own and other unit by kind; recusal; sealed bytes; progress; how many queries it takes."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.errors import NotThere
from models import ledger_append, sql
from records.acts import do_act
from records.amending import amend
from records.reading import Filters, list_records, open_record, waiting_acts
from records.source import Source
from records.status import own_open, status
from tests.records.conftest import House

OWN, OTHER = "U10A", "U12"
MATRIX = [
    # who, complaint of U10C, complaint without unit, intercession of U10A, of U12, of U08, of U14
    ("clerk", "yes", "yes", "no", "no", "no", "no"),
    ("handler", "yes", "no", "no", "no", "no", "no"),
    ("handler_2", "no", "no", "no", "no", "no", "no"),
    ("port_head", "yes", "no", "no", "no", "no", "no"),
    ("counter_head", "yes", "no", "no", "no", "no", "no"),
    ("section_head", "no", "no", "no", "no", "no", "no"),
    ("other_head", "no", "no", "no", "no", "no", "no"),
    ("integrity", "yes", "no", "yes", "no", "no", "no"),
    ("integrity_other", "no", "no", "no", "yes", "no", "no"),
    ("integrity_head", "yes", "yes", "yes", "yes", "yes", "yes"),
    ("leader", "no", "no", "no", "no", "no", "no"),
    ("area_leader", "no", "no", "no", "no", "no", "no"),
    ("sysadmin", "no", "no", "no", "no", "no", "no"),
    ("auditor", "no", "no", "no", "no", "no", "no"),
    ("officer", "no", "no", "no", "no", "no", "no"),
    ("officer_2", "no", "no", "no", "no", "no", "no"),
]


async def test_readers(house: House) -> None:
    at_counter = await house.complain()
    act = await house.actor("clerk")
    await do_act(house.office, house.kinds, act, at_counter.public_id, "受理", {"category": "c04", "unit": "U10C"})
    await do_act(house.office, house.kinds, act, at_counter.public_id, "转办", {"assignee": "9021026"})
    records = [
        at_counter,
        await house.complain(),
        await house.plead("officer"),
        await house.plead("other_officer"),
        await house.plead("auditor"),
        await house.plead("yunxi"),
    ]
    seen = []
    for who, *_ in MATRIX:
        actor = await house.actor(who)
        listed = {
            row.public_id
            for kind in ("complaint", "intercession")
            for row in await list_records(house.office, house.kinds, actor, kind)
        }
        opened = [await opens(house, who, filed.public_id) for filed in records]
        assert opened == [filed.public_id in listed for filed in records], who
        seen.append((who, *("yes" if each else "no" for each in opened)))
    assert seen == MATRIX


async def opens(house: House, who: str, public_id: str) -> bool:
    try:
        await open_record(house.office, house.kinds, await house.actor(who), public_id)
    except NotThere:
        return False
    return True


async def test_a_head_learns_of_a_complaint_only_once_it_is_taken_up(house: House) -> None:
    filed = await house.complain("科长收了烟才放行", unit="U10C")
    assert not await opens(house, "counter_head", filed.public_id)
    assert await list_records(house.office, house.kinds, await house.actor("counter_head"), "complaint") == []
    clerk = await house.actor("clerk")
    await do_act(house.office, house.kinds, clerk, filed.public_id, "转为密件", {"moved_to": "LX26091400019"})
    assert not await opens(house, "port_head", filed.public_id)


FIELDS = [
    ("clerk", {"content", "doc_no", "wish", "first_owner"}, {"person_desc", "sender_name", "sender_phone"}),
    ("port_head", {"content"}, {"doc_no", "sender_phone", "sender_name", "person_desc", "first_owner"}),
    ("integrity_head", {"content", "person_desc", "doc_no"}, {"sender_phone", "sender_name"}),
]


async def test_fields_of_a_complaint(house: House) -> None:
    filed = await house.complain(doc_no="530120261234567890", person_desc="胸牌07", wish="道歉", unit="U10C")
    clerk = await house.actor("clerk")
    await do_act(house.office, house.kinds, clerk, filed.public_id, "受理", {"category": "c04", "unit": "U10C"})
    for who, sees, never in FIELDS:
        opened = await open_record(house.office, house.kinds, await house.actor(who), filed.public_id)
        assert sees <= opened.values.keys(), who
        assert not never & opened.values.keys(), who


async def test_who_leaves_a_name_is_known_to_the_clerk_only(house: House) -> None:
    source = await house.outsider()
    filed = await house.complain(source=source)
    async with sql.transaction():
        name = {"sender_name": "周既望", "sender_org": "晨雾贸易"}
        await amend(house.office, house.kinds, filed.record_id, name, source)
    seen = {
        who: (await open_record(house.office, house.kinds, await house.actor(who), filed.public_id)).values
        for who in ("clerk", "integrity_head")
    }
    assert seen["clerk"]["sender_name"] == "周既望"
    assert seen["clerk"]["identity_mode"] == "confidential"
    assert not {"sender_name", "sender_org", "sender_phone"} & seen["integrity_head"].keys()


async def test_an_opening_is_in_the_ledger_with_the_fields_seen(house: House) -> None:
    filed = await house.plead()
    opened = await open_record(house.office, house.kinds, await house.actor("integrity"), filed.public_id)
    assert opened.values["request"] == "让先放两个柜明天补单"
    assert opened.values["officer"] == "9021022"
    last = (await ledger_append.history(filed.record_id))[-1]
    assert last["event"] == "read"
    assert last["detail"]["fields"] == sorted(opened.values)
    assert [line.event for line in opened.history] == ["filed"]
    assert [each.act for each in opened.acts] == ["受理", "退回补正"]


async def test_a_view_of_an_act_shows_its_fields_and_no_list(house: House) -> None:
    filed = await house.plead()
    act, kinds = do_act, house.kinds
    officer, head, leader = [await house.actor(who) for who in ("integrity", "integrity_head", "leader")]
    for actor, name, values in (
        (officer, "受理", {}),
        (officer, "核实", {}),
        (head, "认定", {"assessment": "improper", "assessment_text": "施压"}),
    ):
        await act(house.office, kinds, actor, filed.public_id, name, values)
        assert await waiting_acts(house.office, kinds, leader, "intercession") == []
    await act(house.office, kinds, head, filed.public_id, "拟通报", {})
    assert await list_records(house.office, kinds, leader, "intercession") == []
    assert [row.number for row in await waiting_acts(house.office, kinds, leader, "intercession")] == [filed.number]
    opened = await open_record(house.office, kinds, leader, filed.public_id)
    assert opened.values == {"no": filed.number, "matter": "1", "assessment": "improper"}
    assert [each.act for each in opened.acts] == ["批准通报", "不予通报"]
    assert (opened.statements, opened.history) == ((), ())
    await act(
        house.office, kinds, leader, filed.public_id, "批准通报", {"bulletin": (await house.approved_bulletin()).number}
    )
    assert not await opens(house, "leader", filed.public_id)


async def test_an_urgent_plea_is_shown_to_the_leader_in_charge_without_people(house: House) -> None:
    filed = await house.plead(effect="3", matter_no="530120261234567890")
    opened = await open_record(house.office, house.kinds, await house.actor("area_leader"), filed.public_id)
    assert opened.values.keys() == {"no", "matter", "matter_no", "effect", "response"}
    assert opened.acts == ()


RECUSED = [
    # what is named, in which field, who then reads a plea of U10A
    ("宁见微", "asker_name", ["integrity_head"]),
    ("听说纪检处宁见微也打过招呼", "request", ["integrity_head"]),
    ("寧見微", "via_person", ["integrity_head"]),
    ("Ning Jianwei", "witness", ["integrity_head"]),
    ("9021005", "asker_unit_post", ["integrity_head"]),
    ("石敢言", "asker_name", ["leader"]),
    ("楚砚秋", "asker_name", ["integrity", "integrity_head"]),
    ("周某", "asker_name", ["integrity", "integrity_head"]),
]


async def test_who_is_named_sees_no_trace(house: House) -> None:
    actors = {
        who: await house.actor(who) for who in ("section_head", "integrity", "integrity_head", "leader", "sysadmin")
    }
    filed = [(await house.plead(**{field: said}), said, readers) for said, field, readers in RECUSED]
    for who, actor in actors.items():
        numbers = [one.number for one, _, readers in filed if who in readers]
        listed = await list_records(house.office, house.kinds, actor, "intercession")
        assert [row.number for row in reversed(listed)] == numbers, who
    for one, said, readers in filed:
        wanted = Filters(number=one.number)
        found = [
            who
            for who, actor in actors.items()
            if await list_records(house.office, house.kinds, actor, "intercession", wanted)
        ]
        assert found == [who for who in actors if await opens(house, who, one.public_id)] == readers, said


async def test_an_officer_registers_his_own_head(house: House) -> None:
    filed = await house.plead(asker_name="楚砚秋", asker_unit_post="查验一科科长")
    assert await opens(house, "integrity", filed.public_id)
    assert not await opens(house, "section_head", filed.public_id)


async def test_a_later_answer_that_names_a_reader_shuts_him_out(house: House) -> None:
    filed = await house.plead()
    assert await opens(house, "integrity", filed.public_id)
    async with sql.transaction():
        values = {"via_person": "宁见微 纪检处"}
        await amend(house.office, house.kinds, filed.record_id, values, house.staff("officer"))
    assert not await opens(house, "integrity", filed.public_id)
    assert await opens(house, "integrity_head", filed.public_id)


async def test_nobody_handles_his_own_record(house: House) -> None:
    filed = await house.plead("integrity_head")
    assert not await opens(house, "integrity_head", filed.public_id)
    assert await opens(house, "leader", filed.public_id)


async def test_progress_by_number_and_code(house: House) -> None:
    source = await house.outsider()
    filed = await house.complain(source=source)
    office, kinds, code = house.office, house.kinds, filed.query_code
    line = await status(office, kinds, filed.number, None, source.address_id)
    assert line is not None
    assert (line.text_key, line.state_key, str(line.date)) == ("T-STATUS", "status.received", "2026-09-16")
    assert await status(office, kinds, filed.number, None, None) is None
    assert await status(office, kinds, filed.number.lower(), code, None) == line
    assert await own_open(office, kinds, source.address_id or 0, None) == [line]
    async with sql.transaction():
        for _ in range(5):
            assert await status(office, kinds, filed.number, "000000" if code != "000000" else "1", None) is None
    assert await status(office, kinds, filed.number, code, None) is None
    assert await status(office, kinds, filed.number, None, source.address_id) == line


async def test_an_amendment_is_the_owners_alone(house: House) -> None:
    filed = await house.complain()
    stranger = await house.outsider("+86100100000009")
    staff = Source(house.numbers["clerk"], house.persons["clerk"].id, "telegram", "zh-Hans", "bound_account")
    for source in (stranger, staff):
        with pytest.raises(NotThere):
            async with sql.transaction():
                await amend(house.office, house.kinds, filed.record_id, {"content": "多一句"}, source)


async def test_further_messages_are_added_to_the_statement(house: House) -> None:
    source = await house.outsider()
    filed = await house.complain("第一句", source)
    async with sql.transaction():
        await amend(house.office, house.kinds, filed.record_id, {"content": "第二句"}, source)
    opened = await open_record(house.office, house.kinds, await house.actor("clerk"), filed.public_id)
    assert opened.values["content"] == "第一句\n第二句"
    assert [statement.values for statement in opened.statements] == [{"content": "第一句"}, {"content": "第二句"}]


def sentences(count: int) -> list[str]:
    """Return sentences that Hypothesis makes, each long enough to be found again."""
    kept: list[str] = []
    letters = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
    words = st.text(st.one_of(letters, st.sampled_from("abcdefgh ")), min_size=8, max_size=60)

    @settings(
        max_examples=count,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(words.filter(lambda text: len(text.strip()) >= 8))
    def collect(text: str) -> None:
        kept.append(text.strip())

    collect()
    return sorted(set(kept))


async def whole_database(url: str) -> bytes:
    """Return everything the database holds: the bytes of the SQLite files, every row of every table of PostgreSQL."""
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite://"))
        return b"".join(each.read_bytes() for each in path.parent.glob(path.name + "*"))
    tables = await sql.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
    dump = []
    for table in tables:
        rows = await sql.rows(f"SELECT row_to_json(t)::text AS row FROM {table['table_name']} t")
        dump += [row["row"].encode() for row in rows]
        dump += [bytes.fromhex(part) for row in rows for part in _hex_parts(row["row"])]
    return b"\n".join(dump)


def _hex_parts(row: str) -> list[str]:
    return [value[2:] for value in json.loads(row).values() if isinstance(value, str) and value.startswith("\\x")]


async def test_what_was_said_is_nowhere_in_the_database(house: House, db: str) -> None:
    told = sentences(200)
    assert len(told) > 100
    for place in range(0, len(told) - 4, 5):
        first, second, third, fourth, fifth = told[place : place + 5]
        await house.complain(first, doc_no=second[:40])
        await house.plead(request=third, asker_name=fourth[:40], asker_unit_post=fifth[:80])
    held = await whole_database(db)
    assert b"ledger" in held or b"filed" in held
    for sentence in told:
        assert sentence[:40].encode() not in held
        assert json.dumps(sentence[:40])[1:-1].encode() not in held
    assert "素舸".encode() not in held
    assert b"100100000006" not in held


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    """Collect the statements that go to the database."""
    found: list[str] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(str(record.args[0] if isinstance(record.args, tuple) and record.args else record.msg))

    logger, handler = logging.getLogger("tortoise.db_client"), Collect()
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield found
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


async def test_how_many_queries_it_takes(house: House) -> None:
    for _ in range(3):
        filed = await house.plead()
    actor, taken = await house.actor("integrity"), {}
    with counted_queries() as queries:
        assert len(await list_records(house.office, house.kinds, actor, "intercession")) == 3
    taken["list"] = len(queries)
    with counted_queries() as queries:
        await open_record(house.office, house.kinds, actor, filed.public_id)
    taken["open"] = len(queries)
    source = await house.outsider()
    with counted_queries() as queries:
        await house.complain(source=source)
    taken["file"] = len(queries)
    assert taken == {"list": 5, "open": 12, "file": 11}
