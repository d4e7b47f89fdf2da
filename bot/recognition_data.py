"""Loads and checks bot/data/keywords.yaml: intents with their words, near-misses, commands of dialogs.

The head of that file says what `exact`, `head`, `form`, `hint` and the rest mean. Everything comes out folded, as
messages
are compared. What is wrong raises InvalidData with file, line and reason.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from core import yaml_file
from core.text import bare, fold, normalise
from core.yaml_file import refuse

FILE: Final = Path(__file__).parent / "data" / "keywords.yaml"
GROUPS: Final = ("zh_hans", "zh_hant", "pinyin", "english", "typo", "polite", "sign", "platform")
_GROUP_KEYS: Final = {
    *("exact", "head", "form", "hint", "hint_re", "phrase"),
    *("outside_dialog_only", "only_if", "note", "avoid", "why"),
}
_INTENT_KEYS: Final = {
    *GROUPS,
    *("head_stop", "head_needs", "head_then", "head_free", "hint_needs", "context", "context_words", "reply", "note"),
}
_TOP_KEYS: Final = {
    *("version", "normalise", "order", "effects", "carrier_words", "opt_out_rule", "sender_rules", "hints"),
    *("info_longest", "openers", "topic_words", "intents", "commands_in_dialog", "answer_words", "info_patterns"),
    "near_miss",
}
_CONTEXTUAL: Final = "ACK"
_FLAG: Final = "EMERGENCY"


@dataclass(frozen=True, slots=True)
class IntentWords:
    """The folded words of one intent."""

    name: str
    exact: frozenset[str]
    head: frozenset[str]
    form: frozenset[str]
    hint: frozenset[str]
    hint_re: tuple[str, ...]
    phrase: frozenset[str]
    footer: frozenset[str]
    context_words: frozenset[str]
    head_stop: tuple[str, ...] = ()
    head_needs: str | None = None
    head_then: frozenset[str] = frozenset()
    head_free: frozenset[str] = frozenset()
    hint_needs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A pattern that starts nothing: which intents it blocks, and the rare intent that it means instead."""

    pattern: str
    blocks: frozenset[str]
    to: str | None


@dataclass(frozen=True, slots=True)
class SenderRule:
    """What an intent, and a hint at it, becomes for a sender who is no bound staff member."""

    becomes: str
    hint: str | None


@dataclass(frozen=True, slots=True)
class Keywords:
    """The whole file."""

    intents: Mapping[str, IntentWords]
    near_misses: tuple[NearMiss, ...]
    info: Mapping[str, frozenset[str]]
    info_longest: int
    hints: Mapping[str, str]
    unbound: Mapping[str, SenderRule]
    openers: frozenset[str]
    topics: frozenset[str]
    commands: Mapping[str, frozenset[str]]
    effects: Mapping[str, str]
    steps: tuple[str, ...]


def load_keywords(path: Path = FILE) -> Keywords:
    """The keywords of a file. Raises InvalidData."""
    data = yaml_file.read(path)
    _check_keys(path, data, data, _TOP_KEYS)
    if missing := _TOP_KEYS - {"normalise", "version", "opt_out_rule"} - set(data):
        refuse(path, data, f"missing: {', '.join(sorted(missing))}")
    intents = {name: _intent(path, data["intents"], name) for name in data["intents"]}
    _check_unique(path, data["intents"], intents)
    keywords = Keywords(
        intents=intents,
        near_misses=tuple(_near_miss(path, entry, intents) for entry in data["near_miss"]),
        info=_info(path, data),
        info_longest=int(data["info_longest"]),
        hints=_hints(path, data, intents),
        unbound=_sender_rules(path, data, intents),
        openers=_words(data["openers"], fold),
        topics=_words(data["topic_words"], fold),
        commands={name: _words(words, _whole) for name, words in data["commands_in_dialog"].items()},
        effects={name: effect for effect, names in data["effects"].items() for name in names},
        steps=tuple(entry["step"] for entry in data["order"]),
    )
    _check_commands(path, data, keywords)
    if unsaid := set(intents) - set(keywords.effects):
        refuse(path, data["effects"], f"effects say nothing of {', '.join(sorted(unsaid))}")
    return keywords


def _whole(word: str) -> str:
    return bare(normalise(word))


def _words(given: Any, how: Callable[[str], str]) -> frozenset[str]:
    return frozenset(how(str(word)) for word in given)


def _check_keys(path: Path, holder: Any, entry: Any, allowed: set[str]) -> None:
    if not isinstance(entry, dict):
        refuse(path, holder, "a mapping is needed here")
    if strange := set(entry) - allowed:
        refuse(path, entry, f"unknown key {sorted(strange)[0]}", sorted(strange)[0])


def _intent(path: Path, intents: Any, name: str) -> IntentWords:
    entry = intents[name]
    _check_keys(path, intents, entry, _INTENT_KEYS)
    groups = {group: entry[group] for group in GROUPS if group in entry}
    for group, body in groups.items():
        _check_group(path, entry, name, group, body)
    plain = {group: body for group, body in groups.items() if group != "platform"}

    def all_of(key: str, how: Callable[[str], str]) -> frozenset[str]:
        return frozenset(word for body in plain.values() for word in _words(body.get(key, ()), how))

    needs = entry.get("head_needs")
    if needs not in (None, "topic", "number"):
        refuse(path, entry, f"{name}: head_needs is topic or number", "head_needs")
    head, free = all_of("head", fold), _words(entry.get("head_free", ()), fold)
    if free - head:
        refuse(path, entry, f"{name}: head_free names {sorted(free - head)[0]}, which is no head", "head_free")
    return IntentWords(
        name=name,
        exact=all_of("exact", _whole),
        head=head,
        form=all_of("form", fold),
        hint=all_of("hint", fold),
        hint_re=tuple(str(one) for body in plain.values() for one in body.get("hint_re", ())),
        phrase=all_of("phrase", fold),
        footer=_words(groups.get("platform", {}).get("exact", ()), _whole),
        context_words=_words(entry.get("context_words", {}).get("exact", ()), _whole),
        head_stop=tuple(sorted(_words(entry.get("head_stop", ()), fold))),
        head_needs=needs,
        head_then=_words(entry.get("head_then", ()), fold),
        head_free=free,
        hint_needs=dict(entry.get("hint_needs", {})),
    )


def _check_group(path: Path, entry: Any, name: str, group: str, body: Any) -> None:
    _check_keys(path, entry, body, _GROUP_KEYS)
    if group == "pinyin" and (loud := {"head", "hint", "hint_re"} & set(body)):
        refuse(path, body, f"{name}: initials collide with trade codes, so {sorted(loud)[0]} is not for pinyin")
    for key in set(body) & {"exact", "head", "form", "hint", "hint_re", "phrase"}:
        if not isinstance(body[key], list) or not all(str(word).strip() for word in body[key]):
            refuse(path, body, f"{name}: {key} is a list of words", key)
    for at, pattern in enumerate(body.get("hint_re", ())):
        _compiled(path, body["hint_re"], at, pattern)


def _compiled(path: Path, holder: Any, key: str | int, pattern: Any) -> str:
    try:
        re.compile(pattern)
    except (re.error, TypeError) as error:
        refuse(path, holder, f"no pattern: {error}", key)
    return str(pattern)


def _check_unique(path: Path, data: Any, intents: Mapping[str, IntentWords]) -> None:
    """A word belongs to one intent; ACK counts only while something waits, and danger is looked for apart."""
    for kind in ("exact", "head", "form"):
        owner: dict[str, str] = {}
        for name, words in intents.items():
            for word in getattr(words, kind) if name not in (_CONTEXTUAL, _FLAG) else ():
                if owner.setdefault(word, name) != name:
                    refuse(path, data, f"{kind} {word} belongs to {owner[word]} and to {name}", name)


def _near_miss(path: Path, entry: Any, intents: Mapping[str, IntentWords]) -> NearMiss:
    _check_keys(path, entry, entry, {"re", "blocks", "to", "why"})
    for name in [*entry.get("blocks", ()), *([entry["to"]] if "to" in entry else [])]:
        if name not in intents:
            refuse(path, entry, f"no such intent: {name}")
    return NearMiss(_compiled(path, entry, "re", entry.get("re")), frozenset(entry["blocks"]), entry.get("to"))


def _info(path: Path, data: Any) -> Mapping[str, frozenset[str]]:
    info: dict[str, frozenset[str]] = {}
    for entry in data["info_patterns"]:
        _check_keys(path, entry, entry, {"intent", "any"})
        info[entry["intent"]] = info.get(entry["intent"], frozenset()) | _words(entry["any"], fold)
    return info


def _hints(path: Path, data: Any, intents: Mapping[str, IntentWords]) -> Mapping[str, str]:
    for name, words in intents.items():
        if (words.hint or words.hint_re) and name not in data["hints"]:
            refuse(path, data["hints"], f"{name} has hints, but nothing says what they ask")
    for name in data["hints"]:
        if name not in intents:
            refuse(path, data["hints"], f"no such intent: {name}", name)
    return dict(data["hints"])


def _sender_rules(path: Path, data: Any, intents: Mapping[str, IntentWords]) -> Mapping[str, SenderRule]:
    return dict(_sender_rule(path, entry, intents) for entry in data["sender_rules"])


def _sender_rule(path: Path, entry: Any, intents: Mapping[str, IntentWords]) -> tuple[str, SenderRule]:
    _check_keys(path, entry, entry, {"intent", "sender", "becomes", "hint", "why"})
    if entry.get("intent") not in intents or entry.get("sender") != "unbound" or "becomes" not in entry:
        refuse(path, entry, "a rule is {intent, sender: unbound, becomes}")
    hint = entry.get("hint", "none")
    return entry["intent"], SenderRule(entry["becomes"], None if hint == "none" else hint)


def _check_commands(path: Path, data: Any, keywords: Keywords) -> None:
    carried = {word for key in ("stop", "start") for word in data["carrier_words"][key]}
    owner: dict[str, str] = {}
    for name, words in _pairs(keywords.commands):
        if words in carried and name != "OPT_OUT":
            refuse(path, data["commands_in_dialog"], f"{name}: carriers take the word {words} away", name)
        if owner.setdefault(words, name) != name:
            refuse(path, data["commands_in_dialog"], f"{words} is a command of {owner[words]} and of {name}", name)


def _pairs(commands: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, str]]:
    return ((name, word) for name, words in commands.items() for word in sorted(words))
