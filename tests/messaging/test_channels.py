"""The two channels against bad days of the sandbox: one try, one outcome, and nothing of it in the logs."""

from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from messaging import http_call
from messaging.channel import Button, Channel, Outgoing
from messaging.telegram import TelegramChat, TelegramSettings
from messaging.twilio_sms import TwilioSettings, TwilioSms
from models.states import Outcome
from tests.messaging.conftest import Lines
from tests.messaging.sandbox_client import SandboxClient

NUMBER, CHAT, TEXT, TOKEN = "+8613800000001", "471100815", "举报王某收受红包", "attempt-token-123"


@pytest.fixture
async def channels(sandbox: SandboxClient, session: aiohttp.ClientSession) -> dict[str, Channel]:
    await sandbox.set_up("http://127.0.0.1:9/hooks/twilio/message")
    await sandbox.chat(int(CHAT))
    settings = TwilioSettings(sandbox.account, sandbox.token, sandbox.sender, sandbox.url, time_limit=0.5)
    chat = TelegramSettings(sandbox.bot, sandbox.url, time_limit=0.5)
    return {
        "twilio": TwilioSms(settings, session, "http://127.0.0.1:9"),
        "telegram": TelegramChat(chat, session),
    }


def outgoing(provider: str, **more: Any) -> Outgoing:
    return Outgoing(NUMBER if provider == "twilio" else CHAT, TEXT, TOKEN, **more)


UNKNOWN = [
    ({"effect": "hang_before"}, 0),
    ({"effect": "hang_after_accept"}, 1),
    ({"effect": "reset_before"}, 0),
    ({"effect": "reset_after_accept"}, 1),
    ({"effect": "accept_then_500"}, 1),
    ({"effect": "status_5xx"}, 0),
    ({"effect": "status_5xx", "status": 502}, 0),
    *(({"effect": "bad_body", "body": body}, 1) for body in ("empty", "html", "wrong_json", "no_id", "huge", "cut")),
]


@pytest.mark.parametrize(("fault", "accepted"), UNKNOWN, ids=str)
@pytest.mark.parametrize("provider", ["twilio", "telegram"])
async def test_unclear_answers_are_unknown(
    channels: dict[str, Channel],
    sandbox: SandboxClient,
    lines: Lines,
    provider: str,
    fault: dict[str, Any],
    accepted: int,
) -> None:
    await sandbox.fault(provider=provider, **fault)
    result = await channels[provider].send(outgoing(provider))
    assert result.outcome is Outcome.UNKNOWN
    assert len(await sandbox.ledger(provider)) == accepted
    lines.assert_without(TEXT, NUMBER, CHAT, TOKEN, sandbox.bot, sandbox.token)


@pytest.mark.parametrize("provider", ["twilio", "telegram"])
async def test_accepted_with_the_provider_s_id(
    channels: dict[str, Channel], sandbox: SandboxClient, lines: Lines, provider: str
) -> None:
    result = await channels[provider].send(outgoing(provider, buttons=[[Button("收到", "ack")]]))
    entry = (await sandbox.ledger(provider))[0]
    assert (result.outcome, result.provider_id) == (Outcome.ACCEPTED, entry["id"])
    assert (entry["to"], entry["text"]) == (outgoing(provider).to, TEXT)
    lines.assert_without(TEXT, NUMBER, CHAT, TOKEN, sandbox.bot, sandbox.token)


async def test_an_answer_that_cannot_be_read_is_not_logged(session: aiohttp.ClientSession, lines: Lines) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text='{"ok": true, "result": [{"text": "' + TEXT)

    app = web.Application()
    app.router.add_post("/{tail:.*}", answer)
    async with TestServer(app) as server:
        url = str(server.make_url("/")).rstrip("/")
        chat = TelegramChat(TelegramSettings("1:bot-secret", url), session)
        sms = TwilioSms(TwilioSettings("AC1", "auth", "+1", url), session, url)
        assert (await chat.send(outgoing("telegram"))).outcome is Outcome.UNKNOWN
        assert (await sms.send(outgoing("twilio"))).outcome is Outcome.UNKNOWN
        with pytest.raises(http_call.Unclear):
            await chat.get_updates(None)
    lines.assert_without(TEXT, NUMBER, CHAT, "bot-secret")


async def test_the_callback_is_repeated_after_any_failure(channels: dict[str, Channel], sandbox: SandboxClient) -> None:
    await channels["twilio"].send(outgoing("twilio"))
    asked = (await sandbox.ledger())[0]["requests"][0]["params"]["StatusCallback"]
    assert asked == f"http://127.0.0.1:9/hooks/twilio/status/{TOKEN}#rp=all&rc=5"


async def test_a_messaging_service_sends_where_it_is_the_sender(
    sandbox: SandboxClient, session: aiohttp.ClientSession
) -> None:
    service = "MG" + "0" * 32
    sandbox = replace(sandbox, sender=service)
    await sandbox.set_up("http://127.0.0.1:9/")
    settings = TwilioSettings(sandbox.account, sandbox.token, service, sandbox.url)
    assert (await TwilioSms(settings, session, "http://127.0.0.1:9").send(outgoing("twilio"))).provider_id
    assert (await sandbox.ledger())[0]["requests"][0]["params"]["MessagingServiceSid"] == service


@pytest.mark.parametrize("api_url", ["http://127.0.0.1:9", "http://name.invalid", "http://127.0.0.1:notaport"])
@pytest.mark.parametrize("provider", ["twilio", "telegram"])
async def test_without_a_connection_nothing_was_sent(
    session: aiohttp.ClientSession, lines: Lines, provider: str, api_url: str
) -> None:
    channel: Channel = (
        TwilioSms(TwilioSettings("AC1", "auth", "+1", api_url), session, "http://127.0.0.1:9")
        if provider == "twilio"
        else TelegramChat(TelegramSettings("1:bot-secret", api_url), session)
    )
    assert (await channel.send(outgoing(provider))).outcome is Outcome.NOT_SENT
    lines.assert_without(TEXT, NUMBER, CHAT, TOKEN, "bot-secret")


async def test_a_server_without_tls_was_sent_nothing(sandbox: SandboxClient, session: aiohttp.ClientSession) -> None:
    url = sandbox.url.replace("http://", "https://")
    channel = TwilioSms(TwilioSettings(sandbox.account, "auth", "+1", url), session, "http://127.0.0.1:9")
    assert (await channel.send(outgoing("twilio"))).outcome is Outcome.NOT_SENT


@pytest.mark.parametrize("told", [1, 7, None])
@pytest.mark.parametrize("provider", ["twilio", "telegram"])
async def test_429_keeps_what_the_provider_told(
    channels: dict[str, Channel], sandbox: SandboxClient, provider: str, told: int | None
) -> None:
    await sandbox.fault("status_429", provider, retry_after=told)
    result = await channels[provider].send(outgoing(provider))
    assert (result.outcome, result.retry_after) == (Outcome.THROTTLED, told)


REFUSALS = [
    # provider, error code, outcome, opted out, bad address
    ("twilio", 21610, Outcome.REJECTED, True, False),
    ("twilio", 21211, Outcome.REJECTED, False, True),
    ("twilio", 21614, Outcome.REJECTED, False, True),
    ("twilio", 21617, Outcome.REJECTED, False, False),
    ("telegram", 403, Outcome.REJECTED, True, False),
    ("telegram", 400, Outcome.REJECTED, False, True),
    ("telegram", 401, Outcome.NOT_SENT, False, False),
    ("telegram", 404, Outcome.NOT_SENT, False, False),
]


@pytest.mark.parametrize(("provider", "code", "outcome", "opted_out", "bad"), REFUSALS)
async def test_refusals(
    channels: dict[str, Channel],
    sandbox: SandboxClient,
    lines: Lines,
    provider: str,
    code: int,
    outcome: Outcome,
    opted_out: bool,
    bad: bool,
) -> None:
    await sandbox.fault("fail_permanently", provider, error_code=code)
    result = await channels[provider].send(outgoing(provider))
    assert (result.outcome, result.opted_out, result.bad_address) == (outcome, opted_out, bad)
    assert await sandbox.ledger(provider) == []
    lines.assert_without(TEXT, NUMBER, CHAT, TOKEN, sandbox.bot, sandbox.token)


async def test_a_wrong_account_token_is_a_fault_of_the_lane(
    channels: dict[str, Channel], sandbox: SandboxClient, session: aiohttp.ClientSession
) -> None:
    settings = TwilioSettings(sandbox.account, "wrong", sandbox.sender, sandbox.url)
    result = await TwilioSms(settings, session, "http://127.0.0.1:9").send(outgoing("twilio"))
    assert (result.outcome, result.code) == (Outcome.NOT_SENT, "20003")


async def test_an_edit_that_changes_nothing_is_done(channels: dict[str, Channel], sandbox: SandboxClient) -> None:
    sent = await channels["telegram"].send(outgoing("telegram"))
    edit = outgoing("telegram", edits_provider_id=sent.provider_id)
    assert (await channels["telegram"].send(edit)).outcome is Outcome.ACCEPTED
    lost = outgoing("telegram", edits_provider_id="999999")
    assert (await channels["telegram"].send(lost)).outcome is Outcome.REJECTED


async def test_a_press_alone_is_answered_without_a_message(
    channels: dict[str, Channel], sandbox: SandboxClient
) -> None:
    await channels["telegram"].send(outgoing("telegram", buttons=[[Button("收到", "ack")]]))
    press = await sandbox.call("POST", f"chats/{CHAT}/press", bot=sandbox.bot, data="ack")
    only = Outgoing(CHAT, "", TOKEN, answers_press=press["callback_query_id"])
    assert (await channels["telegram"].send(only)).outcome is Outcome.ACCEPTED
    assert len(await sandbox.ledger("telegram")) == 1


async def test_menu_webhook_and_polling_are_told(sandbox: SandboxClient, session: aiohttp.ClientSession) -> None:
    chat = TelegramChat(TelegramSettings(sandbox.bot, sandbox.url, "secret-1"), session)
    await chat.set_commands([("register", "登记说情"), ("status", "查进度")])
    assert await chat.use_webhook("http://127.0.0.1:9/hooks/telegram")
    bot = await sandbox.call("GET", f"telegram/bots/{sandbox.bot}")
    assert bot["commands"], bot
    assert await chat.use_polling()
    unreachable = TelegramChat(TelegramSettings(sandbox.bot, "http://127.0.0.1:9", "secret-1"), session)
    assert not await unreachable.use_polling()


@pytest.mark.parametrize(
    ("given", "seconds"),
    [("3", 3.0), ("0.5", 0.5), (30, 30.0), ("-1", None), ("0", None), ("nan", None), (None, None), ("soon", None)],
)
def test_retry_after(given: Any, seconds: float | None) -> None:
    assert http_call.seconds_to_wait(given) == seconds


@pytest.mark.parametrize(
    ("url", "api_url", "expected"),
    [
        ("https://api.twilio.com/2010-04-01/A.json?x=1", "http://h:1", "http://h:1/2010-04-01/A.json?x=1"),
        ("https://api.twilio.com/2010-04-01/A.json", "http://h:1/", "http://h:1/2010-04-01/A.json"),
        ("https://api.telegram.org/bot", None, "https://api.telegram.org/bot"),
        ("https://api.telegram.org/bot", "https://gateway.example", "https://gateway.example/bot"),
    ],
)
def test_another_server_stands_in(url: str, api_url: str | None, expected: str) -> None:
    assert http_call.redirect(url, api_url) == expected
