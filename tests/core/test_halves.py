"""The recovery key on paper: two halves, each with what finds a slip."""

import os

import pytest

from core.halves import BadHalf, joined, read_half, split

PUBLIC = b"public key"


def test_both_halves_make_the_secret_in_either_order() -> None:
    secret = os.urandom(32)
    one, other = split(secret, PUBLIC)
    assert joined(one, other, PUBLIC) == joined(other, one, PUBLIC) == secret
    assert joined(read_half(one.printed()), read_half(other.printed()), PUBLIC) == secret


def test_one_half_tells_nothing() -> None:
    halves = [split(bytes(32), PUBLIC) for _ in range(20)]
    assert len({one.content for one, _ in halves}) == 20
    assert len({other.content for _, other in halves}) == 20
    assert bytes(32) not in {each.content for pair in halves for each in pair}
    assert "content" not in repr(halves[0][0])


def test_it_is_read_however_it_was_copied() -> None:
    half = split(os.urandom(32), PUBLIC)[0]
    printed = half.printed()
    assert len(printed.split()) == 16
    for typed in (printed.lower(), printed.replace(" ", "-"), printed.replace(" ", ""), printed.replace("O", "0")):
        assert read_half(typed) == half


@pytest.mark.parametrize("at", [0, 7, 33, 63])
def test_a_slip_is_found(at: int) -> None:
    text = split(os.urandom(32), PUBLIC)[1].printed().replace(" ", "")
    wrong = "A" if text[at] != "A" else "C"
    with pytest.raises(BadHalf):
        read_half(text[:at] + wrong + text[at + 1 :])


@pytest.mark.parametrize("typed", ["", "hello", "IHO7 QLGL", "9" * 64, "A" * 64])
def test_what_is_no_half_is_said_to_be_none(typed: str) -> None:
    with pytest.raises(BadHalf, match="no half"):
        read_half(typed)


def test_halves_that_do_not_belong_together_are_refused() -> None:
    one, other = split(os.urandom(32), PUBLIC)
    with pytest.raises(BadHalf, match="Both are the half A"):
        joined(one, one, PUBLIC)
    with pytest.raises(BadHalf, match="half B belongs to another"):
        joined(one, split(os.urandom(32), b"another")[1], PUBLIC)
    assert other.which == "B"
