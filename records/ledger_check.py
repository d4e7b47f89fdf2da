"""Verifying the ledger, from the database or from an export, and writing an export."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from pathlib import Path

from core.checkpoint import Checkpoint
from core.inclusion import Inclusion, NoProof, inclusion_of, path_of, read_inclusion
from core.ledger_export import (
    NoExport,
    checkpoint_line,
    entry_line,
    head_line,
    is_checkpoint,
    read_checkpoint,
    read_entry,
    read_head,
)
from core.ledger_proof import Broken, Head, Row, Sound, Verification
from core.signed_note import BadNote, Verifier
from models import ledger_read


class CannotTell(Exception):
    """Nothing can be said about the book, for lack of something that the text names."""


def opened(notes: Iterable[str], verifier: Verifier) -> list[Checkpoint]:
    """Return the checkpoints of notes. Raises Broken where one is not signed by that key."""
    found = []
    for number, note in enumerate(notes, start=1):
        try:
            found.append(Checkpoint.open(note, verifier))
        except BadNote as error:
            raise Broken(f"checkpoint {number} ({_size_of(note)}): {error}") from None
    return found


def _size_of(note: str) -> str:
    lines = note.split("\n")
    return f"{lines[1]} entries" if len(lines) > 1 and lines[1].isdigit() else "of no readable size"


async def verify_database(verifier: Verifier, outside: Sequence[Checkpoint]) -> Sound:
    """Verify the book of the open database. Raises Broken, CannotTell."""
    head = await ledger_read.head()
    if head is None:
        return _nothing(outside)
    checkpoints = [*opened(await ledger_read.notes(), verifier), *outside]
    verification, size = Verification(head.log_id, checkpoints), 0
    while True:  # the service may append meanwhile: rows first, then the head that counts them
        before = size
        async for row in ledger_read.rows(size):
            verification.take(row)
            size += 1
        head = await ledger_read.head() or head
        if head.size <= size or size == before:
            return verification.finish(head)


def _nothing(outside: Sequence[Checkpoint]) -> Sound:
    if any(each.size for each in outside):
        raise Broken("the book is empty, and a checkpoint was signed over entries", 0)
    return Sound(0, 0, 0)


def verify_file(path: Path, verifier: Verifier, outside: Sequence[Checkpoint]) -> Sound:
    """Verify an export. Raises Broken, CannotTell."""
    try:
        head = read_head(next(_lines(path), ""))
        notes = [read_checkpoint(line) for line in _lines(path) if is_checkpoint(line)]
        verification = Verification(head.log_id, [*opened(notes, verifier), *outside])
        for row in _entries(path):
            verification.take(row)
    except NoExport:
        raise CannotTell("This file is no export of a ledger, or its first line was altered.") from None
    except UnicodeDecodeError:
        raise Broken("the file holds bytes that no export writes") from None
    except OSError as error:
        raise CannotTell(f"The file cannot be read ({type(error).__name__}).") from None
    return verification.finish(head)


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="\n") as file:
        yield from file


def _entries(path: Path) -> Iterator[Row]:
    is_over = False
    for number, line in enumerate(_lines(path), start=1):
        if is_checkpoint(line):
            is_over = True
        elif number > 1:
            row = read_entry(line, number)
            if is_over:
                raise Broken("it stands behind the checkpoints", row.entry.seq)
            yield row


async def export_lines(*, details: bool) -> AsyncIterator[str]:
    """Give the lines of an export of the open database. Raises CannotTell where the book is empty."""
    head = await ledger_read.head()
    if head is None:
        raise CannotTell("The book is empty: nothing has happened to any record yet.")
    yield head_line(head)
    async for row in _first(head):
        yield entry_line(row, details=details)
    for note in await ledger_read.notes():
        yield checkpoint_line(note)


async def _first(head: Head) -> AsyncIterator[Row]:
    """Give as many entries as the head counts; later ones are of another moment."""
    async for row in ledger_read.rows():
        if row.entry.seq >= head.size:
            return
        yield row


async def prove(seq: int, note: str, *, details: bool) -> Inclusion:
    """Return the proof that an entry stands under a signed checkpoint of the open database.

    Raises CannotTell where the checkpoint does not reach to it.
    """
    size = Checkpoint.parse(note).size
    if not 0 <= seq < size:
        raise CannotTell(f"The book has the entries 0 to {size - 1}.")
    leaves, wanted = [], None
    async for row in ledger_read.rows():
        if row.entry.seq >= size:
            break
        leaves.append(bytes.fromhex(row.leaf))
        wanted = row if row.entry.seq == seq else wanted
    if wanted is None:
        raise Broken("it is missing", seq)
    return inclusion_of(wanted, path_of(leaves, seq, size), note, details=details)


def verify_proof(path: Path, verifier: Verifier, outside: Sequence[Checkpoint]) -> tuple[Inclusion, Checkpoint]:
    """Verify the proof of one entry in a file; return it and its checkpoint.

    Raises Broken, also where a checkpoint from outside of the same size says otherwise; CannotTell.
    """
    try:
        proof = read_inclusion(path.read_text(encoding="utf-8").rstrip("\n") + "\n")
    except (NoProof, UnicodeDecodeError):
        raise CannotTell("This file is no proof of an entry, or it was altered beyond reading.") from None
    except OSError as error:
        raise CannotTell(f"The file cannot be read ({type(error).__name__}).") from None
    checkpoint = proof.verify(verifier)
    if any(each.size == checkpoint.size and each.root != checkpoint.root for each in outside):
        raise Broken(f"two checkpoints of {checkpoint.size} entries differ: there are two histories")
    return proof, checkpoint
