"""The outbox: the only way to say anything to anyone.

`enqueue` inserts a message in the caller's transaction. `step` sends for one lane: claim (attempts are committed before
the provider is called), the last look, send, settle in grouped commits, all overlapping. What the provider may have
accepted is `unknown` and never sent again blindly.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from core.office import Office
from messaging.channel import Buttons, check_length, units
from messaging.flow import Flow
from messaging.sender import Sender as Sender
from models import outbox_queries
from models.outbox_queries import NewRow
from models.states import OPEN_MESSAGE_STATES, MessageState

PRIORITIES: Final = {
    "reply": 0,
    "duty": 5,
    "service": 5,
    "test": 5,
    "education": 9,
    "survey": 9,
    "family": 9,
}
UNKNOWN_KEPT: Final = timedelta(days=7)
"""How long the text of a fleeting message is kept while nobody knows whether it went out, so that it can be resent."""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """Something to be said to one address. `dedupe_key` names the cause: the same key is said once, for ever.

    The text is final: signature and variables are in it. `priority` follows from the category unless given. A
    `fleeting` one says what is sealed or secret: its text is erased as soon as it is settled.
    """

    dedupe_key: str
    channel: str
    address_id: int | None
    category: str
    lang: str
    text: str
    person_id: int | None = None
    text_key: str | None = None
    buttons: Buttons = ()
    priority: int | None = None
    not_before: datetime | None = None
    expires_at: datetime | None = None
    edits_provider_id: str | None = None
    answers_press: str | None = None
    fleeting: bool = False
    deletes: tuple[str, ...] = ()


async def enqueue(office: Office, message: NewMessage) -> bool:
    """Insert a message in the caller's transaction; False where its dedupe key was there already.

    Raises TooLong where the channel would refuse the text.
    """
    check_length(message.channel, message.text)
    inserted = await outbox_queries.insert(_row(office, message))
    office.wakes.outbox.set()
    return inserted


def _row(office: Office, new: NewMessage) -> NewRow:
    return NewRow(
        dedupe_key=new.dedupe_key,
        channel=new.channel,
        address_id=new.address_id,
        person_id=new.person_id,
        run_id=None,
        category=new.category,
        priority=PRIORITIES[new.category] if new.priority is None else new.priority,
        lang=new.lang,
        text_key=new.text_key,
        body=office.key.encrypt(new.text),
        buttons=buttons_json(new.buttons),
        edits_provider_id=new.edits_provider_id,
        answers_press=new.answers_press,
        deletes=",".join(new.deletes) or None,
        queued_at=office.clock.now(),
        not_before=new.not_before,
        expires_at=new.expires_at,
        segments=units(new.channel, new.text),
        fleeting=new.fleeting,
    )


def buttons_json(buttons: Buttons) -> str | None:
    """Return rows of buttons as the message row keeps them; a fill that inserts rows by itself uses this too."""
    rows = [[{"label": button.label, "data": button.data} for button in row] for row in buttons]
    return json.dumps(rows, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if rows else None


async def step(office: Office, sender: Sender) -> int:
    """Send for a lane until nothing is left, it has to wait, or it is told to stop; return how many left the queue.

    Claiming, sending and settling overlap (`messaging.flow`). Nothing of this process is under way when it returns.
    """
    if sender.is_stopping or not await sender.lane.is_ready(office):
        return 0
    try:
        return await Flow(office, sender).run()
    except BaseException:
        sender.lane.distrust()  # what stayed open becomes unknown when the next epoch begins
        raise


async def expire(office: Office) -> int:
    """End queued messages whose time is over, also those that a pause or quiet hours hold; return how many."""
    return await outbox_queries.expire(office.clock.now())


async def erase_said(office: Office) -> int:
    """Erase the texts of fleeting messages that are settled, or unknown for a week; return how many."""
    return await outbox_queries.erase_said(office.clock.now() - UNKNOWN_KEPT)


@dataclass(frozen=True, slots=True)
class Books:
    """How many messages there are: planned = accepted ever + ended without acceptance + open + unknown."""

    planned: int
    accepted_ever: int
    ended: int
    open: int
    unknown: int

    @property
    def balance(self) -> bool:
        """Whether every message is in exactly one place."""
        return self.planned == self.accepted_ever + self.ended + self.open + self.unknown


_ENDS: Final = frozenset(
    {
        MessageState.FAILED,
        MessageState.UNDELIVERED,
        MessageState.SUPPRESSED,
        MessageState.EXPIRED,
        MessageState.CANCELLED,
    }
)


async def books(run_id: int | None = None) -> Books:
    """Count the messages of a run, or all."""
    planned = accepted = ended = open_ = unknown = 0
    for row in await outbox_queries.count_by_state(run_id):
        many, state = row["many"], MessageState(row["state"])
        planned += many
        if row["accepted"]:
            accepted += many
        elif state in _ENDS:
            ended += many
        elif state in OPEN_MESSAGE_STATES:
            open_ += many
        elif state is MessageState.UNKNOWN:
            unknown += many
    return Books(planned, accepted, ended, open_, unknown)
