"""A carrier's gateway in Twilio's place: sent through the outbox, receipts and messages through its webhooks."""

import asyncio
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import pytest

from core.errors import InvalidSettings
from core.office import Office
from messaging.setup import open_messaging
from messaging.twilio_sms import TwilioSettings
from models import sql
from models.database import close_database
from models.inbound import Inbound
from models.states import MessageState
from tests.messaging.conftest import Lines, Stage, staged
from tests.messaging.providers import gateway_settings
from tests.messaging.sandbox_client import SandboxClient

ON_SQLITE = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
DRIVER, TEXT = "+8613900000009", "举报王某收受红包"
STATUS, MESSAGE = "/hooks/gateway/status", "/hooks/gateway/message"


@pytest.fixture
async def stage(
    db: str, office: Office, sandbox: SandboxClient, session: aiohttp.ClientSession
) -> AsyncIterator[Stage]:
    settings = gateway_settings(sandbox, sandbox.url, rate=1000)
    async with staged(office, sandbox, session, None, settings) as stage:
        await sandbox.set_up_carrier(stage.url)
        yield stage


async def post(stage: Stage, path: str, said: Any, key: str | None = None, **headers: str) -> int:
    """Post as the carrier does; bytes as they are, everything else as JSON."""
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    signature = hmac.new((key or stage.sandbox.bot).encode(), body, "sha256").hexdigest()
    sent = {"Content-Type": "application/json", "X-Signature": signature} | headers
    async with stage.sandbox.session.post(stage.url + path, data=body, headers=sent) as response:
        await response.read()
        return response.status


async def until_state(state: MessageState) -> None:
    async with asyncio.timeout(20):
        while await sql.value("SELECT state FROM message") != state:
            await asyncio.sleep(0.01)


async def test_an_sms_goes_out_and_is_delivered(stage: Stage, lines: Lines) -> None:
    await stage.say(DRIVER, TEXT)
    assert await stage.send() == 1
    await until_state(MessageState.DELIVERED)
    (entry,) = await stage.sandbox.ledger("gateway")
    assert (entry["to"], entry["text"].endswith(TEXT)) == (DRIVER, True)
    assert await sql.value("SELECT provider_id FROM message") == entry["id"]
    lines.assert_without(TEXT, DRIVER, stage.sandbox.token, stage.sandbox.bot)


async def test_a_receipt_settles_what_was_unclear(stage: Stage) -> None:
    await stage.sandbox.fault("reset_after_accept", "gateway")
    await stage.say(DRIVER, TEXT)
    await stage.send()
    await until_state(MessageState.DELIVERED)
    assert len(await stage.sandbox.ledger("gateway")) == 1
    assert await sql.value("SELECT count(*) FROM attempt") == 1


@ON_SQLITE
async def test_what_was_not_delivered_is_known(stage: Stage) -> None:
    await stage.sandbox.fault("fail_permanently", "gateway", error_code=30003)
    await stage.say(DRIVER, TEXT)
    await stage.send()
    await until_state(MessageState.UNDELIVERED)
    assert await sql.value("SELECT code FROM receipt WHERE status = 'UNDELIV'") == "30003"


async def test_an_sms_comes_in_once(stage: Stage, lines: Lines) -> None:
    path = f"phones/{quote(DRIVER)}/send"
    sent = await stage.sandbox.call("POST", path, account=stage.sandbox.carrier, text=TEXT)
    assert sent["webhook_status"] == 200
    assert await post(stage, MESSAGE, {"msgid": sent["sid"], "from": DRIVER, "content": TEXT}) == 200
    stored = await Inbound.get()
    assert stage.office.key.decrypt(stored.body) == TEXT
    assert (stored.channel, stored.provider_id) == ("sms", sent["sid"])
    lines.assert_without(TEXT, DRIVER, stage.sandbox.bot)


@ON_SQLITE
async def test_a_form_is_read_as_well(stage: Stage) -> None:
    form = urlencode({"msgid": "m1", "from": DRIVER, "content": TEXT}).encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert await post(stage, MESSAGE, form, **kind) == 200
    assert stage.office.key.decrypt((await Inbound.get()).body) == TEXT


@ON_SQLITE
@pytest.mark.parametrize("path", [STATUS, MESSAGE])
async def test_what_is_not_signed_is_refused(stage: Stage, lines: Lines, path: str) -> None:
    said = {"msgid": "m1", "from": DRIVER, "content": TEXT, "ref": "x", "stat": "DELIVRD"}
    assert await post(stage, path, said, key="another secret") == 403
    for signature in ("", "ümläut", "sha256=", "0" * 64):
        assert await post(stage, path, said, **{"X-Signature": signature}) == 403, signature
    async with stage.sandbox.session.post(stage.url + path, json=said) as response:
        assert response.status == 403
    assert await Inbound.all().count() == 0
    lines.assert_without(TEXT, DRIVER, stage.sandbox.bot)


BODIES: list[tuple[Any, int]] = [
    (b"", 400),
    (b"{", 400),
    ([], 400),
    (b"\xff\xfe", 400),
    (b"[" * 30_000, 400),
    ({"x": "y" * 70_000}, 413),
    ({}, 400),
    ({"msgid": "m1", "from": "\0", "ref": "\0", "stat": "DELIVRD"}, 400),
    ({"msgid": "m" * 65, "from": DRIVER, "ref": "t", "stat": "DELIVRD"}, 400),
]


@ON_SQLITE
@pytest.mark.parametrize("path", [STATUS, MESSAGE])
async def test_bad_bodies_are_refused_without_an_error_of_ours(stage: Stage, lines: Lines, path: str) -> None:
    for body, status in BODIES:
        assert await post(stage, path, body) == status, str(body)[:40]
    assert "error" not in str(lines.ours)


@ON_SQLITE
async def test_a_guessed_or_swapped_token_is_not_there(stage: Stage) -> None:
    await stage.sandbox.fault("lose_receipt", "gateway")
    await stage.say(DRIVER, TEXT)
    await stage.send()
    token = await sql.value("SELECT token FROM attempt")
    (entry,) = await stage.sandbox.ledger("gateway")
    for ref in ("guessed", "x" * 64):
        assert await post(stage, STATUS, {"ref": ref, "msgid": entry["id"], "stat": "DELIVRD"}) == 404
    assert await post(stage, STATUS, {"ref": token, "msgid": "another", "stat": "DELIVRD"}) == 404
    assert await sql.value("SELECT state FROM message") == "accepted"
    for status in ("beamed-up", "DELIVRD", "DELIVRD", "ENROUTE"):
        assert await post(stage, STATUS, {"ref": token, "msgid": entry["id"], "stat": status, "err": "0"}) == 200
    assert await sql.value("SELECT state FROM message") == "delivered"


@ON_SQLITE
async def test_without_a_database_the_carrier_is_asked_to_repeat(stage: Stage) -> None:
    await stage.messaging.close()
    await close_database()
    assert await post(stage, MESSAGE, {"msgid": "m1", "from": DRIVER, "content": TEXT}) == 503
    assert await post(stage, STATUS, {"ref": "t", "msgid": "m1", "stat": "DELIVRD"}) == 503


@ON_SQLITE
async def test_the_other_provider_s_webhooks_are_not_there(stage: Stage) -> None:
    assert await post(stage, "/hooks/twilio/message", {}) == 404


async def test_both_at_once_are_refused(office: Office, sandbox: SandboxClient, session: aiohttp.ClientSession) -> None:
    twilio, gateway = TwilioSettings("AC1", "t", "+1"), gateway_settings(sandbox, sandbox.url)
    with pytest.raises(InvalidSettings, match="TWILIO or GATEWAY"):
        await open_messaging(office, session, twilio=twilio, telegram=None, gateway=gateway, owner="test", alone=False)
