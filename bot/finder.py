"""Finds the first of many words in folded text. Chinese words stand anywhere, Latin ones as whole words.

Chinese words, Latin words and patterns are compiled apart: only so can the regular expression engine skip what cannot
begin a word, and Latin words are not looked for in a text that has no Latin letter.
"""

import re
from collections.abc import Collection, Iterable
from typing import Final

_AFTER_LATIN: Final = r"(?=$|[^a-z0-9'_])"
_LATIN = re.compile(r"[a-z]")
_NEVER: Final = r"(?!)"


class Finder:
    """Words and patterns to look for; a word counts only where `unless_followed` (look-aheads) lets it."""

    def __init__(self, words: Collection[str], patterns: Iterable[str] = (), *, unless_followed: str = "") -> None:
        chinese = [word for word in words if not word[0].isascii()]
        latin = [word for word in words if word[0].isascii()]
        self._chinese = re.compile("|".join(re.escape(word) + unless_followed for word in _sorted(chinese)) or _NEVER)
        self._latin = re.compile(rf"(?<![a-z0-9])(?:{alternation(latin)})(?![a-z0-9]){unless_followed}")
        self._patterns = [(re.compile(pattern), "\\b" in pattern) for pattern in patterns]

    def find(self, folded: str) -> str | None:
        """The first Chinese word, else the first Latin one, else the first pattern that matches, as it is written;
        None without any. What comes back is ours, never a piece of the message."""
        if found := self._chinese.search(folded):
            return found[0]
        has_latin = bool(_LATIN.search(folded))
        if has_latin and (found := self._latin.search(folded)):
            return found[0]
        for pattern, only_latin in self._patterns:
            if (has_latin or not only_latin) and pattern.search(folded):
                return pattern.pattern
        return None


def alternation(words: Iterable[str]) -> str:
    """A pattern of any of the words, the longest first; a Latin one ends only where a word ends."""
    return "|".join(re.escape(word) + (_AFTER_LATIN if _ends_latin(word) else "") for word in _sorted(words)) or _NEVER


def _ends_latin(word: str) -> bool:
    return word[-1].isascii() and word[-1].isalnum()


def _sorted(words: Iterable[str]) -> list[str]:
    return sorted(words, key=lambda word: (-len(word), word))
