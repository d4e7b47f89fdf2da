"""The claim: the next messages of a lane, looked at once more; their attempts are committed before anything leaves."""

import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core import failpoints
from core.office import Office
from messaging import checks
from messaging.channel import Button, Buttons, Outgoing, units
from messaging.sender import Sender
from models import claim_queries, outbox_queries, sql

URGENT_BELOW = 9
"""Messages of a lower priority than this, answers to a person and duty, go before bulk."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message on its way: its open attempt is committed."""

    message_id: int
    address_id: int
    tries: int
    expires_at: datetime | None
    units: int
    is_urgent: bool
    outgoing: Outgoing


@dataclass(slots=True)
class Claim:
    """What one claim took, and how many messages ended without leaving.

    `passed_over`: something waits for another message to the same address.
    """

    claimed: list[Claimed] = field(default_factory=list)
    ended: int = 0
    passed_over: bool = False

    @property
    def left(self) -> int:
        """How many messages left the queue."""
        return len(self.claimed) + self.ended


async def claim(
    office: Office, sender: Sender, rows: int, *, busy: Collection[int] = (), urgent_only: bool = False
) -> Claim:
    """Claim so many messages and units at most, one for each address and none for the `busy` ones."""
    lane, now = sender.lane, office.clock.now()
    most = rows if lane.room is None else min(rows, lane.room)
    quiet = urgent_only or checks.is_quiet(office, now)
    taken = Claim()
    async with sql.transaction():
        found = await claim_queries.candidates(sender.channel.name, now, rows, quiet=quiet, share=lane.share)
        ended = _look_at(office, sender, found, set(busy), most, taken, now)
        if ended:
            await outbox_queries.end(ended, now)
        if taken.claimed:
            started = [(each.message_id, each.outgoing.token, each.units) for each in taken.claimed]
            await outbox_queries.start_sending(started, lane.id, lane.epoch, now)
            await lane.spend(office, sum(each.units for each in taken.claimed))
    taken.ended = len(ended)
    if taken.claimed:
        failpoints.hit("outbox.claimed")
    return taken


def _look_at(
    office: Office,
    sender: Sender,
    found: Sequence[dict[str, Any]],
    busy: set[int | None],
    most: int,
    taken: Claim,
    now: datetime,
) -> list[tuple[int, str, str]]:
    """Take candidates in their order up to so many units; return those that end, with state and reason."""
    used, ended = 0, []
    for row in found:
        if row["address_id"] in busy:
            taken.passed_over = True
            continue
        decided = _look(office, sender, row, now)
        if isinstance(decided, checks.Ended):
            ended.append((row["id"], str(decided.state), str(decided.reason)))
        elif used and used + decided.units > most:
            break
        else:
            used += decided.units
            busy.add(decided.address_id)
            taken.claimed.append(decided)
    return ended


def _look(office: Office, sender: Sender, row: dict[str, Any], now: datetime) -> Claimed | checks.Ended:
    identity = office.key.decrypt(row["identity"]) if row["identity"] is not None else None
    text = office.key.decrypt(row["body"]) if row["body"] is not None else row["run_text"]
    row["expires_at"] = expires_at = sql.as_time(row["expires_at"])
    ended = checks.last_look(row, identity, text, sender.channel.name, sender.lane.sender, now)
    if ended is not None:
        return ended
    return Claimed(
        message_id=row["id"],
        address_id=row["address_id"],
        tries=row["tries"] + 1,
        expires_at=expires_at,
        units=units(sender.channel.name, text),
        is_urgent=row["priority"] < URGENT_BELOW,
        outgoing=Outgoing(
            to=str(identity),
            text=text,
            token=secrets.token_urlsafe(16),
            buttons=_buttons(row["buttons"]),
            edits_provider_id=row["edits_provider_id"],
            answers_press=row["answers_press"],
            deletes=tuple(row["deletes"].split(",")) if row["deletes"] else (),
        ),
    )


def _buttons(stored: str | None) -> Buttons:
    if not stored:
        return ()
    return [[Button(button["label"], button["data"]) for button in row] for row in json.loads(stored)]
