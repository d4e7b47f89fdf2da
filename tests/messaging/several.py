"""Several lanes on the stage: a second account of the SMS provider, a second bot, and who sent what."""

import uuid
from dataclasses import replace
from typing import Any

from messaging import lane_book, outbox
from messaging.lane_book import LaneRules, NewLane
from models import sql
from models.org import Person
from tests.messaging.conftest import Stage
from tests.messaging.sandbox_client import SandboxClient

SECOND_NUMBER = "+85220000002"


async def admin(stage: Stage) -> int:
    """A person who manages lanes."""
    return (await Person.create(name=stage.office.key.encrypt("管理员"))).id


def other_account(stage: Stage, sender: str = SECOND_NUMBER) -> SandboxClient:
    """Another account and another bot in the same sandbox."""
    unique = uuid.uuid4().hex
    bot = f"{int(unique[:12], 16)}:{unique}"
    return replace(stage.sandbox, account=f"AC{unique}", token=uuid.uuid4().hex, bot=bot, sender=sender)


async def add_number(stage: Stage, sender: str = SECOND_NUMBER, **rules: Any) -> SandboxClient:
    """Add a lane of an account of its own, called by its number."""
    other = other_account(stage, sender)
    await other.set_up(f"{stage.url}/hooks/twilio/message")
    credentials = {"account_sid": other.account, "auth_token": other.token, "api_url": other.url}
    new = NewLane(sender, "sms", LaneRules(**({"rate": 1000.0} | rules)), sender, credentials)
    await lane_book.do_add_lane(stage.office, await admin(stage), new)
    await settle_in(stage)
    return other


async def add_bot(stage: Stage, secret: str) -> SandboxClient:
    """Add a bot as a lane called second."""
    other = other_account(stage)
    await other.set_up(f"{stage.url}/hooks/twilio/message")
    credentials = {"token": other.bot, "webhook_secret": secret, "api_url": other.url}
    new = NewLane("second", "telegram", LaneRules(rate=1000.0), credentials=credentials)
    await lane_book.do_add_lane(stage.office, await admin(stage), new)
    await settle_in(stage)
    return other


async def settle_in(stage: Stage) -> None:
    """Let the process see the rows and own every lane, so that each knows its share."""
    await stage.messaging.refresh()
    for lane in stage.messaging.lanes.values():
        await lane.is_ready(stage.office)
    stage.messaging.board.forget()


async def send_by(stage: Stage, name: str) -> int:
    """Let one lane send what it finds; return how many left the queue."""
    sender = next(each.sender for each in stage.messaging.open.values() if each.spec.name == name)
    return await outbox.step(stage.office, sender)


async def senders_of(stage: Stage) -> dict[str, str]:
    """Who sent to whom: the lane's name by number or chat."""
    rows = await sql.rows(
        "SELECT a.identity, l.name FROM attempt t JOIN message m ON m.id = t.message_id"
        " JOIN address a ON a.id = m.address_id JOIN lane l ON l.id = t.lane_id WHERE t.outcome = 'accepted'"
    )
    return {stage.office.key.decrypt(row["identity"]): row["name"] for row in rows}
