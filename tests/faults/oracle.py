"""What must hold of the messages of a test in this process: our rows against the ledgers of the sandbox."""

import asyncio
from collections import Counter
from datetime import timedelta

from core.clock import HandClock
from messaging import outbox
from models.address import Address
from models.campaign import RunText
from models.outgoing import Message
from tests.messaging.conftest import Stage

PROVIDERS = {"sms": "twilio", "telegram": "telegram"}
OPEN = ("queued", "sending")
ENDS = ("delivered", "undelivered", "failed")
Said = tuple[str, str]


async def said(stage: Stage) -> dict[Said, Message]:
    """Return every message by its recipient and text. Tests give each message of an address a text of its own."""
    identities = {a.id: stage.office.key.decrypt(a.identity) for a in await Address.all()}
    frozen: dict[tuple[int | None, str], str] = {(each.run_id, each.lang): each.text for each in await RunText.all()}
    found: dict[Said, Message] = {}
    for message in await Message.exclude(address_id=None):
        text = stage.office.key.decrypt(message.body) if message.body else frozen[message.run_id, message.lang]
        found[identities[message.address_id], text] = message
    return found


async def accepted(stage: Stage) -> dict[Said, str]:
    """Return what the providers accepted, with their ids; fail where something was said twice."""
    rows = [row for provider in PROVIDERS.values() for row in await stage.sandbox.ledger(provider)]
    twice = [key for key, many in Counter((row["to"], row["text"]) for row in rows).items() if many > 1]
    assert not twice, f"said twice: {len(twice)}"
    return {(row["to"], row["text"]): row["id"] for row in rows}


async def check(stage: Stage) -> Counter[str]:
    """Check that nobody was told twice, nothing is missing and the books balance; return how many stand where."""
    messages, there = await said(stage), await accepted(stage)
    assert set(there) <= set(messages)
    for key, message in messages.items():
        if message.accepted_at is not None:
            assert message.provider_id == there[key], "accepted with us means accepted there, under the same id"
        elif key in there:
            assert message.state in ("unknown", "sending"), f"accepted there, {message.state} here"
    books = await outbox.books()
    assert books.balance
    assert books.accepted_ever + books.unknown + books.open >= len(there)
    return Counter(str(message.state) for message in messages.values())


async def drain(stage: Stage, clock: HandClock, channel: str = "sms", step: float = 30, most: int = 200) -> None:
    """Send until nothing is open any more, moving the clock on whenever there is nothing to do."""
    for _ in range(most):
        await stage.send(channel)
        if not await Message.filter(channel=channel, state__in=OPEN).exists():
            return
        clock.advance(timedelta(seconds=step))
    raise AssertionError(f"{channel}: something stays open")


async def until_settled(stage: Stage, seconds: float = 10) -> None:
    """Wait until receipts have taken every accepted SMS to its end."""

    async def pending() -> bool:
        rows = {row["id"]: row["status"] for row in await stage.sandbox.ledger()}
        ours = {m.provider_id: m.state for m in await Message.filter(channel="sms")}
        return any(status not in ENDS or ours.get(sid) != status for sid, status in rows.items())

    async with asyncio.timeout(seconds):
        while await pending():
            await asyncio.sleep(0.02)
