"""The texts that a letter is put together from, and what they may show besides fields of the record."""

from typing import Final

LETTER_VARIABLES: Final = frozenset({"no", "date", "office", "year", "n"})
"""The number of the letter, the day until which it may be answered, the agency; year and count make a new number."""
PARTS: Final = ("number", "title", "number_line", "facts", "reply", "end")
"""The texts every letter has; besides there is one greeting and one request for each sort of addressee."""


def letter_keys(prefix: str, addressees: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys of every text of a letter."""
    own = [f"{part}.{one}" for one in addressees for part in ("greeting", "request")]
    return tuple(f"{prefix}.{part}" for part in (*PARTS, *own))
