"""By what a company is found: the spellings of its names, and which of several companies a text means. Pure.

A spelling is folded (width, case, traditional writing), without what stands in brackets, without blanks between
Chinese characters and without the legal form (有限公司, Co., Ltd.).
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from core.text import fold

MOST: Final = 160
"""The longest spelling that is kept and compared."""
SHORTEST: Final = 3
"""Fewer characters name no company, unless they are the whole of a short name."""
_LATIN_SHORTEST: Final = 4
_HEAD: Final = (2, 4)
_HEAD_SHARED_BY: Final = 3
_BRACKETS: Final = re.compile(r"[(\[【「][^)\]】」]*[)\]】」]")
_MARKS: Final = re.compile(r"[^\w\s]|_")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_LEGAL: Final = re.compile(r"(?:股份有限公司|有限责任公司|有限公司|集团公司|公司|集团)$")
_LEGAL_LATIN: Final = re.compile(r"(?: (?:co|company|ltd|limited|inc|llc|corp|corporation|gmbh|group))+$")


def key_of(text: str) -> str:
    """Return the spelling of a text that is compared; "" where nothing is left."""
    words = _MARKS.sub(" ", _BRACKETS.sub(" ", fold(text)))
    if _HAN.search(words):
        whole = "".join(words.split())[:MOST]
        return _LEGAL.sub("", whole) or whole
    whole = " ".join(words.split())[:MOST]
    return _LEGAL_LATIN.sub("", whole) or whole


def keys_of(companies: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
    """Return the spellings of each company by its code: code and names, and the names without the head of their town.

    `companies` maps a code to its names. A head of two to four characters with which the names of three companies or
    more begin says nothing: 素舸货运代理 is a spelling of 星澜素舸货运代理有限公司.
    """
    whole = {code: {key for name in (code, *names) if (key := key_of(name))} for code, names in companies.items()}
    heads = _heads(whole.values())
    return {
        code: frozenset(keys | {rest for key in keys for rest in _without_head(key, heads)})
        for code, keys in whole.items()
    }


def _heads(all_keys: Iterable[Collection[str]]) -> frozenset[str]:
    counted: Counter[str] = Counter()
    for keys in all_keys:
        counted.update({key[:n] for key in keys if _HAN.match(key) for n in range(_HEAD[0], _HEAD[1] + 1)})
    return frozenset(head for head, times in counted.items() if times >= _HEAD_SHARED_BY)


def _without_head(key: str, heads: frozenset[str]) -> set[str]:
    rests = {key[n:] for n in range(_HEAD[0], _HEAD[1] + 1) if key[:n] in heads}
    return {rest for rest in rests if len(rest) >= SHORTEST}


def chosen(wanted: str, found: Iterable[tuple[str, str]]) -> str | None:
    """Return the code of the company that a text means, by its spelling and the (code, spelling) that may fit it.

    A whole spelling wins, then the longest that stands in the text, then the one that the text begins. None where
    nothing fits, or more than one company does.
    """
    pairs = list(found)
    for fits in (_same, _stands_in, _begins):
        lengths = {(code, key): len(key) for code, key in pairs if fits(key, wanted)}
        if fits is _stands_in and lengths:
            longest = max(lengths.values())
            lengths = {pair: n for pair, n in lengths.items() if n == longest}
        if lengths:
            codes = {code for code, _ in lengths}
            return codes.pop() if len(codes) == 1 else None
    return None


def _same(key: str, wanted: str) -> bool:
    return key == wanted


def _stands_in(key: str, wanted: str) -> bool:
    """Whether a spelling stands in the text, in Latin letters as whole words."""
    if _HAN.search(key):
        return len(key) >= _LATIN_SHORTEST and key in wanted
    return len(key) >= _LATIN_SHORTEST and re.search(rf"(?<![a-z0-9]){re.escape(key)}(?![a-z0-9])", wanted) is not None


def _begins(key: str, wanted: str) -> bool:
    """Whether the text is the beginning of a spelling, in Latin letters up to the end of a word."""
    if _HAN.search(wanted):
        return len(wanted) >= SHORTEST and key.startswith(wanted)
    return len(wanted) >= _LATIN_SHORTEST and f"{key} ".startswith(f"{wanted} ")
