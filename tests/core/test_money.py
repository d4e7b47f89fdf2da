"""Amounts as they are texted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import AmountError, chinese_number, parse_money

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
    ("1.5亿", "150000000.00", ""),
    ("1万2", "12000.00", ""),
    ("12万3千5百", "123500.00", ""),
    ("3千500", "3500.00", ""),
    ("三百五", "350.00", ""),
    ("二万元", "20000.00", ""),
    ("贰仟伍佰元整", "2500.00", ""),
    ("三元五角", "3.50", ""),
    ("3块5", "3.50", ""),
    ("3元2角1分", "3.21", ""),
    ("USD 200", "200.00", "USD"),
    ("港币五百", "500.00", "HKD"),
    ("about 300", "300.00", ""),
    ("300左右", "300.00", ""),
    ("两千多元", "2000.00", ""),
    ("NT$300", "300.00", "TWD"),
    ("999999999999.99", "999999999999.99", ""),
]
IMPOSSIBLE = [
    ("0", "amount_zero"),
    ("零元", "amount_zero"),
    ("0.00", "amount_zero"),
    ("-5", "amount_zero"),
    ("负五百", "amount_zero"),
    ("minus 20", "amount_zero"),
    ("1000000000000", "amount_huge"),
    ("一百万亿", "amount_huge"),
    ("9" * 40, "amount_huge"),
    ("1.234", "amount_decimals"),
    ("0.005元", "amount_decimals"),
    ("港币500美元", "amount_currencies"),
    ("1,2000", "bad_amount"),
    ("1e9", "bad_amount"),
    ("不少", "bad_amount"),
]


@pytest.mark.parametrize(("text", "key"), IMPOSSIBLE)
def test_what_cannot_be_says_why(text: str, key: str) -> None:
    with pytest.raises(AmountError) as refused:
        parse_money(text)
    assert refused.value.key == f"error.{key}"


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


def written(number: int) -> str:
    """The Chinese numeral of a number below 10^12: 305 is 三百零五, 12000 一万二千."""
    for name, size in (("亿", 10**8), ("万", 10**4)):
        if number >= size:
            rest = number % size
            between = "零" if rest and rest < size // 10 else ""
            return written(number // size) + name + (between + written(rest) if rest else "")
    parts, gap = "", False
    for name, size in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit = number // size % 10
        if digit:
            parts += ("零" if gap and parts else "") + "零一二三四五六七八九"[digit] + name
        gap = not digit
    return parts


@given(st.integers(1, 10**12 - 1))
def test_numerals_come_back(number: int) -> None:
    assert chinese_number(written(number)) == number
    assert parse_money(f"{written(number)}元").minor == number * 100
    assert parse_money(f"港币{written(number)}").currency == "HKD"


@given(st.integers(1, 10**12 - 1))
def test_formal_numerals_are_the_same(number: int) -> None:
    formal = written(number).translate(str.maketrans("一二三四五六七八九十百千", "壹贰叁肆伍陆柒捌玖拾佰仟"))
    assert chinese_number(formal) == number


@given(st.integers(1, 9999), st.integers(1, 9))
def test_the_last_unit_may_be_left_out(times: int, digit: int) -> None:
    assert parse_money(f"{times}万{digit}").minor == (times * 10_000 + digit * 1000) * 100


@given(st.text(max_size=20) | st.text(alphabet="零一二三十百千万亿两0123456789.,元角 -港币usd约多", max_size=20))
def test_anything_is_read_or_refused(text: str) -> None:
    try:
        found = parse_money(text)
    except AmountError:
        return
    assert 0 < found.minor < 10**14
    assert parse_money(found.text).minor == found.minor


@given(st.decimals("0.01", 10**9, places=2))
def test_plain_amounts_come_back(value: object) -> None:
    assert parse_money(f"{value:f}").text == f"{value:.2f}"
