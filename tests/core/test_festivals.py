"""Festivals against a table of days worked out by hand, 2026 (announced) to 2031 (provisional)."""

import csv
import datetime as dt
from pathlib import Path

import pytest

from core.errors import InvalidData
from core.festivals import Festivals
from core.workdays import Calendar

FESTIVALS = Festivals.load(Calendar.load())
with (Path(__file__).parents[1] / "data" / "festivals_expected.csv").open(encoding="utf-8", newline="") as _file:
    EXPECTED = list(csv.DictReader(_file))


@pytest.mark.parametrize("row", EXPECTED, ids=[f"{row['key']}-{row['year']}" for row in EXPECTED])
def test_day_first_day_off_and_day_of_sending(row: dict[str, str]) -> None:
    found = FESTIVALS.in_year(row["key"], int(row["year"]))
    sent = FESTIVALS.send_day(row["key"], 3, dt.date(int(row["year"]) - 1, 12, 1))
    assert found.day.isoformat() == row["festival_day"]
    assert found.first_day_off.isoformat() == row["first_day_off"]
    assert found.provisional == (row["status"] == "provisional")
    assert sent.day.isoformat() == row["default_send_at"][:10]
    assert sent.provisional == (row["status"] == "provisional")


def test_the_next_one_after_today() -> None:
    today = dt.date(2026, 11, 21)
    assert FESTIVALS.next_festival("zhongqiu", today).day == dt.date(2027, 9, 15)
    assert [one.festival.key for one in FESTIVALS.coming(today)][:2] == ["yuandan", "chunjie"]
    assert FESTIVALS.next_festival("yuandan", dt.date(2027, 1, 1)).day == dt.date(2028, 1, 1)


def test_a_day_that_is_past_is_answered_with_the_next_one() -> None:
    sent = FESTIVALS.send_day("zhongqiu", 3, dt.date(2026, 9, 23))
    assert (sent.day, sent.provisional) == (dt.date(2027, 9, 10), True)
    assert FESTIVALS.send_day("zhongqiu", 3, dt.date(2026, 9, 22)).count.days == (
        dt.date(2026, 9, 24),
        dt.date(2026, 9, 23),
        dt.date(2026, 9, 22),
    )


def test_a_day_of_an_agency_that_is_no_day_off(tmp_path: Path) -> None:
    table = tmp_path / "f.csv"
    table.write_text("key,zh_hans,zh_hant,en,rule,eve\nqiyi,七一,七一,1 July,day 7-1,0\n", encoding="utf-8")
    festivals = Festivals.load(Calendar.load(), table)
    assert festivals.in_year("qiyi", 2026).first_day_off == dt.date(2026, 7, 1)


@pytest.mark.parametrize(
    "row", ["x,一,一,X,day 13-1,0", "x,一,一,X,term 无,0", "x,一,一,X,soon,0", "x,一,一,X,day 1-1,2"]
)
def test_a_wrong_row_is_named(tmp_path: Path, row: str) -> None:
    table = tmp_path / "f.csv"
    table.write_text(f"key,zh_hans,zh_hant,en,rule,eve\n{row}\n", encoding="utf-8")
    with pytest.raises(InvalidData, match=r"f\.csv, line 2"):
        Festivals.load(Calendar.load(), table)
