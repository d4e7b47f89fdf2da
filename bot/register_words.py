"""Words that begin the form of a register which brings them in its own file, beside bot/data/keywords.yaml."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.recognition_data import IntentWords, Keywords, SenderRule
from core.errors import InvalidData
from core.text import bare, fold, normalise
from records.kind import Kind, Kinds

_NOBODY: Final[frozenset[str]] = frozenset()


def with_registers(keywords: Keywords, kinds: Kinds) -> Keywords:
    """Return the keywords with those of registers; a word that is taken is refused with InvalidData."""
    own = {str(kind.one_line.keyword): kind for kind in kinds.by_id.values() if kind.words and kind.one_line}
    if not own:
        return keywords
    intents = dict(keywords.intents)
    for name, kind in own.items():
        if name in intents:
            raise InvalidData(f"{kind.id}.yaml", "words", f"the bot knows {name} already: leave the words out")
        intents[name] = _words_of(name, kind)
        _check_free(kind, intents[name], intents)
    bound = {name: SenderRule("BIND_FIRST", None) for name, kind in own.items() if "anyone" not in kind.filed_by}
    return replace(
        keywords,
        intents=intents,
        effects={**keywords.effects, **dict.fromkeys(own, "acting")},
        unbound={**keywords.unbound, **bound},
    )


def _words_of(name: str, kind: Kind) -> IntentWords:
    assert kind.words is not None
    return IntentWords(
        name=name,
        exact=frozenset(bare(normalise(word)) for word in kind.words.exact),
        head=_NOBODY,
        form=frozenset(fold(word) for word in kind.words.form),
        hint=_NOBODY,
        hint_re=(),
        phrase=_NOBODY,
        footer=_NOBODY,
        context_words=_NOBODY,
    )


def _check_free(kind: Kind, words: IntentWords, intents: Mapping[str, IntentWords]) -> None:
    for other in intents.values():
        taken = words.exact & (other.exact | other.head) | words.form & other.form
        if other is not words and taken:
            raise InvalidData(f"{kind.id}.yaml", "words", f"{sorted(taken)[0]} belongs to {other.name}")
