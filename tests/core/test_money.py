"""Amounts as they are texted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import chinese_number, parse_money

AMOUNTS = [
    ("2000", "2000.00", ""),
    ("2000元", "2000.00", ""),
    ("２０００", "2000.00", ""),
    ("1.2万", "12000.00", ""),
    ("3千", "3000.00", ""),
    ("两千", "2000.00", ""),
    ("兩千元", "2000.00", ""),
    ("一千五", "1500.00", ""),
    ("三百五十块", "350.00", ""),
    ("两万三千", "23000.00", ""),
    ("一百零五", "105.00", ""),
    ("500HKD", "500.00", "HKD"),
    ("HKD 500", "500.00", "HKD"),
    ("港币500", "500.00", "HKD"),
    ("500美元", "500.00", "USD"),
    ("¥1,200.50", "1200.50", ""),
    ("约300元", "300.00", ""),
    ("0", "0.00", ""),
]


@pytest.mark.parametrize(("text", "amount", "currency"), AMOUNTS)
def test_amounts(text: str, amount: str, currency: str) -> None:
    money = parse_money(text)
    assert (money.text, money.currency) == (amount, currency)
    assert money.minor == int(amount.replace(".", ""))


@pytest.mark.parametrize(
    "text", ["不少", "", "-5", "1e9", "港币500美元", "1.234", "9999999999999", "一二三百", "两条烟", "12 34"]
)
def test_no_amounts(text: str) -> None:
    with pytest.raises(ValueError):
        parse_money(text)


NUMERALS = [
    ("十", 10),
    ("十二", 12),
    ("二十", 20),
    ("二十五", 25),
    ("一百一", 110),
    ("三百零五", 305),
    ("两千零五十", 2050),
    ("一千五", 1500),
    ("一万二", 12000),
    ("三万零五百", 30500),
    ("一亿两千万", 120_000_000),
    ("二〇二六", 2026),
]


@pytest.mark.parametrize(("text", "number"), NUMERALS)
def test_chinese_numerals(text: str, number: int) -> None:
    assert chinese_number(text) == number


@given(st.text(max_size=20))
def test_anything_is_read_or_refused(text: str) -> None:
    try:
        found = parse_money(text)
    except ValueError:
        return
    assert found.minor >= 0
    assert parse_money(found.text).minor == found.minor


@given(st.decimals(0, 10**9, places=2))
def test_plain_amounts_come_back(value: object) -> None:
    assert parse_money(f"{value:f}").text == f"{value:.2f}"
