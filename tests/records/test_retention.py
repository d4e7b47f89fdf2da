"""What was kept long enough is destroyed, what is on hold is not, and the ledger verifies all the same."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import Conflict, InvalidData, NotThere, Refused
from messaging.outbox import NewMessage, enqueue
from models import looking_queries, record_queries, retention_queries, sql
from models.address import Address
from models.inbound import Inbound
from models.lane import Lane
from models.outgoing import Message
from models.record import Record, RecordMatch, Statement
from records import checkpoints, retention
from records.ledger_check import verify_database
from records.recusal import RECUSED
from records.retention_file import Schedule, schedule
from tests.records.conftest import House
from tests.records.test_ledger import key_of

YEARS = schedule().years("complaint")


async def closed(house: House) -> Record:
    """File a complaint and close it now, whatever its way there."""
    filed = await house.complain("窗口一直没人")
    record = await house.record(filed)
    record.closed_at = house.clock.now()
    await record.save()
    return record


async def later(house: House, days: int = 1) -> None:
    house.clock.move_to(house.clock.now() + timedelta(days=366 * YEARS + days))


async def test_a_closed_record_is_erased_after_its_years_and_the_proof_stays(house: House) -> None:
    record = await closed(house)
    await record_queries.add_match(record.id, RECUSED, "h" * 64)
    assert await retention.step(house.office, house.kinds) == 0
    await later(house)
    open_one = await house.record(await house.complain())
    assert await retention.step(house.office, house.kinds) == 1
    assert await retention.step(house.office, house.kinds) == 0
    erased = await Record.get(id=record.id)
    assert (erased.number, erased.filed_at, erased.handles, erased.reply_to) == (
        record.number,
        record.filed_at,
        None,
        None,
    )
    assert erased.erased_at == house.clock.now()
    for statement in await Statement.filter(record_id=record.id):
        assert (statement.key, bytes(statement.sealed), statement.salt) == (None, b"", None)
    left = set(await RecordMatch.filter(record_id=record.id).values_list("field", flat=True))
    assert left <= {"@owner", RECUSED}
    assert await sql.value("SELECT count(*) FROM statement WHERE record_id = $1 AND key IS NOT NULL", open_one.id)
    made = await checkpoints.make(house.office)
    assert made is not None
    sound = await verify_database(await key_of(house), [])
    assert sound.without_detail > 0


async def test_a_hold_keeps_it_and_its_release_ends_it(house: House) -> None:
    record = await closed(house)
    head = await house.actor("integrity_head")
    await retention.do_hold(house.office, house.kinds, head, record.public_id, "court")
    with pytest.raises(Conflict):
        await retention.do_hold(house.office, house.kinds, head, record.public_id, "audit")
    await later(house)
    assert await retention.step(house.office, house.kinds) == 0
    (row,) = await retention.coming(house.office, house.kinds.get("complaint"), head)
    assert (row["id"], row["hold"]["reason"]) == (record.id, "court")
    await retention.do_release(house.office, house.kinds, head, record.public_id)
    with pytest.raises(Conflict):
        await retention.do_release(house.office, house.kinds, head, record.public_id)
    assert await retention.step(house.office, house.kinds) == 1
    with pytest.raises(Conflict):
        await retention.do_hold(house.office, house.kinds, head, record.public_id, "court")
    events = await sql.rows("SELECT event FROM ledger_entry WHERE record_id = $1 ORDER BY seq", record.id)
    assert [row["event"] for row in events][-3:] == ["held", "released", "erased"]


async def test_only_who_heads_the_integrity_office_holds_and_only_for_a_known_reason(house: House) -> None:
    record = await closed(house)
    with pytest.raises(Refused, match="hold_reason"):
        await retention.do_hold(
            house.office, house.kinds, await house.actor("integrity_head"), record.public_id, "why not"
        )
    for name in ("officer", "clerk"):
        with pytest.raises(NotThere):
            await retention.do_hold(house.office, house.kinds, await house.actor(name), record.public_id, "court")
    assert not await retention_queries.is_held(record.id)


async def test_who_is_named_in_a_record_neither_sees_nor_holds_it(house: House) -> None:
    from records.marks import person_mark

    record = await closed(house)
    head = await house.actor("integrity_head")
    await record_queries.add_match(record.id, RECUSED, person_mark(house.office, head.person_id))
    await later(house, -30)
    assert await retention.coming(house.office, house.kinds.get("complaint"), head) == []
    with pytest.raises(NotThere):
        await retention.do_hold(house.office, house.kinds, head, record.public_id, "court")
    await later(house)
    assert await retention.step(house.office, house.kinds) == 1
    assert await retention.coming(house.office, house.kinds.get("complaint"), head) == []


async def test_old_texts_are_destroyed_and_young_ones_stay(house: House) -> None:
    address = await Address.filter(channel="telegram").first()
    lane = await Lane.create(name="t", channel="telegram", rate=1)
    assert address is not None

    async def say(key: str) -> None:
        now = house.clock.now()
        message = NewMessage(
            dedupe_key=key, channel="telegram", address_id=address.id, category="reply", lang="en", text=key
        )
        await enqueue(house.office, message)
        await Inbound.create(
            lane_id=lane.id,
            provider_id=key,
            channel="telegram",
            kind="text",
            body=b"x",
            received_at=now,
            state="handled",
        )

    await say("old")
    house.clock.move_to(house.clock.now() + timedelta(days=366 * schedule().texts + 1))
    await say("young")
    assert await retention.step(house.office, house.kinds) == 2
    assert await retention.step(house.office, house.kinds) == 0
    for rows in (await Message.all().order_by("id"), await Inbound.all().order_by("id")):
        assert [row.body is None for row in rows] == [True, False]
    assert await looking_queries.stamp("texts erased message")


def test_the_schedule_names_installed_kinds_only(house: House) -> None:
    assert schedule().unknown(house.kinds.by_id) == []
    assert schedule().years("a register of tomorrow") == schedule().other_records


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("records: {gift: 0}\nother_records: 15\ntexts: 2", "line 1: gift needs whole years"),
        ("records: {gift: 3}\nother_records: x\ntexts: 2", "line 2: other_records needs whole years"),
        ("records: 3\nother_records: 15\ntexts: 2", "needs the years of each kind"),
        ("records: {gift: 3}\nothers: 15\ntexts: 2", "does not know the key others"),
        ("records: {gift: 3}\nother_records: 15", "texts needs whole years"),
    ],
)
def test_a_wrong_schedule_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "retention.yaml"
    path.write_text(text)
    with pytest.raises(InvalidData, match=said):
        Schedule.load(path)
