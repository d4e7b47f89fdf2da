"""Telling readers that something was made known: in slices, each once, and once more those who have not answered."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from core.office import Office
from core.texts import sign
from messaging.channel import SMS, Button
from messaging.outbox import NewMessage, enqueue
from messaging.presses import data_of
from models import reader_queries, sql
from models.inbound import OpenQuestion
from models.record import Record
from records.course import Course
from records.in_flight import in_flight_of
from records.kind import Kinds
from records.moving import follow, locked
from records.sheets import Sheet, sheet_of

READ: Final = "read"
"""The kind of the open question that waits for 1 or 收到 about a record."""
TOPIC: Final = "record"
"""What the question is about, beside other things that are issued."""
SLICE: Final = 100
HOW: Final = "records.how_to_read"
SEEN: Final = "records.button_read"


async def step(office: Office, kinds: Kinds) -> int:
    """Tell one slice of readers, remind one, move on what all have read; return how many rows were handled."""
    return await _tell(office, kinds) + await _remind(office, kinds) + await _read_up(office, kinds)


async def _tell(office: Office, kinds: Kinds) -> int:
    async with sql.transaction():
        rows = await reader_queries.claim_untold(office.clock.now(), SLICE)
        await _say(office, kinds, rows, again=False)
    return len(rows)


async def _remind(office: Office, kinds: Kinds) -> int:
    done = 0
    for record in await Record.filter(id__in=await reader_queries.to_remind()):
        known = kinds.get(record.kind).made_known
        if known is None or known.remind_after is None or not _is_over(office, record, known.remind_after):
            continue
        async with sql.transaction():
            rows = await reader_queries.claim_unreminded(record.id, office.clock.now(), SLICE)
            await _say(office, kinds, rows, again=True)
        done += len(rows)
    return done


def _is_over(office: Office, record: Record, limit_name: str) -> bool:
    limit = office.limits.get(limit_name)
    since = Course.of(record).entered_at(limit.counted_from or record.state) or record.state_since
    return office.clock.now() >= limit.span.end(office.calendar, since, office.zone).moment


async def _say(office: Office, kinds: Kinds, rows: Sequence[dict[str, Any]], *, again: bool) -> None:
    """Say to readers that there is something to read; in a chat it stands below, by SMS they ask for it."""
    record_ids = sorted({int(row["record_id"]) for row in rows})
    records = {each.id: each for each in await Record.filter(id__in=record_ids)}
    flying = await in_flight_of(office, record_ids)
    addresses = await reader_queries.addresses_of([int(row["person_id"]) for row in rows])
    for row in rows:
        record, address = records[row["record_id"]], addresses.get(row["person_id"])
        known = kinds.get(record.kind).made_known
        if known is None or record.state not in known.states or address is None:
            continue
        key = known.remind if again else known.call
        sheet = sheet_of(kinds.get(record.kind), record, flying[record.id])
        await _say_one(office, sheet, int(row["person_id"]), address, str(key), again=again)


async def _say_one(
    office: Office, sheet: Sheet, person_id: int, address: Mapping[str, Any], key: str, *, again: bool
) -> None:
    lang, by_sms = address["lang"], address["channel"] == SMS
    dedupe_key = f"record:{sheet.record_id}:{'remind' if again else 'read'}:{person_id}"
    said = office.texts.say(key, lang, no=sheet.number)
    text = said + office.texts.say(HOW, lang) if by_sms else f"{said}\n\n{sheet.text(lang)}"
    question_id = await _ask(office, sheet.record_id, person_id, address["address_id"], dedupe_key)
    await enqueue(
        office,
        NewMessage(
            dedupe_key=dedupe_key,
            channel=address["channel"],
            address_id=address["address_id"],
            person_id=person_id,
            category=office.texts.get(key).category,
            lang=lang,
            text=sign(text, lang, office.signature) if by_sms else text,
            text_key=key,
            buttons=() if by_sms else [[Button(office.texts.say(SEEN, lang), data_of(question_id, 0, "1"))]],
            not_before=office.next_waking() if again else None,
            fleeting=not by_sms,
        ),
    )


async def _ask(office: Office, record_id: int, person_id: int, address_id: int, message_key: str) -> int:
    """Leave the question that 1 answers; a reminder puts it on top again."""
    before = OpenQuestion.filter(kind=READ, topic=TOPIC, ref_id=record_id, person_id=person_id, closed_at=None)
    await before.update(closed_at=office.clock.now(), outcome="replaced")
    row = await OpenQuestion.create(
        address_id=address_id,
        person_id=person_id,
        kind=READ,
        topic=TOPIC,
        ref_id=record_id,
        message_key=message_key,
        asked_at=office.clock.now(),
    )
    return int(row.id)


async def _read_up(office: Office, kinds: Kinds) -> int:
    """Move on what everybody has read."""
    states = [(kind.id, kind.made_known.begins_at) for kind in kinds.by_id.values() if kind.made_known]
    done = 0
    for record_id in await reader_queries.read_up(states):
        async with sql.transaction():
            done += await _all_read(office, kinds, record_id)
    return done


async def _all_read(office: Office, kinds: Kinds, record_id: int) -> int:
    record = await locked(record_id=record_id)
    known = kinds.get(record.kind).made_known if record else None
    if record is None or known is None or record.state != known.begins_at or await reader_queries.unread(record_id):
        return 0
    course = Course.of(record)
    course.all_read = True
    course.keep(record)
    await record.save()
    await follow(office, kinds, record)
    return 1
