"""Signed notes and checkpoints, also against a note and roots that other programs made."""

import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core.checkpoint import Checkpoint
from core.merkle import EMPTY_ROOT, Frontier, leaf_hash
from core.signed_note import BadNote, Signer, Verifier, open_note, split

PRIVATE = bytes(range(32))
# The example in the documentation of Go's package golang.org/x/mod/sumdb/note.
THEIRS = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
THEIR_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
THEIR_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
# Leaves and roots of the tests of Certificate Transparency's own implementations.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def test_a_note_that_another_program_signed_is_understood() -> None:
    verifier = Verifier.parse(THEIRS)
    assert str(verifier) == THEIRS
    assert open_note(f"{THEIR_TEXT}\n{THEIR_LINE}", verifier) == THEIR_TEXT


def test_roots_that_other_programs_know() -> None:
    tree = Frontier()
    for leaf, root in zip(LEAVES, ROOTS, strict=True):
        tree = tree.append(leaf_hash(bytes.fromhex(leaf)))
        assert tree.root().hex() == root


def test_another_tool_accepts_our_signature(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl command here")
    signer = Signer("lianxin/abc", PRIVATE)
    note = Checkpoint("lianxin/abc", 3, b"r" * 32).signed(signer)
    text, (line,) = split(note)
    (tmp_path / "text").write_text(text)
    (tmp_path / "signature").write_bytes(base64.b64decode(line.rpartition(" ")[2])[4:])
    public = Ed25519PublicKey.from_public_bytes(signer.verifier.public)
    (tmp_path / "key.pem").write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    words = ["pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-in", "text", "-sigfile", "signature"]
    assert subprocess.run([openssl, *words], cwd=tmp_path, capture_output=True, check=False).returncode == 0
    (tmp_path / "text").write_text(text.replace("3", "4"))
    assert subprocess.run([openssl, *words], cwd=tmp_path, capture_output=True, check=False).returncode != 0


def test_what_was_signed_comes_back() -> None:
    signer = Signer("lianxin/abc", PRIVATE)
    checkpoint = Checkpoint("lianxin/abc", 0, EMPTY_ROOT)
    note = checkpoint.signed(signer)
    assert Checkpoint.open(note, Verifier.parse(str(signer.verifier))) == checkpoint
    assert Checkpoint.open(note + THEIR_LINE, signer.verifier) == checkpoint


def test_a_note_of_another_key_or_another_text_is_refused() -> None:
    signer, other = Signer("lianxin/abc", PRIVATE), Signer("lianxin/abc", PRIVATE[::-1])
    note = Checkpoint("lianxin/abc", 12, b"r" * 32).signed(signer)
    with pytest.raises(BadNote, match="did not sign"):
        open_note(note, other.verifier)
    with pytest.raises(BadNote, match="altered"):
        open_note(note.replace("12", "13"), signer.verifier)


@pytest.mark.parametrize(
    "note", ["", "\n", "text\n", "text\n\n", "a\n\nno dash\n", "a\n\n— name !\n", "a\0b\n\n— n A\n"]
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(BadNote):
        open_note(note, Signer("n", PRIVATE).verifier)


@pytest.mark.parametrize(
    "text",
    ["", "a+b", "name+00000000+AAAA", THEIRS.replace("c74f", "c74e"), THEIRS[:-4], THEIRS.replace("Neu", "N u")],
)
def test_what_is_no_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        Verifier.parse(text)


@pytest.mark.parametrize("text", ["a\n1\n", "a\n01\nAAAA\n", "a\n-1\nAAAA\n", "\n1\n" + "A" * 43 + "=\n", "a\nx\ny\n"])
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        Checkpoint.parse(text)


def test_a_name_with_blanks_or_plus_is_refused() -> None:
    for name in ("", "a b", "a+b"):
        with pytest.raises(BadNote):
            Signer(name, PRIVATE)
