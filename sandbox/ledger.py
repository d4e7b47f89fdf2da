"""The book of every outgoing message that the sandbox accepted: the oracle of tests."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

FIELDS = ("seq", "id", "provider", "owner", "to", "text", "accepted_at", "status", "segments", "requests")
"""The names that `fields=` may choose from, in the order of the full form."""


class Accepted(Protocol):
    """What the book reads of a message at the moment somebody asks."""

    @property
    def status(self) -> str:
        """Where the message stands now."""


@dataclass(slots=True)
class Entry:
    """One accepted message; `text` is what was accepted, later edits are in `requests`."""

    seq: int
    id: str
    provider: str
    owner: str
    to: str
    text: str
    accepted: datetime
    segments: int
    message: Accepted
    requests: list[dict[str, Any]] = field(default_factory=list)

    @property
    def accepted_at(self) -> str:
        """The moment of acceptance, ISO 8601 with microseconds."""
        return self.accepted.isoformat(timespec="microseconds")

    @property
    def status(self) -> str:
        """The message's present state."""
        return self.message.status


class Ledger:
    """Append-only, in the order of acceptance."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._by_key: dict[tuple[str, str], Entry] = {}
        self._last_seq = 0

    def append(self, entry: Entry) -> None:
        """Add `entry` and give it the next number."""
        self._last_seq += 1
        entry.seq = self._last_seq
        self._entries.append(entry)
        self._by_key[entry.owner, entry.id] = entry

    def find(self, owner: str, message_id: str) -> Entry | None:
        """Return the entry of one message of one account or bot."""
        return self._by_key.get((owner, message_id))

    def select(self, owner: str | None, after: int) -> Iterator[Entry]:
        """Yield the entries of `owner` (of all when None) whose number is greater than `after`."""
        return (e for e in self._entries if e.seq > after and (owner is None or e.owner == owner))

    def forget(self, owners: Iterable[str] | None) -> None:
        """Drop the entries of these accounts and bots, or of all."""
        gone = None if owners is None else set(owners)
        kept = [] if gone is None else [e for e in self._entries if e.owner not in gone]
        self._entries = kept
        self._by_key = {(e.owner, e.id): e for e in kept}
