"""Menus: choices numbered in one line over SMS, on buttons in chat; both with the short titles."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.segments import count
from core.text import LANGUAGES, fold
from core.texts import Text, fill, sign
from records.kind import Choice


@dataclass(frozen=True, slots=True)
class Menu:
    """The choices of a field, in their order."""

    choices: tuple[Choice, ...]

    def line(self, lang: str) -> str:
        """Return the menu as it stands in an SMS: `1当面2电话`, `1 in person 2 phone`."""
        gap = " " if lang == "en" else ""
        return gap.join(f"{choice.key}{gap}{choice.short[lang]}" for choice in self.choices)

    def value_of(self, answer: str) -> str | None:
        """Return the key that an answer means: the key itself, or a title, whole or short, in any language."""
        wanted = fold(answer).rstrip("。.")
        for choice in self.choices:
            if wanted == fold(choice.key):
                return choice.key
        for choice in self.choices:
            if wanted in {fold(title) for title in (*choice.titles.values(), *choice.short.values())}:
                return choice.key
        return None

    def range(self, lang: str) -> str:
        """Return the allowed keys as they are said: `1到8`, `1 to 8`; all of them where they are no row of digits."""
        keys = sorted(choice.key for choice in self.choices)
        row = all(key.isdigit() for key in keys) and int(keys[-1]) - int(keys[0]) == len(keys) - 1
        if not row:
            return ", ".join(choice.key for choice in self.choices)
        return f"{keys[0]} to {keys[-1]}" if lang == "en" else f"{keys[0]}到{keys[-1]}"

    def fault(self, text: Text, signature: Mapping[str, str], neutral: Mapping[str, tuple[str, ...]]) -> str | None:
        """Return why a text with this menu cannot go out by SMS, None when it can."""
        for lang in LANGUAGES:
            whole = sign(fill(text.says[lang], {"options": self.line(lang)}), lang, signature)
            if (size := count(whole).segments) > (text.parts or 1):
                return f"with its menu it takes {size} segments in {lang}, {text.parts} allowed"
            if word := next((word for word in neutral.get(lang, ()) if word in whole.lower()), None):
                return f"holds {word} in {lang}, which must not stand in an SMS"
        return None


def menu_of(choices: Mapping[str, Choice]) -> Menu:
    """Return the menu of a choice set."""
    return Menu(tuple(choices.values()))
