"""Amounts as people text them: 2000, 2000元, 1.2万, 两千, 一千五, 500HKD, 港币500, ¥1,200.50.

Pure. What cannot be read raises ValueError; so does a negative amount and one of a million millions.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from core.text import fold

_DIGITS: Final = {**{c: n for n, c in enumerate("零一二三四五六七八九")}, "〇": 0, "两": 2, "俩": 2}
_UNITS: Final = {"亿": 100_000_000, "万": 10_000, "千": 1000, "百": 100, "十": 10}
_CURRENCIES: Final = {
    **dict.fromkeys(("元", "块", "块钱", "圆", "人民币", "yuan", "rmb", "¥", "元人民币"), "CNY"),
    **dict.fromkeys(("港币", "港元", "港纸", "hk$"), "HKD"),
    **dict.fromkeys(("美元", "美金", "us$", "$"), "USD"),
    **dict.fromkeys(("欧元", "€"), "EUR"),
    **dict.fromkeys(("日元", "日币"), "JPY"),
    **dict.fromkeys(("台币", "新台币"), "TWD"),
    **dict.fromkeys(("英镑", "£"), "GBP"),
    **dict.fromkeys(("澳门元", "葡币"), "MOP"),
}
_CODES: Final = (
    *("cny", "hkd", "usd", "eur", "jpy", "twd", "gbp", "mop", "krw", "sgd", "aud"),
    *("cad", "chf", "nzd", "thb", "myr", "php", "vnd", "idr", "inr", "rub", "aed"),
)
_MOST: Final = Decimal(10) ** 12
_NAMES = "|".join([*sorted(map(re.escape, _CURRENCIES), key=len, reverse=True), *_CODES])
_NUMBER = rf"(?:(\d[\d,]*(?:\.\d+)?) ?(万|千|百|k)?|([{''.join(_DIGITS)}十百千万亿]+))"
_AMOUNT = re.compile(rf"(?:约|大概|about )?({_NAMES})? ?{_NUMBER} ?({_NAMES})?")
_LAST = re.compile(rf"{_NUMBER}[。.!]?$")
_TIMES: Final = {None: 1, "万": 10_000, "千": 1000, "k": 1000, "百": 100}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with two decimals and its currency (ISO 4217), `""` where none was named."""

    amount: Decimal
    currency: str = ""

    @property
    def minor(self) -> int:
        """The amount in hundredths, as facts are stored."""
        return int(self.amount * 100)

    @property
    def text(self) -> str:
        """The amount as `2000.00`."""
        return f"{self.amount:.2f}"


def parse_money(text: str) -> Money:
    """The one amount that a text is. Raises ValueError."""
    found = _AMOUNT.fullmatch(fold(text))
    if not found:
        raise ValueError("no amount")
    named = {_currency(name) for name in (found[1], found[5]) if name}
    if len(named) > 1:
        raise ValueError("two currencies")
    value = Decimal(found[2].replace(",", "")) * _TIMES[found[3]] if found[2] else Decimal(chinese_number(found[4]))
    if value >= _MOST or value != round(value, 2):
        raise ValueError("no possible amount")
    return Money(round(value, 2), named.pop() if named else "")


def find_money(text: str) -> Money | None:
    """The amount that stands in a line among other words: the only one with a currency, else a number that ends it.

    None where it has none, or more than one: 茶叶两盒约300元 is 300, 购物卡2张 says no amount, 烟两条酒1000 is 1000.
    """
    line = fold(text)
    marked = [found[0] for found in _AMOUNT.finditer(line) if found[1] or found[5]]
    if len(marked) > 1:
        return None
    last = _LAST.search(line)
    candidate = marked[0] if marked else last[0].rstrip("。.!") if last else ""
    try:
        return parse_money(candidate)
    except ValueError:
        return None


def _currency(name: str) -> str:
    known = _CURRENCIES.get(name, name.upper())
    return "" if known == "CNY" and name != "cny" else known


def chinese_number(text: str) -> int:
    """The number that Chinese numerals write: 两千 2000, 一千五 1500, 三百零五 305, 二〇二六 2026. ValueError."""
    if len(text) > 20:
        raise ValueError("too long for a number")
    if text and all(c in _DIGITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    return _composed(text)


def _composed(text: str) -> int:
    for name, size in _UNITS.items():
        before, found, after = text.partition(name)
        if found:
            times = 1 if not before and size == 10 else _composed(before)
            return times * size + _remainder(after, size)
    if text not in _DIGITS:
        raise ValueError("no number")
    return _DIGITS[text]


def _remainder(text: str, size: int) -> int:
    if not text:
        return 0
    if text in _DIGITS:  # 一千五 leaves out the next unit, 一千零五 does not
        return _DIGITS[text] * size // 10
    rest = _composed(text[1:] if text[0] in "零〇" else text)
    if rest >= size:
        raise ValueError("no number")
    return rest
