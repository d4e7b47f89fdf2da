"""The one catalogue of everything that is said, in simplified and traditional Chinese and English
(core/data/texts.csv).

A key names a sentence; `{variables}` in it are filled in once, literally: nothing in a value is ever read as a
template.
The agency's signature is not in the catalogue but in the settings; `sign` puts it in front.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import InvalidData, LianxinError
from core.segments import count
from core.text import LANGUAGES, Language

CATALOGUE: Final = Path(__file__).parent / "data" / "texts.csv"
VARIABLES: Final = Path(__file__).parent / "data" / "text_variables.csv"
CATEGORIES: Final = frozenset({"reply", "duty", "service", "education", "survey", "family"})
CARRIER_WORDS: Final = (
    "STOP",
    "STOPALL",
    "UNSUBSCRIBE",
    "END",
    "QUIT",
    "REVOKE",
    "OPTOUT",
    "CANCEL",
    "START",
    "UNSTOP",
)

_COLUMNS: Final[dict[Language, str]] = {"zh-Hans": "zh_hans", "zh-Hant": "zh_hant", "en": "en"}
_VARIABLE = re.compile(r"\{(\w+)\}")
# Our own way back is START, which providers know too: it may be named, the words that end everything may not.
_ASKED = re.compile(rf"\b(?:{'|'.join(word for word in CARRIER_WORDS if word != 'START')})\b")


class UnknownText(LianxinError):
    """A sentence was asked for that the catalogue does not have, in that language, or without one of its variables."""


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence: what it says by language, whether it may go by SMS and in how many segments, its category."""

    key: str
    says: Mapping[str, str]
    sms: bool
    parts: int | None
    category: str
    used_by: tuple[str, ...]
    variables: frozenset[str]


class Texts:
    """The catalogue by key."""

    def __init__(self, by_key: Mapping[str, Text]) -> None:
        self.by_key = by_key

    @classmethod
    def load(cls, *more: Path) -> "Texts":
        """Our catalogue, then further files that add keys or reword ours. Raises InvalidData with file, line,
        reason."""
        known = _variable_samples()
        by_key: dict[str, Text] = {}
        for path in (CATALOGUE, *more):
            own = {text.key: text for text in _read(path, known)}
            for text in own.values():
                if text.key in by_key and by_key[text.key].variables != text.variables:
                    raise InvalidData(path.name, text.key, "its variables differ from those of the key it rewords")
            by_key |= own
        return cls(by_key)

    def adding(self, more: Mapping[str, Text]) -> "Texts":
        """The catalogue with further sentences; one of the same key is reworded."""
        return Texts({**self.by_key, **more})

    def get(self, key: str) -> Text:
        """The sentence of a key. Raises UnknownText."""
        if (text := self.by_key.get(key)) is None:
            raise UnknownText(f"the catalogue has no text {key}")
        return text

    def say(self, key: str, lang: str, **values: object) -> str:
        """The sentence with its variables filled in. Raises UnknownText where key, language or a variable is
        missing."""
        text = self.get(key)
        if lang not in text.says:
            raise UnknownText(f"the catalogue has no language {lang}")
        if missing := text.variables - values.keys():
            raise UnknownText(f"the text {key} needs {', '.join(sorted(missing))}")
        return fill(text.says[lang], values)

    def lengths(self, signature: Mapping[str, str]) -> list[str]:
        """What is longer than it says, as sentences: each SMS text signed and with the longest usual values.

        Texts with a numbered menu are left out: their length is checked with the choices of their kind.
        """
        samples = _variable_samples()
        return [
            f"{text.key} in {lang}: {size} segments, {text.parts} allowed"
            for text in self.by_key.values()
            if text.sms and "options" not in text.variables
            for lang in LANGUAGES
            if (size := count(sign(fill(text.says[lang], samples[lang]), lang, signature)).segments) > (text.parts or 1)
        ]


def fill(template: str, values: Mapping[str, object]) -> str:
    """The template with each `{name}` replaced by its value, in one pass; a name without a value stays as it is."""
    return _VARIABLE.sub(lambda found: str(values.get(found[1], found[0])), template)


def variables_of(template: str) -> frozenset[str]:
    """The names in braces of a template, such as a text written by an administrator."""
    return frozenset(_VARIABLE.findall(template))


def sign(text: str, lang: str, signature: Mapping[str, str]) -> str:
    """The text with the agency's signature of that language in front (none where the settings have none)."""
    return signature.get(lang, "") + text


def _variable_samples() -> dict[str, dict[str, object]]:
    """The variables that exist, by language, with the longest usual value."""
    with VARIABLES.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return {lang: {row["name"]: row[column] for row in rows} for lang, column in _COLUMNS.items()}


def checked_text(key: str, says: Mapping[str, str], parts: int) -> Text:
    """Return a sentence that stands outside of a catalogue file, an answer by SMS of so many segments.

    Raises ValueError with the reason for what a catalogue would refuse too.
    """
    row = {column: says.get(lang, "") for lang, column in _COLUMNS.items()}
    row |= {"key": key, "used_by": "records", "sms": "y", "parts": str(parts), "category": "reply"}
    if reason := _fault(row, _variable_samples()["en"]):
        raise ValueError(reason)
    return _text(row)


def _read(path: Path, known: Mapping[str, Mapping[str, object]]) -> Iterator[Text]:
    seen: set[str] = set()
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in (reader := csv.DictReader(file, restval="")):
            key = row.get("key", "")
            reason = "this key stands twice" if key in seen else _fault(row, known["en"])
            if reason:
                raise InvalidData(path.name, f"line {reader.line_num}", f"{key}: {reason}")
            seen.add(key)
            yield _text(row)


def _text(row: Mapping[str, str]) -> Text:
    says: dict[str, str] = {lang: row[column] for lang, column in _COLUMNS.items()}
    parts = int(row["parts"]) if row["parts"] else None
    used_by = tuple(row["used_by"].split())
    return Text(row["key"], says, row["sms"] == "y", parts, row["category"], used_by, variables_of(row["en"]))


def _fault(row: Mapping[str, str], known: Mapping[str, object]) -> str | None:
    if missing := {"key", "used_by", "sms", "parts", "category", *_COLUMNS.values()} - row.keys():
        return f"columns are missing: {', '.join(sorted(missing))}"
    if empty := [column for column in _COLUMNS.values() if not row[column].strip()]:
        return f"says nothing in {', '.join(empty)}"
    names = [variables_of(row[column]) for column in _COLUMNS.values()]
    if len(set(names)) > 1:
        return "its variables differ between the languages"
    if strange := names[0] - known.keys():
        return f"no such variable: {', '.join(sorted(strange))}"
    if row["category"] not in CATEGORIES:
        return f"no such category: {row['category']}"
    if row["sms"] not in {"y", "n"} or (row["sms"] == "y" and row["parts"] not in {"1", "2", "3", "4"}):
        return "sms is y or n, and parts 1 to 4 where it is y"
    if found := _ASKED.search(row["en"]):
        return f"asks for {found[0]}, a word that carriers take away"
    return None
