"""What a period is called in each language: 2026年9月, September 2026, 2026, quarter 3."""

from typing import Final

from core.texts import Texts
from oversight.table import Period

_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def period_name(texts: Texts, period: Period, lang: str) -> str:
    """Return the name of a period in a language; a free one by its two days."""
    first, kind = period.first, period.kind
    if kind == "free":
        return texts.say("paper.free", lang, first=first.isoformat(), last=period.last.isoformat())
    month = _MONTHS[first.month - 1] if lang == "en" else str(first.month)
    place = (first.month - 1) // {"quarter": 3, "half": 6}.get(kind, 12) + 1
    values = {"year": first.year, "m": month, "i": place}
    needed = texts.get(f"paper.{kind}").variables
    return texts.say(f"paper.{kind}", lang, **{name: values[name] for name in needed})
