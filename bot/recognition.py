"""Which intent a message has, by the words of bot/data/keywords.yaml in their order; pure and compiled once.

Steps that are looked at here: consent, open (only what the context says), form, keyword, number, near_miss, hint. The
router owns the rest. Danger is no step: `is_emergency` is asked of every message besides. Inside a dialog only STOP and
退订 opt out; they leave the optional categories and nothing else, and every other opt-out word there is an answer.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from bot.finder import Finder, alternation
from bot.recognition_data import FILE, IntentWords, Keywords, load_keywords
from core.numbers import find_number
from core.text import bare, normalise

Step = Literal["consent", "open", "command", "form", "keyword", "number", "near_miss", "hint", "none"]
Sender = Literal["public", "staff"]

_AFTER_HEAD: Final = " \t\r\n　:：,，。.、;；!！-—"
_FORM_MARKS: Final = "#*"
_LONGEST: Final = 5000


@dataclass(frozen=True, slots=True)
class Context:
    """What is known when a message comes in.

    `sender` is staff only where the address is bound; `footer` is the letter that our last message of seven days
    gave as
    the way out; `answers` are the whole-message answers of the open question last sent; `dialog` takes every message,
    and DONE only while it is `collecting`.
    """

    sender: Sender = "public"
    ack_waiting: bool = False
    zero_waiting: bool = False
    footer: str | None = None
    answers: frozenset[str] = frozenset()
    dialog: bool = False
    collecting: bool = False


@dataclass(frozen=True, slots=True)
class Intent:
    """What a message is: an intent of the file, ANSWER, a command of dialogs (step `command`), or NONE.

    `rest` is what follows the head word or the first separator of a form, as it was sent (for a number the number, for
    a near-miss that is an inquiry all of it); `via` is our own word or pattern that decided, safe to log.
    """

    name: str
    step: Step
    rest: str = ""
    via: str = ""


NONE: Final = Intent("NONE", "none")


class Recognizer:
    """The compiled words. Every method is pure; a message takes some tens of microseconds."""

    def __init__(self, keywords: Keywords) -> None:
        self.keywords = keywords
        intents = keywords.intents
        self._ack = intents["ACK"].exact
        self._zero = intents["ZERO_REPORT"].exact | intents["ZERO_REPORT"].context_words
        self._consent = _owners(intents, "exact", ("OPT_OUT", "OPT_IN"))
        aside = {"OPT_OUT", "OPT_IN", "ACK", "EMERGENCY"}
        self._exact = _owners(intents, "exact", [name for name in intents if name not in aside])
        self._form = _owners(intents, "form", intents)
        self._head = _owners(intents, "head", intents)
        self._commands = {word: name for name, words in keywords.commands.items() for word in words}
        self._opener_re = re.compile(rf"(?:{alternation(keywords.openers)})[ ,，。.!:;、~]*")
        self._form_re = re.compile(rf"({alternation(self._form)}) ?[{_FORM_MARKS}]")
        self._head_re = re.compile(alternation(self._head))
        self._topics = Finder(keywords.topics)
        self._info = {word: name for name, words in keywords.info.items() for word in words}
        self._info_finder = Finder(self._info)
        self._hints = {name: _hint_finder(intents[name]) for name in keywords.hints}
        self._near = {name: self._near_misses_of(name) for name in intents}
        self._near_to = [(re.compile(miss.pattern), miss.to) for miss in keywords.near_misses if miss.to]
        self._danger = Finder(intents["EMERGENCY"].phrase)

    @classmethod
    def load(cls, path: Path | None = None) -> "Recognizer":
        """The recognizer of a file, ours by default. Raises InvalidData with file, line and reason."""
        return cls(load_keywords(path or FILE))

    def recognise(self, text: str, context: Context) -> Intent:
        """The intent of a message; the first step that says something wins."""
        folded = normalise(text[:_LONGEST])
        whole = bare(folded)
        if context.dialog:
            command = self._command(whole, context.collecting)
            return Intent(command, "command", via=whole) if command else Intent("ANSWER", "open")
        if name := self._consent.get(whole):
            return Intent(name, "consent", via=whole)
        if answered := self._open(whole, context):
            return answered
        found = self._form_of(text, folded) or self._keyword(text, folded, whole, context)
        if found:
            return self._for_sender(found, context)
        return self._number(text) or self._near_miss(text, folded) or self._hint(folded, context) or NONE

    def is_emergency(self, text: str) -> bool:
        """Whether a message speaks of danger to life; looked for in every message, answers included."""
        folded = normalise(text)
        return bare(folded) in self.keywords.intents["EMERGENCY"].exact or bool(self._danger.find(folded))

    def dialog_command(self, text: str, *, collecting: bool = False) -> str | None:
        """The command that a whole message is inside a dialog: DROP, BACK, SKIP, CHANGE … (DONE only if collecting)."""
        return self._command(bare(normalise(text)), collecting)

    def means(self, name: str, text: str) -> bool:
        """Whether a whole message is an exact word of an intent, whatever waits: 收到 is one of ACK."""
        return bare(normalise(text)) in self.keywords.intents[name].exact

    def means_zero(self, text: str) -> bool:
        """Whether a whole message is a word for zero; that is an answer only while the question of a return is open."""
        return bare(normalise(text)) in self._zero

    def _command(self, whole: str, collecting: bool) -> str | None:
        name = self._commands.get(whole)
        return None if name == "DONE" and not collecting else name

    def _open(self, whole: str, context: Context) -> Intent | None:
        if whole in context.answers:
            return Intent("ANSWER", "open")
        if context.zero_waiting and whole in self._zero:
            return Intent("ZERO_REPORT", "open", via=whole)
        if context.ack_waiting and whole in self._ack:
            return Intent("ACK", "open", via=whole)
        return None

    def _form_of(self, text: str, folded: str) -> Intent | None:
        begin = self._after_opener(folded)
        if not (found := self._form_re.match(folded, begin)):
            return None
        rest = _rest(text, folded[: found.end()])
        return Intent(self._form[found[1]], "form", rest.strip(), found[1])

    def _keyword(self, text: str, folded: str, whole: str, context: Context) -> Intent | None:
        if context.footer and whole == context.footer.lower() and whole in self.keywords.intents["OPT_OUT"].footer:
            return Intent("OPT_OUT", "keyword", via="footer")
        begin = self._after_opener(folded)
        head = self._head_at(text, folded, begin)
        long_statement = head is not None and len(folded) > self.keywords.info_longest
        if not long_statement and (word := self._info_finder.find(folded)):
            return Intent(self._info[word], "keyword", via=word)
        for said in (whole, bare(folded[begin:])):
            if said in self._exact:
                return Intent(self._exact[said], "keyword", via=said)
        return head

    def _after_opener(self, folded: str) -> int:
        found = self._opener_re.match(folded)
        return found.end() if found and found.end() < len(folded) else 0

    def _head_at(self, text: str, folded: str, begin: int) -> Intent | None:
        if not (found := self._head_re.match(folded, begin)):
            return None
        word, rest = found[0], folded[found.end() :]
        words = self.keywords.intents[self._head[word]]
        if rest.startswith(words.head_stop) or not self._has_what_it_needs(words, word, rest):
            return None
        if any(miss.start() < found.end() - begin for miss in self._near[words.name].finditer(folded[begin:])):
            return None
        said = _rest(text, folded[: found.end()]).strip(_AFTER_HEAD) if bare(rest) else ""
        return Intent(words.name, "keyword", said, word)

    def _has_what_it_needs(self, words: IntentWords, word: str, rest: str) -> bool:
        if words.head_needs is None or word in words.head_free:
            return True
        if words.head_needs == "topic":
            return rest.startswith(":") or bool(self._topics.find(rest))
        return bool(find_number(rest)) or any(then in rest for then in words.head_then)

    def _for_sender(self, found: Intent, context: Context) -> Intent:
        rule = self.keywords.unbound.get(found.name) if context.sender != "staff" else None
        return Intent(rule.becomes, found.step, found.rest, found.via) if rule else found

    def _number(self, text: str) -> Intent | None:
        number = find_number(text)
        return Intent("STATUS", "number", str(number)) if number else None

    def _near_miss(self, text: str, folded: str) -> Intent | None:
        for pattern, name in self._near_to:
            if pattern.search(folded):
                return Intent(str(name), "near_miss", text.strip(), pattern.pattern)
        return None

    def _hint(self, folded: str, context: Context) -> Intent | None:
        asks = (self._hint_of(name, folded, context) for name in self.keywords.hints)
        return next((ask for ask in asks if ask), None)

    def _hint_of(self, name: str, folded: str, context: Context) -> Intent | None:
        finder = self._hints[name]
        if not finder.find(folded) or not (found := finder.find(self._near[name].sub("\0", folded))):
            return None
        needs = self.keywords.intents[name].hint_needs.get(context.sender)
        if needs == "topic" and not self._topics.find(folded):
            return None
        rule = self.keywords.unbound.get(name) if context.sender != "staff" else None
        ask = rule.hint if rule else self.keywords.hints[name]
        return Intent(ask, "hint", via=found) if ask else None

    def _near_misses_of(self, name: str) -> re.Pattern[str]:
        patterns = [f"(?:{miss.pattern})" for miss in self.keywords.near_misses if name in miss.blocks]
        return re.compile("|".join(patterns) or r"(?!)")


def _owners(intents: Mapping[str, IntentWords], kind: str, names: Iterable[str]) -> dict[str, str]:
    return {word: name for name in names for word in getattr(intents[name], kind)}


def _hint_finder(words: IntentWords) -> Finder:
    stop = "".join(f"(?!{re.escape(word)})" for word in words.head_stop)
    return Finder(words.hint, words.hint_re, unless_followed=stop)


def _rest(text: str, consumed: str) -> str:
    """What follows, as it was sent, the part of the text that folds to `consumed`."""
    wanted = consumed.rstrip()
    for at in range(1, len(text) + 1):
        if normalise(text[:at]) == wanted:
            return text[at:]
    return ""
