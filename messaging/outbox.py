"""The outbox: the only way to say anything to anyone.

`enqueue` inserts a message in the caller's transaction. `step` handles one slice for one lane: claim (attempts are
committed before the provider is called), the last look, send, settle in grouped commits. What the provider may have
accepted is `unknown` and never sent again blindly.
"""

import asyncio
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog

from core import failpoints
from core.office import Office
from messaging import addresses, checks, consent, settling
from messaging.channel import Button, Buttons, Channel, Outgoing, Result, check_length, units
from messaging.lanes import Lane
from models import outbox_queries, sql
from models.outbox_queries import NewRow, Settled
from models.states import OPEN_MESSAGE_STATES, MessageState, Outcome

log = structlog.get_logger()

PRIORITIES: Final = {
    "reply": 0,
    "duty": 5,
    "service": 5,
    "test": 5,
    "education": 9,
    "survey": 9,
    "family": 9,
}
SLICE: Final = 50
AT_ONCE: Final = 16
SETTLE_PAUSES: Final = (0.1, 0.5, 2.0)


@dataclass(frozen=True, slots=True)
class NewMessage:
    """Something to be said to one address. `dedupe_key` names the cause: the same key is said once, for ever.

    The text is final: signature and variables are in it. `priority` follows from the category unless given.
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
        queued_at=office.clock.now(),
        not_before=new.not_before,
        expires_at=new.expires_at,
        segments=units(new.channel, new.text),
    )


def buttons_json(buttons: Buttons) -> str | None:
    """Return rows of buttons as the message row keeps them; a fill that inserts rows by itself uses this too."""
    rows = [[{"label": button.label, "data": button.data} for button in row] for row in buttons]
    return json.dumps(rows, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if rows else None


class Sender:
    """What sends for one lane: the lane, its channel, and how much at once.

    `slice_size` rows at most are claimed together, and no more than half a second of the lane's rate, so that a pause
    or an urgent answer never waits long.
    """

    def __init__(self, lane: Lane, channel: Channel, *, slice_size: int = SLICE, at_once: int = AT_ONCE) -> None:
        self.lane, self.channel, self.at_once = lane, channel, at_once
        self.slice_size = max(1, min(slice_size, int(lane.window.rate / 2)))


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message on its way: its open attempt is committed."""

    message_id: int
    address_id: int
    tries: int
    expires_at: datetime | None
    units: int
    outgoing: Outgoing


async def step(office: Office, sender: Sender) -> int:
    """Handle one slice; return how many messages left the queue. 0: nothing to do, or the lane has to wait."""
    if not await sender.lane.is_ready(office):
        return 0
    await _wait_for_room(office, sender)
    try:
        claimed, ended = await _claim(office, sender)
        if claimed:
            failpoints.hit("outbox.claimed")
            await _send_all(office, sender, claimed)
    except BaseException:
        sender.lane.distrust()  # what stayed open becomes unknown when the next epoch begins
        raise
    return len(claimed) + ended


async def _wait_for_room(office: Office, sender: Sender) -> None:
    """Wait before the claim, not after it: what is claimed leaves at once, and a pause or a kill finds little open."""
    now = office.clock.monotonic()
    await asyncio.sleep(sender.lane.window.free_at(sender.slice_size, now) - now)


async def _claim(office: Office, sender: Sender) -> tuple[list[Claimed], int]:
    now = office.clock.now()
    quiet = checks.is_quiet(office, now)
    claimed: list[Claimed] = []
    ended: list[tuple[int, str, str | None]] = []
    async with sql.transaction():
        for row in await outbox_queries.candidates(sender.channel.name, now, sender.slice_size, quiet=quiet):
            decided = _look(office, sender, row, now)
            if isinstance(decided, Claimed):
                claimed.append(decided)
            else:
                ended.append((row["id"], str(decided.state), str(decided.reason)))
        if ended:
            await outbox_queries.end(ended, now)
        if claimed:
            started = [(each.message_id, each.outgoing.token, each.units) for each in claimed]
            await outbox_queries.start_sending(started, sender.lane.id, sender.lane.epoch, now)
    return claimed, len(ended)


def _look(office: Office, sender: Sender, row: dict[str, Any], now: datetime) -> Claimed | checks.Ended:
    identity = office.key.decrypt(row["identity"]) if row["identity"] is not None else None
    text = office.key.decrypt(row["body"]) if row["body"] is not None else row["run_text"]
    ended = checks.last_look(row, identity, text, sender.channel.name, sender.lane.sender, now)
    if ended is not None:
        return ended
    return Claimed(
        message_id=row["id"],
        address_id=row["address_id"],
        tries=row["tries"] + 1,
        expires_at=sql.as_time(row["expires_at"]),
        units=units(sender.channel.name, text),
        outgoing=Outgoing(
            to=str(identity),
            text=text,
            token=secrets.token_urlsafe(16),
            buttons=_buttons(row["buttons"]),
            edits_provider_id=row["edits_provider_id"],
            answers_press=row["answers_press"],
        ),
    )


def _buttons(stored: str | None) -> Buttons:
    if not stored:
        return ()
    return [[Button(button["label"], button["data"]) for button in row] for row in json.loads(stored)]


async def _send_all(office: Office, sender: Sender, claimed: Sequence[Claimed]) -> None:
    """Send a slice: in order for each address, several addresses at once; settle what is done meanwhile in groups."""
    by_address: dict[int, list[Claimed]] = {}
    for each in claimed:
        by_address.setdefault(each.address_id, []).append(each)
    results: asyncio.Queue[tuple[Claimed, Result]] = asyncio.Queue()
    slots = asyncio.Semaphore(sender.at_once)
    async with asyncio.TaskGroup() as group:
        for queue in by_address.values():
            group.create_task(_send_in_order(office, sender, queue, slots, results), name="outbox.send")
        left = len(claimed)
        while left:
            group_of = [await results.get()]
            while not results.empty():
                group_of.append(results.get_nowait())
            failpoints.hit("outbox.answered")
            await _settle_patiently(office, sender, group_of)
            left -= len(group_of)


async def _send_in_order(
    office: Office,
    sender: Sender,
    queue: Sequence[Claimed],
    slots: asyncio.Semaphore,
    results: asyncio.Queue[tuple[Claimed, Result]],
) -> None:
    """Send what is for one address; when one goes back to the queue, those after it go back too."""
    async with slots:
        behind = False
        for each in queue:
            result = settling.NOT_TRIED if behind else await _send_one(office, sender, each)
            behind = behind or result.outcome in (Outcome.NOT_SENT, Outcome.THROTTLED)
            results.put_nowait((each, result))


async def _send_one(office: Office, sender: Sender, claimed: Claimed) -> Result:
    lane, clock = sender.lane, office.clock
    now = clock.monotonic()
    await asyncio.sleep(lane.window.book(claimed.units, now) - now)
    if lane.is_held(office) or not lane.is_owned(office):
        return settling.NOT_TRIED
    result = await sender.channel.send(claimed.outgoing)
    if result.outcome in (Outcome.THROTTLED, Outcome.NOT_SENT):  # the others would fare no better
        held = lane.hold(office, result.retry_after)
        log.warning("lane.held", lane=lane.id, seconds=held, why=result.code)
    elif result.outcome is Outcome.ACCEPTED:
        lane.heard()
    return result


async def _settle_patiently(office: Office, sender: Sender, done: Sequence[tuple[Claimed, Result]]) -> None:
    """Settle, again after a pause where the database fails: what the provider said must not be lost."""
    for pause in SETTLE_PAUSES:
        try:
            return await _settle(office, sender, done)
        except Exception:
            log.warning("outbox.settling_failed", lane=sender.lane.id, many=len(done), exc_info=True)
            await asyncio.sleep(pause)
    await _settle(office, sender, done)


async def _settle(office: Office, sender: Sender, done: Sequence[tuple[Claimed, Result]]) -> None:
    """Write what happened, in one commit; refuse what an older epoch brings."""
    now = office.clock.now()
    settled = [_settled(each, result, now) for each, result in done]
    async with sql.transaction():
        ours = await outbox_queries.settle_attempts(settled, sender.lane.id, sender.lane.epoch, now)
        kept = [each for each in settled if each.token in ours]
        if kept:
            await outbox_queries.settle_messages(kept, now)
        await _note_addresses(office, done, ours)
        failpoints.hit("outbox.settling")
    if len(kept) < len(settled):
        log.warning("outbox.refused", lane=sender.lane.id, epoch=sender.lane.epoch, many=len(settled) - len(kept))
    await _note_trouble(office, sender, done)


def _settled(claimed: Claimed, result: Result, now: datetime) -> Settled:
    next_ = settling.after(result, claimed.tries, claimed.expires_at, now)
    accepted = result.outcome is Outcome.ACCEPTED
    return Settled(
        token=claimed.outgoing.token,
        message_id=claimed.message_id,
        outcome=str(result.outcome),
        provider_id=result.provider_id,
        code=result.code[:32] if result.code else None,
        state=str(next_.state),
        reason=str(next_.reason) if next_.reason else None,
        not_before=next_.not_before,
        accepted_at=now if accepted else None,
        back=next_.tries_back,
    )


async def _note_addresses(office: Office, done: Sequence[tuple[Claimed, Result]], ours: set[str]) -> None:
    for claimed, result in done:
        if claimed.outgoing.token not in ours:
            continue
        if result.opted_out:
            await consent.withdraw(office, claimed.address_id, "provider")
        if result.bad_address:
            await addresses.mark_bad(office, claimed.address_id, result.code)


async def _note_trouble(office: Office, sender: Sender, done: Sequence[tuple[Claimed, Result]]) -> None:
    """Keep and log the slice's last trouble; ids and codes only."""
    troubled = [(each, result) for each, result in done if result.outcome in settling.TROUBLE and result.code]
    for claimed, result in troubled:
        log.info("outbox.not_accepted", message=claimed.message_id, outcome=str(result.outcome), why=result.code)
    tried = [result for _, result in troubled if result is not settling.NOT_TRIED]
    if tried:
        held = sender.lane.held_seconds(office)
        await sender.lane.note_trouble(office, str(tried[-1].code), held)


async def expire(office: Office) -> int:
    """End queued messages whose time is over, also those that a pause or quiet hours hold; return how many."""
    return await outbox_queries.expire(office.clock.now())


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
