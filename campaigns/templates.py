"""Ready reminder texts by occasion and audience, in the three languages (campaigns/data/reminders.csv)."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from core.errors import InvalidData
from core.text import Language

TABLE: Final = Path(__file__).parent / "data" / "reminders.csv"
_COLUMNS: Final[dict[Language, str]] = {"zh-Hans": "zh_hans", "zh-Hant": "zh_hant", "en": "en"}


@dataclass(frozen=True, slots=True)
class Template:
    """One text to begin from. `audience` names whom it was written for, in the words of the table."""

    id: str
    occasion: str
    audience: tuple[str, ...]
    topic: str
    category: str
    ack: bool
    texts: Mapping[str, str]


def load(path: Path = TABLE) -> dict[str, Template]:
    """Return the templates of a table by id, in its order. Raises InvalidData with the line."""
    found: dict[str, Template] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in (reader := csv.DictReader(file, restval="")):
            place = f"line {reader.line_num}"
            try:
                texts: dict[str, str] = {lang: row[column].strip() for lang, column in _COLUMNS.items()}
                ack = {"y": True, "n": False}[row["ack"]]
                audience = tuple(row["audience"].split(","))
                one = Template(row["id"], row["occasion"], audience, row["topic"], row["category"], ack, texts)
            except KeyError as error:
                raise InvalidData(path.name, place, f"column missing, or ack is neither y nor n: {error}") from None
            if not one.id or one.id in found or not all(texts.values()):
                raise InvalidData(path.name, place, "the id is missing or stands twice, or a language says nothing")
            found[one.id] = one
    return found


@cache
def templates() -> Mapping[str, Template]:
    """Return the templates that the program was started with; read once."""
    return load()
