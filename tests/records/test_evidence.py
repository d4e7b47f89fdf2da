"""Files of records: sealed in chunks, both hashes in the ledger, opened by readers only, each opening written down."""

import asyncio
import hashlib
import json
import secrets
from collections.abc import Mapping

import pytest

from core.crypto import Sealed, unseal
from core.errors import KeyFileError, NotThere, Refused
from core.media.cleaning import clean_file
from models import ledger_append, sql
from models.evidence import Evidence, EvidenceChunk
from models.record import KeyGroup
from records import evidence
from records.evidence import Incoming, give_to_record, keep, next_wanted, room_left, step, want
from records.evidence_reading import open_file
from records.filing import Filed
from records.reading import open_record
from tests import media_files as made
from tests.records.conftest import House

LARGE = secrets.token_hex(400_000).encode()  # text that fills four chunks


async def lane() -> int:
    row = await sql.row("INSERT INTO lane (name, channel, rate) VALUES ('t', 'telegram', 25) RETURNING id")
    assert row is not None
    return int(row["id"])


async def wanted(house: House, filed: Filed | None, name: str = "a", question: int | None = None) -> bool:
    found = await sql.value("SELECT min(id) FROM lane") or await lane()
    kind, source = house.kinds.get("intercession"), house.staff("officer")
    async with sql.transaction():
        record = filed.record_id if filed else None
        incoming = Incoming(found, f"file-{name}", f"unique-{name}")
        return await want(house.office, kind, "evidence", incoming, source, question_id=question, record_id=record)


async def kept(house: House, data: bytes) -> bool:
    claimed = await next_wanted(house.office)
    assert claimed is not None
    return await keep(house.office, claimed, data, clean_file(data))


async def entries(record_id: int, event: str) -> list[Mapping[str, object]]:
    return [line["detail"] for line in await ledger_append.history(record_id) if line["event"] == event]


async def test_a_file_is_sealed_hashed_and_opened_by_its_reader(house: House) -> None:
    filed = await house.plead()
    await wanted(house, filed)
    assert await kept(house, LARGE)
    row = await Evidence.get()
    assert await EvidenceChunk.filter(evidence_id=row.id).count() == 4
    reader = await house.actor("integrity_head")
    opened = await open_record(house.office, house.kinds, reader, filed.public_id)
    assert [(one.state, one.size) for one in opened.files] == [("stored", len(LARGE))]
    assert "evidence" in [line.event for line in opened.history]
    file = await open_file(house.office, house.kinds, reader, filed.public_id, row.public_id)
    assert (file.data, file.name) == (LARGE, f"{filed.number}-1.txt")
    (entry,) = await entries(filed.record_id, "evidence")
    assert (entry["received"], entry["kept"]) == (hashlib.sha256(LARGE).hexdigest(),) * 2
    assert [one.get("evidence") for one in await entries(filed.record_id, "read")] == [None, row.public_id]


async def test_what_is_kept_is_not_what_was_received_and_both_hashes_say_so(house: House) -> None:
    filed, photo = await house.plead(), made.jpeg()
    await wanted(house, filed)
    await kept(house, photo)
    row = await Evidence.get()
    reader = await house.actor("integrity_head")
    file = await open_file(house.office, house.kinds, reader, filed.public_id, row.public_id)
    assert made.SECRET not in file.data
    assert row.received_hash == hashlib.sha256(photo).hexdigest()
    assert row.kept_hash == hashlib.sha256(file.data).hexdigest() != row.received_hash


async def test_neither_the_service_key_nor_another_place_opens_a_chunk(house: House) -> None:
    filed = await house.plead()
    await wanted(house, filed)
    await kept(house, LARGE)
    row, chunk = await Evidence.get(), await EvidenceChunk.filter(seq=1).first()
    assert chunk is not None
    assert row.key is not None
    for blob in (chunk.content, row.key):
        with pytest.raises(KeyFileError):
            house.office.key.decrypt_bytes(blob)
    group = await KeyGroup.get(id=row.group_id)
    with pytest.raises(KeyFileError):
        unseal(group.public_key, Sealed(row.key, chunk.content))
    assert row.provider_file is None
    stored = json.dumps([repr(each) for each in await sql.rows("SELECT * FROM evidence_chunk")])
    assert LARGE[:40].decode() not in stored


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM evidence_chunk WHERE seq = 3",
        "UPDATE evidence_chunk SET seq = seq + 10 WHERE seq < 2",
        "UPDATE evidence_chunk SET content = (SELECT content FROM evidence_chunk WHERE seq = 2) WHERE seq = 1",
        "UPDATE evidence SET kept_hash = received_hash || 'x' WHERE id > 0",
    ],
)
async def test_what_was_altered_is_not_handed_out(house: House, harm: str) -> None:
    filed = await house.plead()
    await wanted(house, filed)
    await kept(house, LARGE)
    if "kept_hash" in harm:
        harm = harm.replace("received_hash || 'x'", f"'{'0' * 64}'")
    await sql.execute(harm)
    reader = await house.actor("integrity_head")
    with pytest.raises(Refused, match="file_altered"):
        await open_file(house.office, house.kinds, reader, filed.public_id, (await Evidence.get()).public_id)


@pytest.mark.parametrize(
    "who", ["officer", "officer_2", "section_head", "port_head", "sysadmin", "integrity_other", "custodian", "leader"]
)
async def test_nobody_else_gets_a_trace(house: House, who: str) -> None:
    filed = await house.plead()
    await wanted(house, filed)
    await kept(house, b"x")
    before = await sql.value("SELECT size FROM ledger_head")
    with pytest.raises(NotThere):
        await open_file(
            house.office, house.kinds, await house.actor(who), filed.public_id, (await Evidence.get()).public_id
        )
    assert await sql.value("SELECT size FROM ledger_head") == before


async def test_a_file_of_another_record_is_not_there(house: House) -> None:
    first, second = await house.plead(), await house.plead()
    await wanted(house, first)
    await kept(house, b"x")
    reader = await house.actor("integrity_head")
    with pytest.raises(NotThere):
        await open_file(house.office, house.kinds, reader, second.public_id, (await Evidence.get()).public_id)


async def test_the_same_file_is_kept_once(house: House) -> None:
    filed = await house.plead()
    assert await wanted(house, filed)
    assert not await wanted(house, filed)
    assert await wanted(house, filed, "b")
    assert await room_left(None, filed.record_id) == evidence.MOST_FILES - 2


async def test_two_tries_keep_it_once(house: House) -> None:
    filed = await house.plead()
    await wanted(house, filed)
    first = await next_wanted(house.office)
    assert await next_wanted(house.office) is None
    house.clock.advance(evidence._CLAIMED_FOR)
    second = await next_wanted(house.office)
    assert first is not None
    assert second is not None
    done = await asyncio.gather(*[keep(house.office, each, LARGE, clean_file(LARGE)) for each in (first, second)])
    assert done == [False, True]
    assert await EvidenceChunk.all().count() == 4
    assert len(await entries(filed.record_id, "evidence")) == 1


async def test_what_came_before_filing_belongs_to_the_record(house: House) -> None:
    await wanted(house, None, "a", question=5)
    await wanted(house, None, "b", question=5)
    await kept(house, b"early")
    filed = await house.plead()
    async with sql.transaction():
        await evidence.hold(5)
        await give_to_record(house.office, 5, filed.record_id)
    assert len(await entries(filed.record_id, "evidence")) == 1
    await kept(house, b"late")
    assert len(await entries(filed.record_id, "evidence")) == 2


async def test_what_belongs_to_nothing_is_erased(house: House) -> None:
    await wanted(house, None, "a", question=5)
    await kept(house, b"early")
    assert await step(house.office) == 0
    house.clock.advance(evidence.ORPHAN_AFTER * 2)
    assert await step(house.office) == 1
    assert not await EvidenceChunk.exists()
