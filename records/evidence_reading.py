"""Files of a record for its readers: a list without their content, and one opened, which is a ledger entry."""

import datetime as dt
import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from core.crypto import open_part, open_sealed_key
from core.errors import KeyFileError, NotThere, Refused
from core.media.sniff import ENDINGS
from core.office import Office
from models import ledger_append
from models.evidence import Evidence, EvidenceChunk
from models.record import KeyGroup, Record
from people.access import Actor
from records.evidence import place_of
from records.groups import group_private_key
from records.kind import Kinds
from records.marks import actor_mark
from records.reach import grasp_of, may_see, row_for
from records.views import view_of, views_on


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file of a record: of which field, since when, what it is, how it stands (wanted, stored, refused, gone)."""

    public_id: str
    field: str
    at: dt.datetime
    state: str
    media: str | None
    size: int | None
    kept_hash: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """One file in clear, in memory only. `name` holds nothing that a sender gave."""

    name: str
    media: str
    data: bytes


async def files_of(record_id: int, fields: Collection[str]) -> tuple[FileLine, ...]:
    """Return the files of the fields that a reader may see, in the order in which they came."""
    rows = await Evidence.filter(record_id=record_id, field__in=sorted(fields)).order_by("id") if fields else []
    return tuple(
        FileLine(row.public_id, row.field, row.at, row.state, row.media, row.size, row.kept_hash, row.reason)
        for row in rows
    )


async def open_file(office: Office, kinds: Kinds, actor: Actor, public_id: str, file_id: str) -> OpenedFile:
    """Open one file of a record; the ledger has it before anybody sees it.

    Raises NotThere where the actor may not know of it, Refused where his passphrase has not unlocked it, or where what
    is kept is not what was put there.
    """
    record, file = await _entitled(office, kinds, actor, public_id, file_id)
    private = await group_private_key(office, await KeyGroup.get(id=file.group_id), actor)
    try:
        data = await _unsealed(private, file)
    except KeyFileError:
        raise Refused("records.file_altered") from None
    if hashlib.sha256(data).hexdigest() != file.kept_hash:
        raise Refused("records.file_altered")
    detail = {"evidence": file.public_id}
    await ledger_append.append(record.id, "read", actor_mark(office, actor.person_id), detail, office.clock.now())
    number = 1 + await Evidence.filter(record_id=record.id, id__lt=file.id).count()
    media = str(file.media)
    return OpenedFile(f"{record.number}-{number}.{ENDINGS[media]}", media, data)


async def _entitled(
    office: Office, kinds: Kinds, actor: Actor, public_id: str, file_id: str
) -> tuple[Record, Evidence]:
    record = await Record.get_or_none(public_id=public_id)
    if record is None or record.kind not in kinds.by_id:
        raise NotThere
    file = await Evidence.get_or_none(public_id=file_id, record_id=record.id, state="stored")
    kind = kinds.get(record.kind)
    field = kind.fields.get(file.field) if file is not None else None
    if file is None or field is None:
        raise NotThere
    grasp = await grasp_of(office, kind, actor)
    row = await row_for(grasp, public_id)
    if row is not None and may_see(kinds, field, grasp.rules_for(row), record.facts):
        return record, file
    if await view_of(office, kind, actor, grasp, public_id) is None:
        raise NotThere
    if not any(field.id in view.sees for view in views_on(kind, actor, record)):
        raise NotThere
    return record, file


async def _unsealed(private: bytes, file: Evidence) -> bytes:
    if file.key is None:
        raise NotThere
    data_key = open_sealed_key(private, file.key)
    chunks = await EvidenceChunk.filter(evidence_id=file.id, turn=file.tries).order_by("seq")
    parts = (open_part(data_key, chunk.content, place_of(chunk.seq, len(chunks))) for chunk in chunks)
    return b"".join(parts)
