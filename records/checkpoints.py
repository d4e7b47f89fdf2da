"""Checkpoints of the ledger: made daily, every hundred entries and on demand, and carried out of the machine.

Before a head is signed, the entries since the last checkpoint are computed again: what was altered is not signed.
"""

import base64
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from core.checkpoint import Checkpoint
from core.ledger_leaf import leaf_of
from core.ledger_proof import Broken, Head, origin_of
from core.merkle import Frontier
from core.office import Office
from core.signed_note import Signer, new_private
from messaging.outbox import NewMessage, enqueue
from models import ledger_read, sql
from models.address import Address
from people.access import holders

EVERY: Final = 100
DAILY: Final = timedelta(days=1)
KEY_STAMP: Final = "ledger_signing_key"
AUDITOR: Final = "auditor"
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Made:
    """A checkpoint as it is kept: how many entries, the signed note, when."""

    size: int
    note: str
    made_at: datetime


async def signer(office: Office, log_id: str) -> Signer:
    """Return what signs for this book; its key is made at first need and kept under the service key."""
    kept = await ledger_read.stamp(KEY_STAMP)
    if kept is None:
        wrapped = base64.b64encode(office.key.encrypt(new_private())).decode()
        kept = await ledger_read.keep_stamp(KEY_STAMP, wrapped)
    return Signer(origin_of(log_id), office.key.decrypt_bytes(base64.b64decode(kept)))


async def make(office: Office) -> Made | None:
    """Sign the head of the book, once for each size; None where it is empty.

    Raises Broken where the entries since the last checkpoint do not lead to the head.
    """
    head, last = await ledger_read.head(), await ledger_read.last_checkpoint()
    if head is None or head.size == 0:
        return None
    if last is not None and last["size"] == head.size:
        return Made(head.size, last["note"], last["made_at"])
    await _check_since(head, Frontier() if last is None else Frontier.from_bytes(last["size"], last["frontier"]))
    note = Checkpoint(origin_of(head.log_id), head.size, bytes.fromhex(head.root)).signed(
        await signer(office, head.log_id)
    )
    made = Made(head.size, note, office.clock.now())
    if await ledger_read.keep_checkpoint(made.size, head.frontier, note, made.made_at):
        log.info("ledger.checkpoint", size=made.size)
    return made


async def _check_since(head: Head, tree: Frontier) -> None:
    async for row in ledger_read.rows(tree.size):
        if tree.size == head.size:
            break
        if row.entry.seq != tree.size:
            raise Broken("it is missing", tree.size)
        tree = tree.append(leaf_of(head.log_id, row.entry))
    if tree.size != head.size or tree.root().hex() != head.root:
        raise Broken("the entries since the last checkpoint do not make the tree of the head")


async def step(office: Office, folder: Path) -> int:
    """Make a checkpoint where one is due and carry it out; return how many were made. What housekeeping calls.

    An altered book is not signed: it is an incident until it is sound again.
    """
    last = await ledger_read.last_checkpoint()
    if not await _is_due(office, last["size"] if last else 0, last["made_at"] if last else None):
        return 0
    made = await _made_or_broken(office)
    if made is None:
        return 0
    write(made, folder)
    await _tell_auditors(office, made)
    return 1


async def _made_or_broken(office: Office) -> Made | None:
    was_broken = await ledger_read.is_broken()
    try:
        made = await make(office)
    except Broken as error:
        if not was_broken:
            log.error("ledger.broken", seq=error.seq)
            await ledger_read.set_broken(broken=True)
        return None
    if was_broken:
        await ledger_read.set_broken(broken=False)
    return made


async def _is_due(office: Office, size: int, made_at: datetime | None) -> bool:
    head = await ledger_read.head()
    new = head.size - size if head else 0
    return new >= EVERY or (new > 0 and (made_at is None or office.clock.now() - made_at >= DAILY))


def write(made: Made, folder: Path) -> Path:
    """Write a checkpoint into a folder, whole or not at all, under its size; return the file."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"checkpoint-{made.size:010d}.txt"
    half = path.with_suffix(".half")
    with half.open("w", encoding="utf-8") as file:
        file.write(made.note)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    return path


async def _tell_auditors(office: Office, made: Made) -> None:
    """Send it to each auditor who is bound to the chat, at most one a day: nobody can take it back."""
    day = made.made_at.astimezone(office.zone).date().isoformat()
    addresses = await Address.filter(
        person_id__in=await holders(AUDITOR), channel="telegram", verified_at__isnull=False, bad_at__isnull=True
    ).prefetch_related("person")
    async with sql.transaction():
        for address in addresses:
            lang = address.person.lang if address.person else office.locale
            text = f"{office.texts.say('ledger.checkpoint', lang, n=made.size)}\n\n{made.note}"
            await enqueue(
                office,
                NewMessage(
                    dedupe_key=f"checkpoint:{day}:{address.person_id}",
                    channel="telegram",
                    address_id=address.id,
                    person_id=address.person_id,
                    category="duty",
                    lang=lang,
                    text=text,
                    text_key="ledger.checkpoint",
                ),
            )
