"""The book of records: one append beside a bare INSERT of as many bytes, verifying beside hashing what is verified."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from bench.figures import Experiment, Line, Sample, at_least, at_most
from bench.meter import Spent, measured
from bench.stand import Stand
from bench.store import EMPTY, Template, opened
from core.checkpoint import Checkpoint
from core.ledger_leaf import canonical_bytes
from core.ledger_proof import origin_of
from core.merkle import HASH_BYTES
from core.signed_note import Signer
from models import ledger_append, ledger_read, sql
from records.ledger_check import export_lines, verify_file

APPENDS = 500
EVENT, ACTOR = "moved", "a" * 64
DETAIL = {"state": "accepted", "act": "accept", "role": "integrity_officer"}
_CREATE = (
    "CREATE TABLE bare (seq bigint PRIMARY KEY, at text, event text, record_id bigint, actor text, commitment text, "
    "leaf text, salt text, detail text)"
)
_INSERT = "INSERT INTO bare VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
_ROW = (EVENT, 1, ACTOR, "c" * 64, "f" * 64, "s" * 16, str(DETAIL))


async def _appended(url: str, many: int, now: datetime) -> Spent:
    async with opened(url):
        await _append(now)
        with measured() as spent:
            for _ in range(many):
                await _append(now)
    return spent


async def _append(now: datetime) -> None:
    async with sql.transaction():
        await ledger_append.append(1, EVENT, ACTOR, DETAIL, now)


async def _inserted(url: str, many: int, now: datetime) -> Spent:
    """The same through the same driver and transactions: what a register without a book would pay."""
    async with opened(url):
        await sql.execute(_CREATE)
        await sql.execute(_INSERT, 0, now.isoformat(), *_ROW)
        with measured() as spent:
            for seq in range(1, many + 1):
                async with sql.transaction():
                    await sql.execute(_INSERT, seq, now.isoformat(), *_ROW)
    return spent


async def measure_append(stand: Stand, size: int) -> Mapping[str, Sample]:
    """Append and insert as often, each on its own copy."""
    now = stand.office.clock.now()
    async with stand.store.copy(EMPTY) as url:
        base = await _inserted(url, size, now)
    async with stand.store.copy(EMPTY) as url:
        ours = await _appended(url, size, now)
    return {"ledger.append": Sample(ours.wall / size * 1000, base.wall / size * 1000)}


def book_of(size: int, now: datetime) -> Template:
    """Return a ledger of so many entries."""

    async def write() -> None:
        async with sql.transaction():
            for _ in range(size):
                await _append(now)

    return Template(f"book-{size}", write)


async def measure_verify(stand: Stand, size: int) -> Mapping[str, Sample]:
    """Verify an export, and hash once what it hashes: both sides of each entry, and a node of the tree."""
    file = stand.folder / f"book-{size}.jsonl"
    async with stand.store.copy(book_of(size, stand.office.clock.now())) as url, opened(url):
        head = await ledger_read.head()
        assert head is not None
        signer = Signer(origin_of(head.log_id), bytes(HASH_BYTES))
        note = Checkpoint(origin_of(head.log_id), head.size, bytes.fromhex(head.root)).signed(signer)
        await ledger_read.keep_checkpoint(head.size, head.frontier, note, stand.office.clock.now())
        file.write_text("".join([line async for line in export_lines(details=True)]), encoding="utf-8")
        parts = [
            (canonical_bytes(head.log_id, row.entry), (row.salt or b"") + (row.detail or "").encode())
            async for row in ledger_read.rows()
        ]
    with measured() as base:
        for leaf, content in parts:
            hashlib.sha256(content).digest()
            hashlib.sha256(hashlib.sha256(leaf).digest() * 2).digest()
    with measured() as ours:
        verify_file(file, signer.verifier, [])
    return {"ledger.verify": Sample(size / ours.wall, size / base.wall)}


APPEND = Experiment(
    "append",
    measure_append,
    (1000, APPENDS, 48),
    (Line("ledger.append", "appending to the ledger, durable", "a bare INSERT, durable", "ms", at_most(1.3)),),
)

VERIFY = Experiment(
    "verify",
    measure_verify,
    (100_000, 10_000, 100),
    (Line("ledger.verify", "verifying an exported book", "SHA-256 over the same bytes", "entries/s", at_least(0.5)),),
    databases=("sqlite",),
)
