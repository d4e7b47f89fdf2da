"""What the bot is made of: the kinds it files and the words it knows."""

from dataclasses import dataclass

from bot.recognition import Recognizer
from bot.recognition_data import load_keywords
from bot.register_words import with_registers
from core.office import Office
from records.kind import Kind, Kinds
from records.loading import load_kinds


@dataclass(frozen=True)
class Bot:
    """Everything that does not change while the process runs; it keeps nothing about anybody."""

    kinds: Kinds
    words: Recognizer

    @classmethod
    def make(cls, office: Office, kinds: Kinds | None = None) -> "Bot":
        """Return the bot of an office. Raises InvalidData where a file of kinds or words is wrong."""
        known = kinds or load_kinds(office.texts, office.limits, signature=office.signature)
        return cls(known, Recognizer(with_registers(load_keywords(), known)))

    def kind_for(self, intent: str) -> Kind | None:
        """Return the kind that an intent files, by the keyword of its one-line form; None where none is installed."""
        return next(
            (each for each in self.kinds.by_id.values() if each.one_line and each.one_line.keyword == intent), None
        )
