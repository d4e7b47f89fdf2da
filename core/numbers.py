"""Numbers for people: record numbers with a check digit, query and mailbox codes, and which signing codes are refused.

A record number is prefix, yymmdd, at least four digits of the day, and the Luhn digit over all digits before it:
`TS26091500079`. Ids in rows and URLs are something else; these are the only numbers that people read out.
"""

import datetime as dt
import re
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final, Literal

from core.text import fold

QUERY_CODE_TRIES: Final = 5
SIGNING_CODE_TRIES: Final = 3
_NUMBER = re.compile(r"(?<![a-z0-9])([a-z]{2})(\d{6})(\d{4,6})(\d)(?!\d)")
_DIGITS = re.compile(r"\d{5}")
_EASY_CODES: Final = frozenset({*(str(n) * 4 for n in range(10)), "1234", "4321"})


@dataclass(frozen=True, slots=True)
class RecordNumber:
    """A record number: prefix of its kind, day of filing, sequence within the day."""

    prefix: str
    day: dt.date
    sequence: int

    def __str__(self) -> str:
        digits = f"{self.day:%y%m%d}{self.sequence:04}"
        return f"{self.prefix}{digits}{luhn(digits)}"


def luhn(digits: str) -> str:
    """The Luhn check digit that follows these digits."""
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits)))
    return str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)


def find_number(text: str) -> RecordNumber | None:
    """The first record number that stands in a text, with a right check digit, in whatever width and case."""
    if not _DIGITS.search(text):
        return None
    for found in _NUMBER.finditer(fold(text)):
        prefix, day, sequence, check = found.groups()
        if luhn(day + sequence) != check or (len(sequence) > 4 and sequence[0] == "0"):
            continue
        try:
            date = dt.datetime.strptime(day, "%y%m%d").date()
        except ValueError:
            continue
        return RecordNumber(prefix.upper(), date, int(sequence))
    return None


def parse_number(text: str) -> RecordNumber | None:
    """The record number that a whole text is, blanks aside; None where it is none."""
    compact = re.sub(r"\s", "", text)
    number = find_number(compact)
    return number if number and fold(compact) == str(number).lower() else None


def next_sequence(
    taken: Collection[int],
    order: Literal["counter", "random"],
    below: Callable[[int], int] = secrets.randbelow,
) -> int:
    """The next sequence of a day: one more than the greatest, or drawn among the free ones so that it tells no count.

    Past 9999 the number grows by one digit. `below(n)` gives a random number from 0 to n - 1.
    """
    if order == "counter":
        return max(taken, default=0) + 1
    used = frozenset(taken)
    low, high = 1, 9999
    while sum(1 for one in used if low <= one <= high) > high - low:
        low, high = high + 1, high * 10 + 9
    while (drawn := low + below(high - low + 1)) in used:
        pass
    return drawn


def new_code(digits: int) -> str:
    """A random code: 6 digits ask for a record, 12 open a mailbox, 6 prove a new address."""
    return f"{secrets.randbelow(10**digits):0{digits}}"


def grouped(code: str) -> str:
    """A code in groups of four, as it is shown: `4821 0973 5516`."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))


def parse_code(text: str, digits: int) -> str | None:
    """The code of so many digits that a text is, in any width, blanks and hyphens aside; None where it is none."""
    compact = re.sub(r"[\s-]", "", fold(text))
    return compact if re.fullmatch(rf"[0-9]{{{digits}}}", compact) else None


def signing_code_fault(code: str, phone: str | None) -> Literal["not_four_digits", "too_easy", "own_phone"] | None:
    """Why a signing code is refused, or None: four digits, not all the same, not 1234 or 4321, not the phone's end."""
    if not re.fullmatch(r"[0-9]{4}", code):
        return "not_four_digits"
    if code in _EASY_CODES:
        return "too_easy"
    if phone and phone.endswith(code):
        return "own_phone"
    return None
