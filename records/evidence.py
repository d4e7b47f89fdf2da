"""Files that come in for a record: wanted, kept, taken over by the record that comes of a dialog, erased with a draft.

A row says which file is wanted. Fetching and cleaning happen outside of every transaction; then the file is sealed in
chunks, and one short transaction makes it part of the record, with both hashes in the ledger.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core import failpoints
from core.crypto import new_sealed_key, seal_part
from core.media.result import Cleaned
from core.office import Office
from models import evidence_queries, ledger_append, sql
from models.evidence import Evidence
from models.record import KeyGroup, Record
from records.kind import Kind
from records.marks import actor_mark
from records.source import Source

FILES: Final = "files"
"""The type of the fields that hold files; a value names them: `Zk3…;Ab9…`."""
MOST_BYTES: Final = 10 * 1024 * 1024
MOST_FILES: Final = 20
CHUNK: Final = 256 * 1024
ADDED: Final = "evidence"
ORPHAN_AFTER: Final = dt.timedelta(hours=2)
_CLAIMED_FOR: Final = dt.timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that a channel has for us: by which lane, what the provider calls it now, what it calls it for ever."""

    lane_id: int
    file_id: str
    lasting_id: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that this process has to fetch now; `tries` counts this one and names it."""

    id: int
    lane_id: int
    file_id: str
    tries: int
    group_id: int


async def want(
    office: Office,
    kind: Kind,
    field: str,
    incoming: Incoming,
    source: Source,
    *,
    question_id: int | None,
    record_id: int | None,
) -> bool:
    """Want a file for a dialog or a record, in the caller's transaction; False where it was given before."""
    key = office.key.keyed_hash("file", incoming.lasting_id)
    there = Evidence.filter(file_key=key)
    if question_id is not None and await there.filter(question_id=question_id).exists():
        return False
    if record_id is not None and await there.filter(record_id=record_id).exists():
        return False
    group = await KeyGroup.get(name=kind.group)
    named = {"file_id": incoming.file_id}
    await Evidence.create(
        record_id=record_id,
        question_id=question_id,
        group_id=group.id,
        address_id=source.address_id,
        lane_id=incoming.lane_id,
        field=field,
        given_by=actor_mark(office, source.person_id, source.address_id),
        lang=source.lang,
        at=office.clock.now(),
        state="wanted",
        provider_file=office.key.encrypt(json.dumps(named)),
        file_key=key,
    )
    office.wakes.files.set()
    return True


async def room_left(question_id: int | None, record_id: int | None) -> int:
    """Return how many files a record, or the dialog before it, may still get."""
    if record_id is not None:
        return MOST_FILES - await evidence_queries.of_record(record_id)
    return MOST_FILES - (await evidence_queries.of_question(question_id) if question_id is not None else 0)


async def next_wanted(office: Office) -> Wanted | None:
    """Claim the oldest file that is to be fetched now; whoever claimed it and died is followed after minutes."""
    now = office.clock.now()
    row = await evidence_queries.claim(now, now + _CLAIMED_FOR)
    if row is None:
        return None
    named = json.loads(office.key.decrypt(row["provider_file"]))
    return Wanted(row["id"], row["lane_id"], named["file_id"], row["tries"], row["group_id"])


async def keep(office: Office, wanted: Wanted, received: bytes, cleaned: Cleaned) -> bool:
    """Seal a file that was fetched and make it part of its record; False where another try was first."""
    group = await KeyGroup.get(id=wanted.group_id)
    key = await _write_chunks(group, wanted.id, wanted.tries, cleaned.data)
    failpoints.hit("evidence.sealed")
    async with sql.transaction():
        now = office.clock.now()
        told = hashes_of(received, cleaned)
        row = await evidence_queries.settle(wanted.id, wanted.tries, now, key=key, **told)
        if row is not None:
            await evidence_queries.drop_other_turns(wanted.id, wanted.tries)
            if row["record_id"] is not None:
                detail = ledger_line({**row, **told})
                await ledger_append.append(row["record_id"], ADDED, row["given_by"], detail, now)
        failpoints.hit("evidence.storing")
    if row is None:
        await evidence_queries.drop_turn(wanted.id, wanted.tries)
    return row is not None


async def _write_chunks(group: KeyGroup, evidence_id: int, turn: int, data: bytes) -> bytes:
    """Write a file in parts, each a short write of its own; return its data key sealed to the group."""
    data_key, key = new_sealed_key(group.public_key)
    parts = range(0, len(data), CHUNK)
    for seq, start in enumerate(parts):
        part = seal_part(data_key, data[start : start + CHUNK], place_of(seq, len(parts)))
        await evidence_queries.put_chunk(evidence_id, turn, seq, part)
    return key


def place_of(seq: int, count: int) -> bytes:
    """Return what binds a part to its place: none can be moved, left out or added."""
    return f"{seq}/{count}".encode()


def hashes_of(received: bytes, cleaned: Cleaned) -> dict[str, Any]:
    """Return what is written down of a kept file, with the SHA-256 of what was received and of what is kept."""
    return {
        "media": cleaned.media,
        "size": len(cleaned.data),
        "received_hash": hashlib.sha256(received).hexdigest(),
        "kept_hash": hashlib.sha256(cleaned.data).hexdigest(),
    }


def ledger_line(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the ledger holds of a file: which, of which field, its size, both hashes."""
    return {
        "evidence": row["public_id"],
        "field": row["field"],
        "media": row["media"],
        "size": row["size"],
        "received": row["received_hash"],
        "kept": row["kept_hash"],
    }


async def hold(question_id: int | None) -> None:
    """Before filing: let no file of the dialog change until the transaction ends."""
    if question_id is not None:
        await evidence_queries.hold(question_id)


async def give_to_record(office: Office, question_id: int | None, record_id: int) -> None:
    """After filing: what came in the dialog belongs to the record; an entry for each file that is kept already."""
    if question_id is None:
        return
    for row in await evidence_queries.give_to_record(question_id, record_id):
        await ledger_append.append(record_id, ADDED, row["given_by"], ledger_line(row), office.clock.now())


async def drop(question_id: int) -> None:
    """Erase what came in a dialog that was dropped."""
    await evidence_queries.drop_of_question(question_id)


async def upload(
    office: Office, kind: Kind, field: str, received: bytes, cleaned: Cleaned, person_id: int, lang: str
) -> str:
    """Keep a file that comes with an act at the console; return its public id. It belongs to no record yet."""
    group, now = await KeyGroup.get(name=kind.group), office.clock.now()
    row = await Evidence.create(
        group_id=group.id,
        field=field,
        given_by=actor_mark(office, person_id),
        lang=lang,
        at=now,
        state="wanted",
        not_before=now + ORPHAN_AFTER * 12,
        tries=1,
    )
    key = await _write_chunks(group, row.id, 1, cleaned.data)
    await evidence_queries.settle(row.id, 1, now, key=key, **hashes_of(received, cleaned))
    return row.public_id


async def forget_uploads(public_ids: Sequence[str]) -> None:
    """Erase uploads whose act was not done."""
    await Evidence.filter(public_id__in=list(public_ids), record_id=None).delete()


async def give_uploads(kind: Kind, record: Record, values: Mapping[str, str]) -> dict[str, Any]:
    """Make the files that an act gives part of its record; return what its ledger entry says of them."""
    ids = [each for name, value in values.items() if kind.fields[name].type == FILES for each in value.split(";")]
    if not ids:
        return {}
    rows = await evidence_queries.give_uploads(ids, record.id)
    return {"evidence": [ledger_line(row) for row in rows]} if rows else {}


async def are_there(value: str, record_id: int) -> bool:
    """Return whether the files that a value names are kept, and belong to this record or to none yet."""
    ids = value.split(";")
    found = await Evidence.filter(public_id__in=ids, state="stored").only("id", "record_id")
    return len(found) == len(set(ids)) and all(each.record_id in (None, record_id) for each in found)


async def step(office: Office, limit: int = 200) -> int:
    """Erase files that belong to nothing; return how many."""
    return await evidence_queries.drop_orphans(office.clock.now() - ORPHAN_AFTER, limit)
