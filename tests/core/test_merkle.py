"""The tree against the definition of RFC 6962, written out recursively."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.merkle import EMPTY_ROOT, Frontier, leaf_hash, node_hash


def defined_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + defined_root(leaves[:k]) + defined_root(leaves[k:])).digest()


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_the_frontier_has_the_root_of_the_definition(leaves: list[bytes]) -> None:
    tree = Frontier()
    for leaf in leaves:
        tree = tree.append(leaf_hash(leaf))
        tree = Frontier.from_bytes(tree.size, tree.to_bytes())
    assert tree.root() == defined_root(leaves)
    assert tree.size == len(leaves)


def test_known_roots() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert node_hash(b"", b"").hex() == hashlib.sha256(b"\x01").hexdigest()


@pytest.mark.parametrize(("size", "data"), [(1, b""), (2, b"x" * 64), (3, b"x" * 63), (0, b"x" * 32)])
def test_what_is_no_frontier_is_refused(size: int, data: bytes) -> None:
    with pytest.raises(ValueError, match="frontier"):
        Frontier.from_bytes(size, data)
