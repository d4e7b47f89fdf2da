"""Proofs of single entries: against the definition, against a verifier of other makers, against whoever alters them."""

import base64
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore._internal.rekor.checkpoint import SignedCheckpoint
from sigstore.errors import VerificationError

from core.inclusion import Inclusion, NoProof, inclusion_of, path_of, read_inclusion, root_of
from core.ledger_leaf import canonical_bytes
from core.ledger_proof import Broken, Row
from core.merkle import leaf_hash
from tests.core.ledger_book import LOG_ID, SIGNER, checkpoint_of, make_book, rehashed, tree_of

VERIFIER = SIGNER.verifier


def proof_of(rows: list[Row], seq: int, *, details: bool = True) -> Inclusion:
    path = path_of([bytes.fromhex(row.leaf) for row in rows], seq, len(rows))
    return inclusion_of(rows[seq], path, checkpoint_of(rows).signed(SIGNER), details=details)


def as_others_read_it(proof: Inclusion) -> Any:
    """Give a proof as the entry of a transparency log that sigstore reads."""
    read = SignedCheckpoint.from_text(proof.note).checkpoint
    inside = SimpleNamespace(
        log_index=proof.entry.seq,
        tree_size=read.log_size,
        hashes=list(proof.path),
        root_hash=bytes.fromhex(read.log_hash),
    )
    body = canonical_bytes(LOG_ID, proof.entry)
    return SimpleNamespace(_inner=SimpleNamespace(inclusion_proof=inside, canonicalized_body=body))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13, 64, 100])
def test_every_entry_of_a_book_is_proved_also_to_another_verifier(size: int) -> None:
    rows = make_book(size)
    for seq in range(size):
        proof = proof_of(rows, seq)
        assert proof.verify(VERIFIER) == checkpoint_of(rows)
        verify_merkle_inclusion(as_others_read_it(proof))
        assert read_inclusion(str(proof)) == proof


def test_the_other_verifier_refuses_what_we_refuse() -> None:
    rows = make_book(11)
    proof = proof_of(rows, 4)
    altered = Inclusion(rehashed(rows[4], event="moved").entry, proof.path, proof.note)
    with pytest.raises(VerificationError):
        verify_merkle_inclusion(as_others_read_it(altered))
    with pytest.raises(Broken, match="entry 4"):
        altered.verify(VERIFIER)


@given(size=st.integers(1, 70), data=st.data())
def test_a_path_leads_to_the_root_of_its_own_leaf_only(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = [leaf_hash(bytes([each])) for each in range(size)]
    rows_root = tree_root(leaves)
    path = path_of(iter(leaves), index, size)
    assert root_of(leaves[index], index, size, path) == rows_root
    other = data.draw(st.integers(0, size - 1))
    if other != index:
        assert root_of(leaves[index], other, size, path) != rows_root
        assert root_of(leaves[other], index, size, path) != rows_root
    assert root_of(leaves[index], index, size, [*path, leaves[0]]) is None
    if path:
        assert root_of(leaves[index], index, size, path[:-1]) is None


def tree_root(leaves: list[bytes]) -> bytes:
    from core.merkle import Frontier

    tree = Frontier()
    for leaf in leaves:
        tree = tree.append(leaf)
    return tree.root()


@pytest.mark.parametrize(("leaves", "index", "size"), [(3, 3, 3), (3, -1, 3), (2, 0, 3), (0, 0, 0)])
def test_what_is_not_in_the_book_has_no_path(leaves: int, index: int, size: int) -> None:
    with pytest.raises(ValueError, match="entr"):
        path_of([leaf_hash(b"")] * leaves, index, size)


def test_no_flipped_bit_of_a_proof_is_accepted() -> None:
    text = str(proof_of(make_book(13), 6)).encode()
    for at in range(len(text) * 8):
        altered = bytearray(text)
        altered[at // 8] ^= 1 << at % 8
        with pytest.raises((NoProof, Broken, UnicodeDecodeError)):
            read_inclusion(altered.decode()).verify(VERIFIER)


def test_without_its_detail_it_says_when_and_not_what() -> None:
    proof = proof_of(make_book(13), 6, details=False)
    assert proof.verify(VERIFIER).size == 13
    extra = base64.b64decode(str(proof).split("\n")[1].removeprefix("extra ")).decode()
    assert "received" not in extra
    with pytest.raises(Broken, match="half"):
        Inclusion(proof.entry, proof.path, proof.note, b"salt").verify(VERIFIER)
    with pytest.raises(Broken, match="detail"):
        Inclusion(proof.entry, proof.path, proof.note, b"salt", "{}").verify(VERIFIER)


def test_a_foreign_key_and_an_entry_beyond_the_checkpoint_are_refused() -> None:
    rows = make_book(9)
    proof = proof_of(rows, 8)
    from core.signed_note import Signer

    with pytest.raises(Broken, match="did not sign"):
        proof.verify(Signer(VERIFIER.name, b"x" * 32).verifier)
    older = checkpoint_of(rows[:8]).signed(SIGNER)
    with pytest.raises(Broken, match="entry 8"):
        Inclusion(proof.entry, (), older).verify(VERIFIER)
    assert tree_of(rows[:8]).size == 8


@pytest.mark.parametrize(
    "text", ["", "c2sp.org/tlog-proof@v1\n", "a\nb\nc\n\nnote", "c2sp.org/tlog-proof@v1\nextra e30=\nindex x\n\nn"]
)
def test_what_is_no_proof_is_refused(text: str) -> None:
    with pytest.raises(NoProof):
        read_inclusion(text)
