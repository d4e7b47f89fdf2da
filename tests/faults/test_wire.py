"""F8: the connection is reset before the first byte, in the middle of the request, in the middle of the answer."""

from collections.abc import AsyncIterator

import pytest

from core.clock import HandClock
from core.office import Office
from messaging import http_call
from messaging.twilio_sms import TwilioSettings
from tests.faults.oracle import accepted, check, drain, until_settled
from tests.faults.wire import NEVER, Wire, wire_to
from tests.messaging.conftest import Stage, staged
from tests.messaging.sandbox_client import SandboxClient


@pytest.fixture
async def wire(sandbox: SandboxClient) -> AsyncIterator[Wire]:
    async with wire_to(sandbox.url) as laid:
        yield laid


@pytest.fixture
async def cut_stage(db: str, office: Office, sandbox: SandboxClient, wire: Wire) -> AsyncIterator[Stage]:
    """The SMS channel, whose provider is at the other end of the wire."""
    twilio = TwilioSettings(sandbox.account, sandbox.token, sandbox.sender, api_url=wire.url, rate=1000, time_limit=5.0)
    async with http_call.open_session() as session, staged(office, sandbox, session, twilio) as stage:
        await sandbox.set_up(f"{stage.url}/hooks/twilio/message")
        yield stage


REQUEST = (0, 1, 20, 200, 400, 600)
ANSWER = (0, 1, 12, 100, 300, 700)


@pytest.mark.parametrize(
    ("request_bytes", "answer_bytes"),
    [*((many, NEVER) for many in REQUEST), *((NEVER, many) for many in ANSWER)],
    ids=[*(f"request-{many}" for many in REQUEST), *(f"answer-{many}" for many in ANSWER)],
)
async def test_f8_cut_at_a_byte_nobody_is_told_twice(
    cut_stage: Stage, wire: Wire, clock: HandClock, request_bytes: int, answer_bytes: int
) -> None:
    wire.request_bytes, wire.answer_bytes = request_bytes, answer_bytes
    await cut_stage.say("+8613800000001", "一")
    await cut_stage.send()
    there = len(await accepted(cut_stage))
    assert there == (1 if answer_bytes < NEVER else 0), "the request was whole only where the answer was cut"
    wire.request_bytes = wire.answer_bytes = NEVER
    await cut_stage.say("+8613800000002", "二")
    await drain(cut_stage, clock)
    await until_settled(cut_stage)
    states = await check(cut_stage)
    assert len(await accepted(cut_stage)) == there + 1
    assert states["delivered"] == there + 1
    assert states["unknown"] == 1 - there
