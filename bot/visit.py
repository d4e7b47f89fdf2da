"""One message on its way through the router: who sent it, in which language he is answered, what is said back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from functools import cached_property
from typing import TYPE_CHECKING, Final

from bot import questions
from bot.questions import Question
from bot.recognition import Context, Intent
from core.clock import local_day
from core.office import Office
from core.texts import sign
from messaging import outbox
from messaging.channel import SMS, TELEGRAM, Button
from messaging.inbox import InboundRow
from messaging.outbox import NewMessage
from models import question_queries
from models.org import Person

if TYPE_CHECKING:
    from bot.parts import Bot

MOST_REPLIES_A_DAY: Final = 120
MOST_UNASKED_A_DAY: Final = 1000

Buttons = Sequence[Sequence[Button]]


@dataclass
class Visit:
    """What came in, opened, with everything that the steps of the router may need; it lives for one transaction.

    `text` is what was written, or the data of the button that was pressed; `staff` the active person to whom the
    address verifiably belongs. The steps note on it what is kept with the inbound row: `intent`, `for_person`,
    `urgent`, `scrub` (the text is kept elsewhere and must not stay in the row), `secret` (not even for a person).
    """

    office: Office
    bot: "Bot"
    row: InboundRow
    staff: Person | None
    text: str
    lang: str
    muted: bool = False
    stack: list[Question] = field(default_factory=list)
    intent: str | None = None
    for_person: bool = False
    urgent: bool = False
    scrub: bool = False
    secret: bool = False
    said: int = 0
    slash: bool = False
    answered_press: bool = False

    @cached_property
    def meant(self) -> Intent:
        """What the message is where no open question matters."""
        return self.bot.words.recognise(self.text, self.context())

    @property
    def in_dialog(self) -> bool:
        """Whether a dialog was open when the message came."""
        return any(each.kind == "dialog" for each in self.stack)

    @property
    def address_id(self) -> int:
        """The address that wrote, and that is answered."""
        return self.row.address_id

    def context(self) -> Context:
        """Return what recognition needs to know where no open question matters."""
        return Context(sender="staff" if self.staff else "public")

    @property
    def now(self) -> datetime:
        """The moment of the domain."""
        return self.office.clock.now()

    @property
    def by_sms(self) -> bool:
        """Whether the channel shows no buttons and the sender is only a claim."""
        return self.row.channel == SMS

    @property
    def in_chat(self) -> bool:
        """Whether the channel shows buttons and its account is a proof once it is bound."""
        return self.row.channel == TELEGRAM

    @property
    def pressed(self) -> bool:
        """Whether a button was pressed."""
        return self.row.kind == "press"

    def text_of(self, key: str, **values: object) -> str:
        """Return a sentence of the catalogue in the language of this visit."""
        return self.office.texts.say(key, self.lang, **values)

    async def say(self, key: str, *, buttons: Buttons = (), **values: object) -> str:
        """Answer with a sentence of the catalogue; return the dedupe key of the message."""
        return await self.write(key, self.text_of(key, **values), buttons=buttons)

    async def write(self, key: str, text: str, *, buttons: Buttons = (), deletes: tuple[str, ...] = ()) -> str:
        """Answer with a text already filled in, under the key of its main sentence.

        `deletes` are messages of the chat that are taken away before it is said.
        """
        self.said += 1
        dedupe_key = f"in:{self.row.id}:{self.said}"
        if not self.muted:
            await self._enqueue(dedupe_key, key, text, buttons, deletes=deletes)
        return dedupe_key

    async def say_once_a_day(self, name: str, key: str) -> bool:
        """Answer unless something under this name was said to the address today; return whether it was said."""
        dedupe_key = f"{name}:{self._day()}:{self.address_id}"
        return not self.muted and await self._enqueue(dedupe_key, key, self.text_of(key), ())

    async def say_unasked(self, key: str, buttons: Buttons = ()) -> bool:
        """Say what nobody asked for: once per address and day, within a budget for everybody; return whether."""
        if self.muted or await question_queries.said_under(f"unasked:{self._day()}:") >= MOST_UNASKED_A_DAY:
            return False
        return await self._enqueue(
            f"unasked:{self._day()}:{self.address_id}", key, self.text_of(key), buttons if self.in_chat else ()
        )

    async def no_file(self) -> None:
        """Say that a picture, a voice message or a sticker is not taken; over SMS that pictures go by chat."""
        key = "bot.files_by_chat" if self.by_sms and self.row.carried.files else "error.no_file"
        await (self.say(key) if self.in_dialog else self.say_unasked(key))

    async def answer_press(self, key: str | None = None, *, shows: str | None = None) -> None:
        """Let the pressed button rest: with a short note, or with the message replaced by what it now shows."""
        if not self.pressed or self.answered_press or self.row.press_id is None:
            return
        self.answered_press = True
        text = shows if shows is not None else self.text_of(key) if key else ""
        await self._enqueue(
            f"press:{self.row.id}",
            key or "bot.chosen",
            text,
            (),
            edits=self.row.about_provider_id if shows is not None else None,
            press=self.row.press_id,
        )

    async def _enqueue(
        self,
        dedupe_key: str,
        key: str,
        text: str,
        buttons: Buttons,
        *,
        edits: str | None = None,
        press: str | None = None,
        deletes: tuple[str, ...] = (),
    ) -> bool:
        return await outbox.enqueue(
            self.office,
            NewMessage(
                dedupe_key=dedupe_key,
                channel=self.row.channel,
                address_id=self.address_id,
                person_id=self.staff.id if self.staff else None,
                category="reply",
                lang=self.lang,
                text=sign(text, self.lang, self.office.signature) if self.by_sms else text,
                text_key=key,
                buttons=buttons if self.in_chat else (),
                edits_provider_id=edits,
                answers_press=press,
                deletes=deletes,
                fleeting="code" in self.office.texts.get(key).variables,
            ),
        )

    def _day(self) -> str:
        return self.office.today().isoformat()

    async def mute_when_too_many(self) -> None:
        """Answer no more where an address sent more than anybody writes in a day; say so once."""
        midnight = datetime.combine(local_day(self.now, self.office.zone), time(), self.office.zone).astimezone(UTC)
        if await question_queries.came_since(self.address_id, midnight) > MOST_REPLIES_A_DAY:
            await self.say_once_a_day("many", "T-RATE-LIMIT")
            self.muted = True

    async def load_stack(self) -> None:
        """Read the open questions of the address, the one last sent first."""
        self.stack = await questions.stack(self.office, self.address_id)
