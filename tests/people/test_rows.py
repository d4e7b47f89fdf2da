"""What somebody might send as a table, and what he is told. Pure."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.texts import Texts
from people.csv_table import read_table
from people.roles import roles
from people.staff_rows import COLUMNS, read_staff
from people.unit_rows import read_units

HEAD = "staff_no,name_zh,unit_id,phone,roles,scope_units,lang,status,in_post_since,chat_id"
UNITS = ("U01", "U10A")

# cells of one row, then (column, key) of what is wrong with it
ROWS = [
    ("1,甲,U01,+86100900000001,officer,,zh-Hans,active,2024-01-31,900", []),
    ("1,甲,U01,,,,,,,", []),
    (",甲,U01,,,,,,,", [("staff_no", "import.empty_cell")]),
    ("1 2,甲,U01,,,,,,,", [("staff_no", "import.bad_id")]),
    ("1,,U01,,,,,,,", [("name_zh", "import.empty_cell")]),
    ("1,=HYPERLINK(1),U01,,,,,,,", [("name_zh", "import.formula")]),
    ("1,@SUM(1),U01,,,,,,,", [("name_zh", "import.formula")]),
    (f"1,{'长' * 61},U01,,,,,,,", [("name_zh", "import.too_long")]),
    ("1,甲,U99,,,,,,,", [("unit_id", "import.no_unit")]),
    ("1,甲,U01,010 6519 4114 ext. 12,,,,,,", [("phone", "import.phone.extension")]),
    ("1,甲,U01,12345,,,,,,", [("phone", "import.phone.short")]),
    ("1,甲,U01,110,,,,,,", [("phone", "import.phone.short")]),
    ("1,甲,U01,138123,,,,,,", [("phone", "import.phone.short")]),
    ("1,甲,U01,+8613812345678901,,,,,,", [("phone", "import.phone.impossible")]),
    ("1,甲,U01,打我手机,,,,,,", [("phone", "import.phone.no_number")]),
    ("1,甲,U01,,boss,,,,,", [("roles", "import.no_role")]),
    ("1,甲,U01,,unit_head,,,,,", [("scope_units", "import.scope_needed")]),
    ("1,甲,U01,,unit_head;clerk,U10A;U99,,,,", [("scope_units", "import.no_unit")]),
    ("1,甲,U01,,,,fr,,,", [("lang", "import.choice")]),
    ("1,甲,U01,,,,,retired,,", [("status", "import.choice")]),
    ("1,甲,U01,,,,,,2026-02-30,", [("in_post_since", "import.date")]),
    ("1,甲,U01,,,,,,,@bob", [("chat_id", "import.chat_id")]),
    ("1,甲,U01", [("", "import.row_shape")]),
]


@pytest.mark.parametrize(("cells", "wrong"), ROWS)
def test_rows_of_staff(cells: str, wrong: list[tuple[str, str]]) -> None:
    _, problems = read_staff(f"{HEAD}\n{cells}\n".encode(), UNITS, roles(), "possible")
    assert [(one.column, one.key) for one in problems] == wrong
    assert all(one.line == 2 for one in problems)


FILES = [
    (b"\xef\xbb\xbfunit_id,parent,name_zh\nA,,\xe7\x94\xb2\n", [], "a byte order mark"),
    ("unit_id,parent,name_zh\nA,,监管处\nB,A,关税处".encode("gbk"), ["import.encoding"], "GBK"),
    ("unit_id,parent,name_zh\nA,,監管處\nB,A,關稅處".encode("big5"), ["import.encoding"], "Big5"),
    ("unit_id,parent,name_zh\nA,,甲".encode("utf-16"), ["import.encoding"], "UTF-16"),
    (b"PK\x03\x04 spreadsheet", ["import.not_csv"], "xlsx"),
    (b"unit_id;parent;name_zh\nA;;x", ["import.not_csv"], ";"),
    (b"unit_id,parent,name_zh\n\0,,x", ["import.not_csv"], "NUL"),
    (b'unit_id,parent,name_zh\nA,,"x', ["import.not_csv"], "an open quote"),
    (b"unit_id,parent\nA,", ["import.column_missing"], "no name_zh"),
    (b"unit_id,parent,name_zh,colour\nA,,x,red", ["import.column_unknown"], "an unknown column"),
    (b"unit_id,parent,name_zh,parent\nA,,x,", ["import.column_twice"], "a column twice"),
    (b"unit_id,parent,name_zh\n\n,,\n", ["import.empty"], "no rows"),
    (b"", ["import.column_missing"] * 3, "nothing"),
    (b"unit_id,parent,name_zh\nA,B,x\nB,A,y\nC,,z", ["import.loop"] * 2, "a circle"),
    (b"unit_id,parent,name_zh\nA,Z,x", ["import.no_unit"], "no such parent"),
    (b"unit_id,parent,name_zh\nA,,x\nA,,y", ["import.twice"], "a unit twice"),
]


@pytest.mark.parametrize(("data", "keys", "why"), FILES, ids=[why for _, _, why in FILES])
def test_files(data: bytes, keys: list[str], why: str, texts: Texts) -> None:
    _, problems = read_units(data, ())
    assert [one.key for one in problems] == keys
    assert all(one.say(texts, lang) for one in problems for lang in ("zh-Hans", "zh-Hant", "en"))
    if keys == ["import.encoding"]:
        assert why in problems[0].say(texts, "en")


def test_a_number_written_in_two_ways_is_the_same() -> None:
    rows = "1,甲,U01,138 1234 5678\n2,乙,U01,+86-13812345678\n"
    _, problems = read_staff(f"staff_no,name_zh,unit_id,phone\n{rows}".encode(), UNITS, roles())
    assert [(one.line, one.column, one.key, one.values["n"]) for one in problems] == [(3, "phone", "import.twice", 2)]


def test_lines_are_those_of_the_file() -> None:
    data = 'staff_no,name_zh,unit_id,post\n1,甲,U01,"two\nlines"\n\n2,,U01,x\n'
    _, problems = read_staff(data.encode(), UNITS, roles())
    assert [(one.line, one.column) for one in problems] == [(5, "name_zh")]


def test_parents_come_first_in_any_order() -> None:
    units, problems = read_units(b"unit_id,parent,name_zh\nC,B,c\nB,A,b\nA,,a", ())
    assert ([unit.code for unit in units], problems) == (["A", "B", "C"], [])


def test_roles_become_grants_by_their_reach() -> None:
    lines, _ = read_staff(f"{HEAD}\n1,甲,U01,,clerk;unit_head,U01；U10A,,,,".encode(), UNITS, roles(), "possible")
    assert lines[0].grants == (("clerk", None), ("unit_head", "U01"), ("unit_head", "U10A"))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    table = read_table("staff", data, COLUMNS, ("staff_no",))
    assert table.rows or table.problems


_CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20) | st.sampled_from(
    ["U01", "officer", "+8613812345678", "=1+1", "2026-01-01", "zh-Hans", "y", "left", "{n}", "chat"]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(_CELL, min_size=len(COLUMNS), max_size=len(COLUMNS)), min_size=1, max_size=4))
def test_any_cells_give_lines_or_reasons(cells: list[list[str]]) -> None:
    made = io.StringIO()
    csv.writer(made).writerows([COLUMNS, *cells])
    lines, problems = read_staff(made.getvalue().encode(), UNITS, roles())
    good = {line.line for line in lines} - {problem.line for problem in problems}
    for line in lines:
        if line.line in good:
            assert line.unit in UNITS
            assert not line.name.startswith(("=", "+", "-", "@"))
            assert line.phone is None or line.phone.startswith("+")
