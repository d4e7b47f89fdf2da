"""Every word of the pages, in simplified Chinese and English (console/data/words.csv).

A key names a sentence; `{variables}` in it are filled in once, literally. What is said to people outside the console is
in `core.texts`; nothing of it is repeated here.
"""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, Literal

import campaigns
import oversight
import people
import records
from core.errors import InvalidData, LianxinError, Refused
from core.texts import Texts, fill, variables_of

Lang = Literal["zh-Hans", "en"]
LANGS: Final[tuple[Lang, ...]] = ("zh-Hans", "en")
TABLE: Final = Path(__file__).parent / "data" / "words.csv"
_COLUMNS: Final[dict[Lang, str]] = {"zh-Hans": "zh_hans", "en": "en"}


class UnknownWord(LianxinError):
    """A page asked for words that the table does not have, or without one of their variables."""


class Words:
    """The table by key."""

    def __init__(self, by_key: Mapping[str, Mapping[Lang, str]]) -> None:
        self.by_key = by_key

    @classmethod
    def load(cls, path: Path = TABLE) -> "Words":
        """Read the table. Raises InvalidData with line and reason."""
        by_key: dict[str, Mapping[Lang, str]] = {}
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in (reader := csv.DictReader(file, restval="")):
                if reason := _fault(row, by_key):
                    raise InvalidData(path.name, f"line {reader.line_num}", reason)
                by_key[row["key"]] = {lang: row[column] for lang, column in _COLUMNS.items()}
        return cls(by_key)

    def __contains__(self, key: str) -> bool:
        return key in self.by_key

    def say(self, lang: Lang, key: str, **values: object) -> str:
        """Return the sentence with its variables. Raises UnknownWord for a key or variable that is not there."""
        if (says := self.by_key.get(key)) is None:
            raise UnknownWord(f"words.csv has no key {key}")
        if missing := variables_of(says[lang]) - values.keys():
            raise UnknownWord(f"the words {key} need {', '.join(sorted(missing))}")
        return fill(says[lang], values)


@cache
def words() -> Words:
    """Return the words that the program was started with; read once."""
    return Words.load()


@cache
def _catalogue() -> Texts:
    return Texts.load(people.TEXTS, campaigns.TEXTS, oversight.TEXTS, records.TEXTS)


def sentence_of(refused: Refused, lang: Lang, texts: Texts | None = None) -> str:
    """Return the sentence that says why something was refused: our words first, then the catalogue."""
    key = f"refused.{refused.key}"
    if key in words():
        return words().say(lang, key, **refused.values)
    for catalogue in (texts, _catalogue()):
        if catalogue is not None and refused.key in catalogue.by_key:
            return catalogue.say(refused.key, lang, **refused.values)
    return words().say(lang, "refused.other")


def _fault(row: Mapping[str, str], seen: Mapping[str, object]) -> str | None:
    key = row.get("key", "")
    if not key or key in seen:
        return f"the key {key!r} is empty or stands twice"
    if empty := [column for column in _COLUMNS.values() if not row.get(column, "").strip()]:
        return f"{key} says nothing in {', '.join(empty)}"
    if None in row:
        return f"{key} has more columns than the first line: quote what holds a comma"
    if len({variables_of(row[column]) for column in _COLUMNS.values()}) > 1:
        return f"the variables of {key} differ between the languages"
    return None


def titled(titles: Mapping[str, str], lang: Lang) -> str:
    """Return the title of a language with a capital letter, as it stands alone on a page."""
    said = titles[lang]
    return said[:1].upper() + said[1:]


def preferred(accept_language: str) -> Lang:
    """Return the language that a browser asks for: Chinese where any Chinese comes before English."""
    for part in accept_language.lower().split(","):
        tag = part.split(";")[0].strip()
        if tag.startswith("zh"):
            return "zh-Hans"
        if tag.startswith("en"):
            return "en"
    return "zh-Hans"
