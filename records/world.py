"""What the files of kinds may refer to: texts, limits, and what records/kinds/common.yaml declares."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.limits import Limits
from core.text import fold
from core.texts import Texts
from people.roles import roles
from records.kind import Choice
from records.predicates import PREDICATES
from records.sources import SOURCES
from records.spot import LANGUAGES, Spot

PARSERS: Final = frozenset({"name_and_unit", "thing_and_amount", "money", "text"})
_COMMON_KEYS: Final = frozenset(
    {
        "version",
        "outside_kinds",
        "visibility_classes",
        "parties",
        "sources",
        "predicates",
        "parsers",
        "field_types",
        "neutral",
        "variables",
        "choices",
    }
)


@dataclass(frozen=True, slots=True)
class World:
    """Everything that exists around a kind, for checking what it names."""

    texts: Texts
    limits: Limits
    signature: Mapping[str, str]
    classes: Mapping[str, frozenset[str]]
    parties: frozenset[str]
    fact_types: frozenset[str]
    sealed_types: frozenset[str]
    neutral: Mapping[str, tuple[str, ...]]
    menus: frozenset[str]
    shown_by: Mapping[str, tuple[str, ...]]
    choices: Mapping[str, Mapping[str, Choice]]
    outside: frozenset[str]
    kinds: frozenset[str]


def read_common(spot: Spot, texts: Texts, limits: Limits, signature: Mapping[str, str], kinds: frozenset[str]) -> World:
    """Read common.yaml. Raises InvalidData for what is missing, or named there without a function behind it."""
    spot.only(_COMMON_KEYS)
    for key, known in (("sources", SOURCES), ("predicates", PREDICATES), ("parsers", PARSERS)):
        for name in spot.sub(key).node:
            if name not in known:
                spot.sub(key).refuse(f"{key}: nothing does what {name} says", name)
    types, neutral, shown = spot.sub("field_types"), spot.sub("neutral"), spot.sub("variables")
    classes = spot.sub("visibility_classes")
    return World(
        texts=texts,
        limits=limits,
        signature=signature,
        classes={name: frozenset(classes.texts(name)) for name in classes.node},
        parties=frozenset(spot.sub("parties").node) | frozenset(roles().by_id),
        fact_types=frozenset(types.texts("fact")),
        sealed_types=frozenset(types.texts("sealed")),
        neutral={lang: neutral.texts(column) for column, lang in LANGUAGES.items()},
        menus=frozenset(neutral.texts("menus")),
        shown_by={name: shown.texts(name) for name in shown.node},
        choices=read_choices(spot),
        outside=frozenset(spot.texts("outside_kinds")),
        kinds=kinds,
    )


def read_choices(spot: Spot) -> dict[str, dict[str, Choice]]:
    """Read the choice sets under the key `choices`; none where it is missing."""
    if "choices" not in spot.node:
        return {}
    sets = spot.sub("choices")
    return {name: _choice_set(sets, name) for name in sets.node}


def _choice_set(sets: Spot, name: str) -> dict[str, Choice]:
    options = sets.sub(name)
    if len(options.node) < 2:
        sets.refuse(f"{name}: fewer than two choices", name)
    return {str(key): _choice(options.sub(key), str(key)) for key in options.node}


def _choice(spot: Spot, key: str) -> Choice:
    spot.only(frozenset({*LANGUAGES, "short", "words"}))
    titles = spot.titles()
    short = spot.sub("short").titles() if "short" in spot.node else titles
    return Choice(key, titles, short, tuple(fold(word) for word in spot.texts("words")))


def common_path(folder: Path) -> Path:
    """Return the file that the kinds of a folder share."""
    return folder / "common.yaml"
