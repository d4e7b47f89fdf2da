"""Amounts as people text them: 2000, 2000元, 1.2万, 1万2, 两千, 一千五, 三元五角, 500HKD, 港币五百, ¥1,200.50, 300左右.

Pure. What cannot be read raises AmountError (a ValueError), whose `key` is the text that says why: nothing at all or
less than nothing, more than a million millions, finer than hundredths, or no amount.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from core.text import fold

_DIGITS: Final = {
    **{c: n for n, c in enumerate("零一二三四五六七八九")},
    **{c: n for n, c in enumerate("壹贰叁肆伍陆柒捌玖", 1)},
    **{"〇": 0, "两": 2, "俩": 2},
}
_FORMAL: Final = str.maketrans("拾佰仟", "十百千")
_UNITS: Final = {"亿": 100_000_000, "万": 10_000, "千": 1000, "百": 100, "十": 10}
_CURRENCIES: Final = {
    **dict.fromkeys(("元", "块", "块钱", "圆", "人民币", "yuan", "rmb", "¥", "元人民币", "元整"), "CNY"),
    **dict.fromkeys(("港币", "港元", "港纸", "hk$"), "HKD"),
    **dict.fromkeys(("美元", "美金", "us$", "$", "dollars"), "USD"),
    **dict.fromkeys(("欧元", "€", "euros", "euro"), "EUR"),
    **dict.fromkeys(("日元", "日币"), "JPY"),
    **dict.fromkeys(("台币", "新台币", "nt$"), "TWD"),
    **dict.fromkeys(("英镑", "£", "pounds"), "GBP"),
    **dict.fromkeys(("澳门元", "葡币"), "MOP"),
    **dict.fromkeys(("韩元", "韩币"), "KRW"),
    **dict.fromkeys(("新加坡元", "新币"), "SGD"),
    **dict.fromkeys(("澳元", "澳币"), "AUD"),
    **dict.fromkeys(("泰铢",), "THB"),
    **dict.fromkeys(("卢布",), "RUB"),
    **dict.fromkeys(("越南盾",), "VND"),
}
_CODES: Final = (
    *("cny", "hkd", "usd", "eur", "jpy", "twd", "gbp", "mop", "krw", "sgd", "aud"),
    *("cad", "chf", "nzd", "thb", "myr", "php", "vnd", "idr", "inr", "rub", "aed"),
)
CODES: Final = frozenset(code.upper() for code in _CODES)
"""The currencies that are known, by their ISO 4217 codes."""
_MOST: Final = Decimal(10) ** 12
_NAMES = "|".join([*sorted(map(re.escape, _CURRENCIES), key=len, reverse=True), *_CODES])
_NUMERAL: Final = f"{''.join(_DIGITS)}十百千万亿拾佰仟"
_ARABIC: Final = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_NUMBER = rf"(?:({_ARABIC}) ?(亿|万|千|百|k)?(?![\d{_NUMERAL}])|([{_NUMERAL}\d]*[{_NUMERAL}][{_NUMERAL}\d]*))"
_ABOUT: Final = r"(?:大约|约|大概|差不多|about |around |approx\.? |~)?"
_MORE: Final = r"(?:左右|上下|多|余|出头)?"
_AMOUNT = re.compile(rf"{_ABOUT} ?({_NAMES})? ?{_NUMBER} ?{_MORE}({_NAMES})? ?{_MORE}")
_LAST = re.compile(rf"{_NUMBER}[。.!]?$")
_BELOW = re.compile(rf"(.+)(?:元|块)([{''.join(_DIGITS)}\d])(?:角|毛)?(?:([{''.join(_DIGITS)}\d])分)?")
_LESS = re.compile(r"(?:-|负|minus ).*\d.*|负.+")
_TIMES: Final = {None: 1, "亿": 100_000_000, "万": 10_000, "千": 1000, "k": 1000, "百": 100}


class AmountError(ValueError):
    """A text is no amount that can be; `key` is the text that says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


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
    """The one amount that a text is. Raises AmountError; an amount of zero is none."""
    folded = fold(text)
    if _LESS.fullmatch(folded):
        raise AmountError("error.amount_zero")
    found, below = _AMOUNT.fullmatch(folded), _BELOW.fullmatch(folded)
    if not found and below:
        return _with_jiao(below)
    if not found:
        raise AmountError("error.bad_amount")
    named = {_currency(name) for name in (found[1], found[5]) if name}
    if len(named) > 1:
        raise AmountError("error.amount_currencies")
    return Money(_possible(_value(found)), named.pop() if named else "")


def _value(found: re.Match[str]) -> Decimal:
    if found[2]:
        return Decimal(found[2].replace(",", "")) * _TIMES[found[3]]
    try:
        return Decimal(chinese_number(found[4]))
    except ValueError:
        raise AmountError("error.bad_amount") from None


def _possible(value: Decimal) -> Decimal:
    if value >= _MOST:
        raise AmountError("error.amount_huge")
    if value != round(value, 2):
        raise AmountError("error.amount_decimals")
    if not value:
        raise AmountError("error.amount_zero")
    return round(value, 2)


def _with_jiao(found: re.Match[str]) -> Money:
    """三元五角 is 3.50, 三块五 too, 3元2角1分 is 3.21."""
    whole = parse_money(found[1])
    jiao, fen = (_digit(each) if each else 0 for each in (found[2], found[3]))
    return Money(whole.amount + Decimal(jiao) / 10 + Decimal(fen) / 100, whole.currency)


def _digit(text: str) -> int:
    return _DIGITS[text] if text in _DIGITS else int(text)


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
    """The number that Chinese numerals write, with digits among them: 两千 2000, 一千五 1500, 1万2 12000. ValueError.

    三百零五 is 305, 二〇二六 2026, 贰仟伍佰 2500.
    """
    if len(text) > 30:
        raise ValueError("too long for a number")
    if text and all(c in _DIGITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    return _composed(text.translate(_FORMAL))


def _composed(text: str) -> int:
    for name, size in _UNITS.items():
        before, found, after = text.partition(name)
        if found:
            times = 1 if not before and size == 10 else _composed(before)
            return times * size + _remainder(after, size)
    if text in _DIGITS:
        return _DIGITS[text]
    if not re.fullmatch(r"\d{1,8}", text):
        raise ValueError("no number")
    return int(text)


def _remainder(text: str, size: int) -> int:
    if not text:
        return 0
    if text in _DIGITS or re.fullmatch(r"[1-9]", text):  # 一千五 leaves out the next unit, 一千零五 does not
        return _digit(text) * size // 10
    rest = _composed(text[1:] if text[0] in "零〇0" and len(text) > 1 else text)
    if rest >= size:
        raise ValueError("no number")
    return rest
