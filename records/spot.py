"""A place in a data file: its node with the path, so that a refusal names file, line and reason."""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from core.conditions import BadCondition, Condition, parse_condition
from core.yaml_file import refuse

LANGUAGES = {"zh": "zh-Hans", "hant": "zh-Hant", "en": "en"}
"""The columns of titles in the files, and the language that each is for."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One mapping of a file."""

    path: Path
    node: Any

    def __post_init__(self) -> None:
        if not isinstance(self.node, dict):
            refuse(self.path, self.node, "a mapping is expected here")

    def refuse(self, reason: str, key: str | None = None) -> NoReturn:
        """Raise InvalidData for this place, or for one key in it."""
        refuse(self.path, self.node, reason, key)

    def only(self, allowed: Set[str]) -> None:
        """Refuse keys that are not allowed."""
        if strange := sorted(set(self.node) - allowed):
            self.refuse(f"unknown key {strange[0]}", strange[0])

    def need(self, key: str) -> Any:
        """Return what a key holds; refuse where it is missing or empty."""
        value = self.node.get(key)
        if value is None or value == "":
            self.refuse(f"{key} is missing")
        return value

    def text(self, key: str) -> str:
        """Return the string of a key that must be there."""
        value = self.need(key)
        if not isinstance(value, str):
            self.refuse(f"{key} must be a text; quote it", key)
        return value

    def maybe(self, key: str) -> str | None:
        """Return the string of a key, None where it is missing."""
        return self.text(key) if key in self.node else None

    def flag(self, key: str) -> bool:
        """Return true or false; false where the key is missing."""
        value = self.node.get(key, False)
        if not isinstance(value, bool):
            self.refuse(f"{key} is true or false", key)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of strings, or one string as a list of one; empty where the key is missing."""
        value = self.node.get(key, [])
        items = value if isinstance(value, list) else [value]
        if not all(isinstance(item, str) for item in items):
            self.refuse(f"{key} holds texts only; quote them", key)
        return tuple(items)

    def sub(self, key: str) -> "Spot":
        """Return the mapping under a key that must be there."""
        return Spot(self.path, self.need(key))

    def each(self, key: str) -> Iterator["Spot"]:
        """Yield the mappings of a list; nothing where the key is missing."""
        value = self.node.get(key, [])
        if not isinstance(value, list):
            self.refuse(f"{key} is a list", key)
        for item in value:
            yield Spot(self.path, item)

    def find(self, key: str, name: str, value: str) -> "Spot":
        """Return the mapping of a list in which `name` holds a value; this place where there is none."""
        return next((each for each in self.each(key) if each.node.get(name) == value), self)

    def titles(self) -> dict[str, str]:
        """Return the titles in all three languages."""
        return {lang: self.text(column) for column, lang in LANGUAGES.items()}

    def condition(self, key: str) -> Condition | None:
        """Return the condition under a key, None where it is missing."""
        if key not in self.node:
            return None
        try:
            return parse_condition(self.node[key])
        except BadCondition as error:
            self.refuse(f"{key}: {error}", key)
