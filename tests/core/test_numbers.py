"""Record numbers, codes and refused signing codes."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.numbers import (
    RecordNumber,
    find_number,
    grouped,
    new_code,
    next_sequence,
    parse_code,
    parse_number,
    signing_code_fault,
)

DAY = dt.date(2026, 9, 15)


def test_the_number_of_the_specification() -> None:
    assert str(RecordNumber("TS", DAY, 7)) == "TS26091500079"


FOUND = [
    ("TS26091400130", "TS26091400130"),
    ("ts26091400130", "TS26091400130"),
    ("ＴＳ２６０９１４００１３０", "TS26091400130"),
    ("我的TS26091400130怎么样了", "TS26091400130"),
    ("first TS26091400131 then TS26091400015.", "TS26091400015"),
    ("TS26091400131", None),
    ("TS26139900131", None),
    ("XTS26091400130", None),
    ("TS260914001300", None),
    ("SQ825", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_find_number(text: str, expected: str | None) -> None:
    found = find_number(text)
    assert (str(found) if found else None) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("TS 260914 0013 0", True), (" ts26091400130 ", True), ("TS26091400130 谢谢", False)]
)
def test_parse_number(text: str, expected: bool) -> None:
    assert (parse_number(text) is not None) is expected


@given(st.dates(dt.date(2020, 1, 1), dt.date(2060, 1, 1)), st.integers(1, 99_999), st.integers(0, 9))
def test_numbers_come_back_and_no_other_check_digit_does(day: dt.date, sequence: int, digit: int) -> None:
    number = RecordNumber("SQ", day, sequence)
    assert parse_number(str(number)) == number
    if (other := str(number)[:-1] + str(digit)) != str(number):
        assert parse_number(other) is None


def test_sequences() -> None:
    assert next_sequence([], "counter") == 1
    assert next_sequence([1, 2, 9999], "counter") == 10_000
    drawn = iter([4, 4, 7])
    assert next_sequence([5], "random", lambda most: next(drawn)) == 8
    assert next_sequence(range(1, 10_000), "random", lambda most: 0) == 10_000
    assert 1 <= next_sequence(range(1, 9999), "random") == 9999


def test_codes() -> None:
    assert grouped("482109735516") == "4821 0973 5516"
    assert len(new_code(6)) == 6
    assert parse_code("４８２１ 0973-5516", 12) == "482109735516"
    assert parse_code("48210973551", 12) is None
    assert parse_code("20481七", 6) is None


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("4829", None),
        ("0000", "too_easy"),
        ("1111", "too_easy"),
        ("1234", "too_easy"),
        ("4321", "too_easy"),
        ("0001", "own_phone"),
        ("482", "not_four_digits"),
        ("48291", "not_four_digits"),
        ("４８２９", "not_four_digits"),
        ("abcd", "not_four_digits"),
    ],
)
def test_signing_codes(code: str, fault: str | None) -> None:
    assert signing_code_fault(code, "+86100000000001") == fault
