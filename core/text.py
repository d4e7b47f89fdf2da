"""Text of messages: what is stored (`clean`), what is compared (`fold`, `normalise`, `bare`), and in which language
it is.

Matching never touches what is kept: a message is stored as it was sent, only control characters are taken out.
"""

import re
import unicodedata
from functools import cache
from typing import Final, Literal

import opencc

Language = Literal["zh-Hans", "zh-Hant", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh-Hans", "zh-Hant", "en")

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_BREAKS = re.compile("\r\n|[\r\u0085\u2028\u2029]")
_HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3\ufe00-\ufe0f\ufeff"
    "\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff\U000e0000-\U000e01ef]"
)
_SIGNATURE = re.compile(r"^\s*【[^】\n]{0,30}】")
_TAIL = re.compile(r"\n[ \t]*(?:--|发自).*\Z", re.DOTALL)
_BLANKS = re.compile(r"\s+")
_END_MARKS = " 。.!~,，、"
_THANKS = re.compile(r"(?:[ ,，]*(?:谢谢|吧)|[ ,，]+(?:thanks|please))$")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_LATIN_WORD = re.compile(r"[A-Za-z]{3,}")
_QUOTES = str.maketrans("‘’“”", "''\"\"")


@cache
def _character_map(conversion: Literal["t2s", "s2t"]) -> dict[int, str]:
    """One character to one: by phrases a word and the text around it would fold differently."""
    every = [chr(code) for first, end in ((0x3400, 0x4DC0), (0x4E00, 0xA000)) for code in range(first, end)]
    converted = opencc.OpenCC(conversion).convert("\n".join(every)).split("\n")
    return {ord(old): new for old, new in zip(every, converted, strict=True) if old != new}


def clean(text: str) -> str:
    """The text as it may be stored and shown: no control characters, ANSI escapes or bidi overrides; line ends are
    LF."""
    return _HARMFUL.sub("", _BREAKS.sub("\n", _ANSI.sub("", text)))


def fold(text: str) -> str:
    """The text for comparing: NFKC, nothing unseen, no emoji, lower case, traditional characters as simplified,
    single blanks."""
    return _BLANKS.sub(" ", _fold_lines(text)).strip()


def _fold_lines(text: str) -> str:
    visible = _UNSEEN.sub("", unicodedata.normalize("NFKC", text))
    return visible.translate(_QUOTES).casefold().translate(_character_map("t2s"))


def normalise(text: str) -> str:
    """`fold`, and without a leading 【signature】 and, after the first line, what follows a line with `--` or 发自."""
    folded = _SIGNATURE.sub("", _fold_lines(text), count=1)
    return _BLANKS.sub(" ", _TAIL.sub("", folded)).strip()


def bare(normalised: str) -> str:
    """A normalised text for comparing as a whole: without end marks and one closing word of thanks."""
    trimmed = normalised.rstrip(_END_MARKS)
    without = _THANKS.sub("", trimmed)
    return without.rstrip(_END_MARKS) if without else trimmed


def detect(text: str, default: Language = "zh-Hans") -> Language:
    """The language of a message; `default` where nothing tells (digits, initials such as SQ, a document number).

    Latin words outnumbering Chinese characters make it English; else characters that only traditional writing has
    decide.
    """
    characters = _HAN.findall(text)
    words = len(_LATIN_WORD.findall(text))
    if words > len(characters):
        return "en"
    if not characters:
        return default
    traditional = sum(1 for one in characters if ord(one) in _character_map("t2s"))
    simplified = sum(1 for one in characters if ord(one) in _character_map("s2t"))
    if not traditional and not simplified:
        return default if default != "en" else "zh-Hans"
    return "zh-Hant" if traditional and traditional >= simplified else "zh-Hans"
