"""What a text costs in SMS, and where it is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.segments import count, cut

COSTS = [
    ("", "GSM-7", 0, 1, 160),
    ("a" * 160, "GSM-7", 160, 1, 0),
    ("a" * 161, "GSM-7", 161, 2, 145),
    ("a" * 306, "GSM-7", 306, 2, 0),
    ("a" * 307, "GSM-7", 307, 3, 152),
    ("€" * 80, "GSM-7", 160, 1, 0),
    ("a" * 152 + "€" + "a" * 10, "GSM-7", 164, 2, 141),
    ("中" * 70, "UCS-2", 70, 1, 0),
    ("中" * 71, "UCS-2", 71, 2, 63),
    ("中" * 134, "UCS-2", 134, 2, 0),
    ("中" * 66 + "😀" + "中" * 10, "UCS-2", 78, 2, 55),
    ("a" * 69 + "中", "UCS-2", 70, 1, 0),
    ("`", "UCS-2", 1, 1, 69),
]


@pytest.mark.parametrize(("text", "encoding", "units", "segments", "left"), COSTS)
def test_count(text: str, encoding: str, units: int, segments: int, left: int) -> None:
    cost = count(text)
    assert (cost.encoding, cost.units, cost.segments, cost.left) == (encoding, units, segments, left)


def test_a_text_that_fits_is_not_cut() -> None:
    assert cut("好" * 70, 1, more="（未完）") == ("好" * 70, "")


def test_cut_after_a_sentence() -> None:
    text = "一" * 40 + "。" + "二" * 20 + "。" + "三" * 40
    assert cut(text, 1, before="【关】") == ("一" * 40 + "。" + "二" * 20 + "。", "三" * 40)


def test_cut_after_a_clause_where_no_sentence_ends() -> None:
    head, rest = cut("一" * 50 + "，" + "二" * 60, 1)
    assert (head, rest) == ("一" * 50 + "，", "二" * 60)


def test_an_english_full_stop_within_a_number_is_no_end() -> None:
    text = "a" * 100 + " pay 3.50 now. " + "b" * 100
    assert cut(text, 1) == ("a" * 100 + " pay 3.50 now.", "b" * 100)


def test_no_room_is_an_error() -> None:
    with pytest.raises(ValueError, match="no room"):
        cut("中文" * 50, 1, before="长" * 70)


@given(st.text(st.sampled_from("ab €{中。，😀. "), min_size=1, max_size=400), st.integers(1, 4))
def test_cut_keeps_everything_and_fits(text: str, most: int) -> None:
    head, rest = cut(text, most, before="【关】", more="（回更多）")
    if rest:
        assert count(f"【关】{head}（回更多）").segments <= most
    assert "".join((head + rest).split()) == "".join(text.split())
    assert head.strip() or not text.strip() or text[0] == " "


@given(st.text(max_size=300))
def test_units_are_what_python_encodes(text: str) -> None:
    cost = count(text)
    if cost.encoding == "UCS-2":
        assert cost.units == sum(2 if ord(c) > 0xFFFF else 1 for c in text)
    assert cost.segments >= 1
    assert cost.left >= 0
