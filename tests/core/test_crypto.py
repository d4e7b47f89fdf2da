"""The service key, its file, and sealing to a group."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.crypto import ServiceKey, create_key_file, load_key_file, new_pair, seal_to, unseal
from core.errors import KeyFileError

KEY = ServiceKey([b"k" * 32])


@given(st.text())
def test_what_is_encrypted_comes_back(text: str) -> None:
    blob = KEY.encrypt(text)
    assert KEY.decrypt(blob) == text
    assert len(text) < 4 or text.encode() not in blob


def test_an_old_key_still_reads_and_hashes_after_rotation() -> None:
    old, new = b"o" * 32, b"n" * 32
    blob, digest = ServiceKey([old]).encrypt("早"), ServiceKey([old]).keyed_hash("x", "y")
    rotated = ServiceKey([new, old])
    assert rotated.decrypt(blob) == "早"
    assert rotated.keyed_hash("x", "y") == digest
    assert rotated.encrypt("a")[:4] == ServiceKey([new]).encrypt("a")[:4]


def test_a_foreign_or_altered_row_is_refused_without_its_text() -> None:
    blob = KEY.encrypt("a secret sentence")
    with pytest.raises(KeyFileError) as foreign:
        ServiceKey([b"z" * 32]).decrypt(blob)
    with pytest.raises(KeyFileError) as altered:
        KEY.decrypt(blob[:-1] + bytes([blob[-1] ^ 1]))
    assert "secret" not in str(foreign.value) + str(altered.value)


def test_hashes_differ_by_purpose_and_key() -> None:
    assert KEY.keyed_hash("a", "v") != KEY.keyed_hash("b", "v")
    assert KEY.keyed_hash("a", "v") != ServiceKey([b"z" * 32]).keyed_hash("a", "v")
    assert KEY.keyed_hash("a", "bc") != KEY.keyed_hash("ab", "c")


def test_sealing_is_read_by_the_group_alone() -> None:
    public, private = new_pair()
    sealed = seal_to(public, "有人说情".encode())
    assert unseal(private, sealed).decode() == "有人说情"
    with pytest.raises(KeyFileError):
        unseal(new_pair()[1], sealed)


def test_the_same_content_is_sealed_differently_each_time() -> None:
    public, _ = new_pair()
    assert seal_to(public, b"x") != seal_to(public, b"x")


def test_a_key_file_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "a" / "service.key"
    create_key_file(path)
    assert path.stat().st_mode & 0o777 == 0o600
    load_key_file(path).encrypt("x")
    with pytest.raises(KeyFileError, match="exists already"):
        create_key_file(path)


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        (None, 0o600, "missing"),
        ("", 0o600, "no usable key"),
        ("not base64!", 0o600, "no key"),
        ("c2hvcnQ=", 0o600, "no usable key"),
        ("GOOD", 0o644, "chmod 600"),
        ("GOOD", 0o640, "chmod 600"),
    ],
)
def test_an_unusable_key_file_stops_with_what_to_do(tmp_path: Path, content: str | None, mode: int, said: str) -> None:
    path = tmp_path / "service.key"
    if content == "GOOD":
        create_key_file(path)
    elif content is not None:
        path.write_text(content)
    if content is not None:
        os.chmod(path, mode)
    with pytest.raises(KeyFileError, match=said):
        load_key_file(path)
