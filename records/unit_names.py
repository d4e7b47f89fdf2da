"""Finding a unit by what people call it: its code or its name in Chinese, traditional Chinese or English. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.text import fold

_SHORTEST = 2


def _key(text: str) -> str:
    return fold(text).replace(" ", "")


@dataclass(frozen=True, slots=True)
class UnitNames:
    """Names of units with their code, longest first."""

    pairs: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, units: Iterable[tuple[str, str, str]]) -> "UnitNames":
        """Make the table from (code, name_zh, name_en)."""
        pairs = {(_key(name), code) for code, *names in units for name in (code, *names) if name}
        return cls(tuple(sorted(pairs, key=lambda pair: (-len(pair[0]), pair[1]))))

    def find(self, text: str) -> str | None:
        """Return the code of the unit that a text names.

        A whole name or code wins; else the longest name that stands in the text; else the one unit whose name begins
        with the text (Luming Port). None where nothing or more than one fits.
        """
        wanted = _key(text)
        if len(wanted) < _SHORTEST:
            return None
        for name, code in self.pairs:
            if name == wanted:
                return code
        for name, code in self.pairs:
            if not name.isascii() and name in wanted:
                return code
        begun = {code for name, code in self.pairs if name.startswith(wanted)}
        return begun.pop() if len(begun) == 1 else None
