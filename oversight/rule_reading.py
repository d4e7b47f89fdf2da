"""The risk rules as people read them: what each looks at, in words of the kinds that it reads."""

from collections.abc import Sequence
from dataclasses import dataclass

from oversight.rule import AllQuiet, Count, InARow, Pair, Rule, Shape, Single
from records.kind import Kinds
from records.matching import FOUND

Value = str | int


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence about a shape: which it is, and what stands in it."""

    shape: str
    values: dict[str, Value]


def said_of(kinds: Kinds, shape: Shape, lang: str) -> Said:
    """Return what a shape looks for."""
    if isinstance(shape, Single):
        return Said("single", {})
    if isinstance(shape, Pair):
        return Said("pair", {"n": shape.within})
    what = {"same": _same(kinds, shape.of.kind, shape.of.same, lang)}
    if isinstance(shape, Count):
        different = {"what": _title(kinds, shape.of.kind, shape.distinct, lang)} if shape.distinct else {}
        name = "count_distinct" if shape.distinct else "count"
        if not shape.within:
            return Said(f"{name}_day", {**what, **different, "n": shape.at_least})
        return Said(name, {**what, **different, "n": shape.at_least, "days": shape.within})
    if isinstance(shape, InARow):
        return Said("in_a_row", {**what, "n": shape.times})
    assert isinstance(shape, AllQuiet)
    return Said("all_quiet", {**what, "months": shape.months, "n": shape.size})


def reads_of(kinds: Kinds, rule: Rule, lang: str) -> list[tuple[str, list[str]]]:
    """Return which fields of which kinds a rule reads, by their titles; the id of a kind that is not installed."""
    return [
        (
            kinds.get(kind).titles[lang] if kind in kinds.by_id else kind,
            [_title(kinds, kind, name, lang) for name in names if not name.startswith(("state", "track."))],
        )
        for kind, names in rule.reads.items()
    ]


def _same(kinds: Kinds, kind: str, same: Sequence[Sequence[str]], lang: str) -> str:
    ways = [" + ".join(_title(kinds, kind, name, lang) for name in names) for names in same]
    return " / ".join(ways)


def _title(kinds: Kinds, kind: str, name: str, lang: str) -> str:
    plain = name.removesuffix(FOUND)
    known = kinds.by_id.get(kind)
    return known.fields[plain].titles[lang] if known and plain in known.fields else plain
