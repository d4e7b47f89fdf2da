"""How many SMS a text costs, and where to cut one that is too long. Source: 3GPP TS 23.038 (alphabets), 23.040
(concatenation).

A text whose characters are all in the GSM 7-bit alphabet has 160 units in one segment, 153 in each of several; any
other
text is UCS-2 with 70 and 67 units of UTF-16. An escaped character or a surrogate pair is never split between segments.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

Encoding = Literal["GSM-7", "UCS-2"]

GSM7_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_EXTENSION: Final = frozenset("^{}\\[~]|€\f")
_ROOM: Final[dict[Encoding, tuple[int, int]]] = {"GSM-7": (160, 153), "UCS-2": (70, 67)}
_SENTENCE = re.compile('[。！？!?；;\n]+[”’」』"]?|\\.+(?= )')
_CLAUSE = re.compile("[，、,：: ]")


@dataclass(frozen=True, slots=True)
class Segments:
    """What a text costs: its encoding, its units (septets or UTF-16 units), its segments, and the units left in the
    last one."""

    encoding: Encoding
    units: int
    segments: int
    left: int


@lru_cache(maxsize=256)
def count(text: str) -> Segments:
    """The segments of a text; an empty text takes one segment."""
    encoding: Encoding = "GSM-7" if all(c in GSM7_BASIC or c in GSM7_EXTENSION for c in text) else "UCS-2"
    sizes = [_size(c, encoding) for c in text]
    single, part = _ROOM[encoding]
    if (total := sum(sizes)) <= single:
        return Segments(encoding, total, 1, single - total)
    segments, used = 1, 0
    for size in sizes:
        if used + size > part:
            segments, used = segments + 1, 0
        used += size
    return Segments(encoding, total, segments, part - used)


def _size(character: str, encoding: Encoding) -> int:
    if encoding == "GSM-7":
        return 2 if character in GSM7_EXTENSION else 1
    return 2 if ord(character) > 0xFFFF else 1


def cut(text: str, max_segments: int, *, before: str = "", more: str = "") -> tuple[str, str]:
    """(head, rest): the head goes out as `before + head + more`, within `max_segments`; the rest is for later.

    `before` (a signature, a frame) always counts; `more` (the hint that something follows) only when something does.
    The
    cut is after a sentence where one ends in the second half of the room, else after a clause, else anywhere.
    Raises ValueError when there is no room for a single character.
    """
    if count(before + text).segments <= max_segments:
        return text, ""
    room = _fitting(text, max_segments, before, more)
    if not room:
        raise ValueError("no room for any text")
    at = _last_end(_SENTENCE, text, room) or _last_end(_CLAUSE, text, room) or room
    return text[:at].rstrip(), text[at:].lstrip()


def _fitting(text: str, max_segments: int, before: str, more: str) -> int:
    """The greatest number of characters that fit, found by halving."""
    low, high = 0, len(text) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if count(before + text[:middle] + more).segments <= max_segments:
            low = middle
        else:
            high = middle - 1
    return low


def _last_end(pattern: re.Pattern[str], text: str, room: int) -> int:
    ends = [found.end() for found in pattern.finditer(text, 0, room + 1) if room // 2 < found.end() <= room]
    return ends[-1] if ends else 0
