"""SIGKILL of a real process at named places; the sandbox's ledger is the oracle (faults F2, F4, F5)."""

import asyncio
import dataclasses
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from core.clock import SystemClock
from core.crypto import ServiceKey
from core.office import Office
from messaging import outbox
from models.outgoing import Message
from tests.messaging.conftest import Stage

pytestmark = pytest.mark.kill
KEY = bytes(range(32))
MANY = 60


@pytest.fixture
def office(office: Office) -> Office:
    """The agency with a key and a clock that a second process shares."""
    return dataclasses.replace(office, key=ServiceKey([KEY]), clock=SystemClock())


async def send_in_process(stage: Stage, database_url: str, failpoint: str = "") -> int:
    """Run the sending process to its end, or to the fail point; return its exit code."""
    sandbox = stage.sandbox
    given = {
        "key": KEY.hex(),
        "database_url": database_url,
        "public_url": stage.url,
        "api_url": sandbox.url,
        "account": sandbox.account,
        "token": sandbox.token,
        "sender": sandbox.sender,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.messaging.sending_process",
        json.dumps(given),
        cwd=Path(__file__).parents[2],
        env={**os.environ, "LIANXIN_TEST_BUILD": "1", "LIANXIN_FAILPOINT": failpoint},
        stdout=asyncio.subprocess.DEVNULL,
    )
    return await process.wait()


PLACES = [
    ("sqlite", "outbox.claimed:2"),
    ("postgres", "outbox.settling:2"),
]


@pytest.mark.parametrize(("database_url", "place"), PLACES, indirect=["database_url"])
async def test_a_kill_loses_nothing_and_says_nothing_twice(stage: Stage, db: str, place: str) -> None:
    await stage.sandbox.fault("lose_receipt")
    for number in range(MANY):
        await stage.say(f"+8613800001{number:03}", f"第{number}条", key=f"m{number}")
    assert await send_in_process(stage, db, place) == -signal.SIGKILL
    assert await send_in_process(stage, db) == 0

    told = [row["to"] for row in await stage.sandbox.ledger()]
    assert len(told) == len(set(told))
    states = {m.dedupe_key: m.state for m in await Message.all()}
    assert set(states.values()) <= {"accepted", "unknown"}
    assert "unknown" in states.values()
    accepted = {f"+8613800001{int(key[1:]):03}" for key, state in states.items() if state == "accepted"}
    unknown = {f"+8613800001{int(key[1:]):03}" for key, state in states.items() if state == "unknown"}
    assert accepted <= set(told) <= accepted | unknown
    books = await outbox.books()
    assert books.balance
    assert books.planned == MANY


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_receipts_settle_what_a_kill_left_unknown(stage: Stage, db: str) -> None:
    for number in range(MANY):
        await stage.say(f"+8613800001{number:03}", f"第{number}条", key=f"m{number}")
    assert await send_in_process(stage, db, "outbox.answered:2") == -signal.SIGKILL
    assert await send_in_process(stage, db) == 0
    told = len(await stage.sandbox.ledger())
    async with asyncio.timeout(20):
        while await Message.filter(state="delivered").count() < told:
            await asyncio.sleep(0.05)
    books = await outbox.books()
    assert (books.accepted_ever, books.unknown) == (told, MANY - told)
