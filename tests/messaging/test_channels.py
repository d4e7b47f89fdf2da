"""What is Twilio's or Telegram's alone; what every channel must do is in `test_conformance`."""

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
