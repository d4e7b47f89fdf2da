"""Every way to alter a book is found, at the right place."""

import copy
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.checkpoint import Checkpoint
from core.ledger_export import read_entry
from core.ledger_leaf import Entry, canonical_bytes, moment_text
from core.ledger_proof import Broken, Head, Row, Sound, Verification
from core.signed_note import Signer
from records.ledger_check import CannotTell, opened, verify_file
from tests.core.ledger_book import (
    LOG_ID,
    SIGNER,
    checkpoint_of,
    exported,
    head_of,
    make_book,
    make_row,
    rehashed,
)

BOOK = make_book(40)
KEPT = checkpoint_of(BOOK[:30])


def verified(rows: Sequence[Row], head: Head | None = None, checkpoints: Sequence[Checkpoint] = (KEPT,)) -> Sound:
    verification = Verification(LOG_ID, checkpoints)
    for row in rows:
        verification.take(row)
    return verification.finish(head or head_of(list(rows)))


def test_an_honest_book_is_sound() -> None:
    assert verified(BOOK) == Sound(40, 30, 0)
    assert verified(BOOK, checkpoints=()) == Sound(40, 0, 0)
    assert verified([], checkpoints=()) == Sound(0, 0, 0)


def test_a_detail_that_was_destroyed_leaves_the_proof() -> None:
    rows = [*BOOK[:5], BOOK[5]._replace(salt=None, detail=None), *BOOK[6:]]
    assert verified(rows) == Sound(40, 30, 1)


ALTER: dict[str, Callable[[Row], Row]] = {
    "event": lambda row: row._replace(entry=row.entry._replace(event="read")),
    "actor": lambda row: row._replace(entry=row.entry._replace(actor="x")),
    "time": lambda row: row._replace(entry=row.entry._replace(at=row.entry.at + timedelta(microseconds=1))),
    "commitment": lambda row: row._replace(entry=row.entry._replace(commitment="0" * 64)),
    "leaf": lambda row: row._replace(leaf="0" * 64),
    "detail": lambda row: row._replace(detail=str(row.detail).replace("received", "closed")),
    "salt": lambda row: row._replace(salt=b"x" * 16),
    "half of the detail": lambda row: row._replace(salt=None),
    "record": lambda row: row._replace(record_id=99),
}


@pytest.mark.parametrize("what", ALTER)
def test_an_edit_is_found_where_it_is(what: str) -> None:
    rows = [*BOOK[:17], ALTER[what](BOOK[17]), *BOOK[18:]]
    with pytest.raises(Broken) as caught:
        verified(rows, head_of(BOOK))
    assert caught.value.seq == 17


REMAKE: dict[str, Callable[[list[Row]], list[Row]]] = {
    "delete": lambda rows: [*rows[:17], *rows[18:]],
    "insert": lambda rows: [*rows[:17], make_row(17, "read"), *rows[17:]],
    "reorder": lambda rows: [*rows[:17], rows[18], rows[17], *rows[19:]],
    "truncate": lambda rows: rows[:17],
}


@pytest.mark.parametrize(("what", "place"), [("delete", 17), ("insert", 18), ("reorder", 17), ("truncate", 17)])
def test_what_was_moved_or_removed_is_found_where_it_was(what: str, place: int) -> None:
    with pytest.raises(Broken) as caught:
        verified(REMAKE[what](copy.copy(BOOK)), head_of(BOOK))
    assert caught.value.seq == place


def test_who_makes_all_hashes_anew_is_found_by_the_next_checkpoint() -> None:
    altered = [*BOOK[:17], rehashed(BOOK[17], actor="x"), *BOOK[18:]]
    assert verified(altered, checkpoints=()).signed == 0, "only a checkpoint can tell"
    with pytest.raises(Broken, match="entries 10 to 29") as caught:
        verified(altered, checkpoints=[checkpoint_of(BOOK[:10]), KEPT])
    assert caught.value.seq == 10


@pytest.mark.parametrize("size", [0, 17, 29])
def test_a_book_cut_off_with_its_head_is_found_by_an_older_checkpoint(size: int) -> None:
    assert verified(BOOK[:size], checkpoints=()).entries == size
    with pytest.raises(Broken, match="ends here") as caught:
        verified(BOOK[:size])
    assert caught.value.seq == size


def test_two_histories_are_found() -> None:
    other = [*BOOK[:29], rehashed(BOOK[29], actor="x")]
    with pytest.raises(Broken, match="two histories"):
        verified(BOOK, checkpoints=[KEPT, checkpoint_of(other)])


def test_a_checkpoint_of_another_book_and_a_foreign_key_are_refused() -> None:
    with pytest.raises(Broken, match="another book"):
        verified(BOOK, checkpoints=[Checkpoint("lianxin/other", 30, KEPT.root)])
    forged = KEPT.signed(Signer(SIGNER.verifier.name, b"f" * 32))
    with pytest.raises(Broken, match=r"checkpoint 1 \(30 entries\): the given key did not sign it"):
        opened([forged], SIGNER.verifier)


@pytest.mark.parametrize(
    "head",
    [
        replace(head_of(BOOK), size=41),
        replace(head_of(BOOK), size=39),
        replace(head_of(BOOK), root="0" * 64),
        replace(head_of(BOOK), frontier=b""),
    ],
)
def test_a_head_that_does_not_fit_is_found(head: Head) -> None:
    with pytest.raises(Broken):
        verified(BOOK, head)


def test_an_export_is_verified(tmp_path: Path) -> None:
    path = tmp_path / "book.jsonl"
    path.write_text(exported(BOOK))
    assert verify_file(path, SIGNER.verifier, [KEPT]) == Sound(40, 40, 0)
    path.write_text(exported(BOOK, details=False))
    assert verify_file(path, SIGNER.verifier, [KEPT]) == Sound(40, 40, 40)
    assert "received" not in path.read_text()


def test_entries_behind_the_checkpoints_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "book.jsonl"
    lines = exported(BOOK).splitlines(keepends=True)
    path.write_text("".join([*lines[:-2], lines[-1], lines[-2]]))
    with pytest.raises(Broken, match="behind") as caught:
        verify_file(path, SIGNER.verifier, [])
    assert caught.value.seq == 39


@pytest.mark.parametrize("content", [b"", b"{}\n", b"\xff\xfe", b"[1]\n", b'{"format":"x"}\n'])
def test_what_is_no_export_cannot_be_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "book.jsonl"
    path.write_bytes(content)
    with pytest.raises((CannotTell, Broken)):
        verify_file(path, SIGNER.verifier, [])
    with pytest.raises(CannotTell):
        verify_file(tmp_path / "none", SIGNER.verifier, [])


def test_no_flipped_bit_of_a_log_of_two_hundred_is_accepted(tmp_path: Path) -> None:
    """Every bit of head and checkpoint by the whole file; entries by their line, read where it stands.

    Every bit of every twentieth entry, of the others one bit a byte: the seconds that all of them take say no more.
    """
    whole = exported(make_book(200)).encode()
    lines = whole.splitlines(keepends=True)
    path = tmp_path / "book.jsonl"
    for at in [*range(len(lines[0])), *range(len(whole) - len(lines[-1]), len(whole))]:
        for bit in range(8):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
            with pytest.raises((Broken, CannotTell)):
                verify_file(path, SIGNER.verifier, [])
    verification = Verification(LOG_ID, [])
    for number, line in enumerate(lines[1:-1]):
        bits = range(8) if number % 20 == 0 else [number % 8]
        assert not any(_is_taken(copy.copy(verification), flipped) for flipped in _flips(line, bits))
        assert _is_taken(verification, line)


def _flips(line: bytes, bits: Sequence[int]) -> Iterator[bytes]:
    for at in range(len(line) - 1):  # without its end the line is one with the next, which is no JSON
        for bit in bits:
            yield line[:at] + bytes([line[at] ^ 1 << bit]) + line[at + 1 :]


def _is_taken(verification: Verification, line: bytes) -> bool:
    """Read a line of an entry and take it; False where it is refused."""
    try:
        verification.take(read_entry(line.decode(), 2))
    except (UnicodeDecodeError, Broken):
        return False
    return True


@given(event=st.text(max_size=20), actor=st.text(max_size=20), seq=st.integers(0, 2**63 - 1), at=st.datetimes())
def test_a_leaf_is_json_as_the_standard_library_writes_it(event: str, actor: str, seq: int, at: datetime) -> None:
    entry = Entry(seq, at.replace(tzinfo=UTC), event, actor, "c")
    parts = ["lianxin ledger 1", LOG_ID, seq, moment_text(entry.at), event, actor, "c"]
    try:
        expected = json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # half of a pair of surrogates is no text
        return
    assert canonical_bytes(LOG_ID, entry) == expected
