"""What a provider is told, what it answers, and what comes in: frozen values without rows or vendor types."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, Protocol, runtime_checkable

from core.errors import Refused
from core.segments import count as count_segments
from models.states import MessageState, Outcome

ChannelName = Literal["sms", "telegram"]
ArrivalKind = Literal["text", "press", "file", "other"]

SMS: Final = "sms"
TELEGRAM: Final = "telegram"
SMS_MOST_CHARACTERS: Final = 1600  # Twilio error 21617
TELEGRAM_MOST_UNITS: Final = 4096  # Bot API, sendMessage


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a chat message: what it says and what comes back when it is pressed (at most 64 bytes)."""

    label: str
    data: str


Buttons = Sequence[Sequence[Button]]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One thing to be said. `token` names the attempt in the status callback.

    With `edits_provider_id` the text replaces that chat message; with `answers_press` a button press is answered,
    by the text itself where nothing is replaced. `deletes` are messages of the chat that are taken away first.
    """

    to: str
    text: str
    token: str
    buttons: Buttons = ()
    edits_provider_id: str | None = None
    answers_press: str | None = None
    deletes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one try. `retry_after` in seconds; `code` is the provider's, or the name of a failure."""

    outcome: Outcome
    provider_id: str | None = None
    code: str | None = None
    retry_after: float | None = None
    opted_out: bool = False
    bad_address: bool = False


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that came with a message and is still with the provider.

    `file_id` fetches it, `lasting_id` stays the same wherever it turns up; `size` in bytes, where it is told.
    """

    sort: str
    file_id: str
    lasting_id: str
    size: int | None = None


class FileRefused(Exception):
    """The provider will never hand this file out, or it is too large. Its text is a code, never data."""

    TOO_LARGE: Final = "too_large"
    GONE: Final = "gone"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One thing that a provider delivered. `provider_id` is its id for ever; `opt` what it reports of consent.

    `message_id` is what the chat calls it; `album` ties files together that were sent at once; `forwarded_at` is when
    a message that is passed on was first sent.
    """

    channel: str
    provider_id: str
    identity: str
    kind: ArrivalKind
    text: str | None = None
    press_id: str | None = None
    about_provider_id: str | None = None
    opt: Literal["in", "out"] | None = None
    lang: str | None = None
    message_id: str | None = None
    files: tuple[Attached, ...] = ()
    album: str | None = None
    forwarded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a provider reports later about a message: its word, the state it stands for (None: none that we know)."""

    status: str
    state: MessageState | None
    code: str | None = None
    provider_id: str | None = None
    opted_out: bool = False
    bad_address: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """One message that a provider says it took for a number. `is_ours`: it went out under our own sender."""

    provider_id: str
    text: str
    created_at: datetime
    is_ours: bool
    report: Report


@dataclass(frozen=True, slots=True)
class Listing:
    """What a provider says it took for one number, newest first.

    `is_complete`: the list was read to its end. `trouble` is a code, and then nothing else is to be believed.
    """

    sent: Sequence[Sent] = ()
    is_complete: bool = False
    trouble: str | None = None
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """One arrival in a provider's list, and when the provider had it."""

    arrival: Arrival
    at: datetime


@dataclass(frozen=True, slots=True)
class HeardPage:
    """A page of what a provider has of one day, newest first; `heard` is what of it came in for us.

    `newest` is when the first of the page was sent; `next_page` where the list goes on, None at its end.
    """

    heard: Sequence[Heard] = ()
    newest: datetime | None = None
    next_page: str | None = None


class Channel(Protocol):
    """A kind of provider."""

    name: str

    async def send(self, outgoing: Outgoing) -> Result:
        """Say it once, within a time limit. Never raises for what the provider or the network does."""


@runtime_checkable
class Fetching(Protocol):
    """A channel whose provider keeps the files that people send."""

    async def fetch(self, file_id: str, most_bytes: int) -> bytes:
        """Return a file. Raises FileRefused where it never can; NotWritten, Unclear, Throttled where it cannot now."""


@runtime_checkable
class Askable(Protocol):
    """A channel whose provider can be asked what it took."""

    async def sent_to(self, to: str) -> Listing:
        """List what the provider took for a number. Never raises for what the provider or the network does."""


@runtime_checkable
class Listening(Protocol):
    """A channel whose provider lists what came in."""

    async def came_in(self, day: date, page: str | None = None) -> HeardPage:
        """Return a page of what came in on a day of UTC: the first, or the one that `next_page` named.

        Raises NotWritten, Unclear or Throttled, and nothing else.
        """


class TooLong(Refused):
    """A text is longer than its channel takes; `values` say its segments (sms) or characters and the most allowed."""


def units(channel: str, text: str) -> int:
    """Return what a text counts against the rate: segments on sms, one message elsewhere."""
    return count_segments(text).segments if channel == SMS else 1


def fits(channel: str, text: str) -> bool:
    """Say whether the channel takes a text of this length."""
    return _length(channel, text) <= _most(channel)


def check_length(channel: str, text: str) -> None:
    """Raise TooLong where the channel would refuse the text."""
    if not fits(channel, text):
        raise TooLong(
            "message.too_long", segments=units(channel, text), length=_length(channel, text), most=_most(channel)
        )


def _length(channel: str, text: str) -> int:
    return len(text) if channel == SMS else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _most(channel: str) -> int:
    return SMS_MOST_CHARACTERS if channel == SMS else TELEGRAM_MOST_UNITS
