"""What providers and strangers post to us: signatures, secrets, bad bodies, no database."""

import base64
import hmac
import json
from collections.abc import Mapping
from hashlib import sha1
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from models import sql
from models.database import close_database
from models.inbound import Inbound
from tests.messaging.conftest import SECRET, Lines, Stage

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

DRIVER = "+8613800000001"
TEXT = "投诉：窗口没人，孙某插队"
MESSAGE = {"MessageSid": "SM1", "From": DRIVER, "To": "+8657100000001", "Body": TEXT, "NumMedia": "0"}
FORM = "application/x-www-form-urlencoded"


def signed(token: str, url: str, form: Mapping[str, str]) -> str:
    """Twilio's documented signature, written apart from the library that checks it."""
    said = url + "".join(key + form[key] for key in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), said.encode(), sha1).digest()).decode()


async def post(stage: Stage, path: str, body: bytes | str, headers: Mapping[str, str]) -> int:
    async with stage.sandbox.session.post(stage.url + path, data=body, headers=headers) as response:
        await response.read()
        return response.status


async def twilio(stage: Stage, path: str, form: Mapping[str, str], **change: Any) -> int:
    """Post a form as Twilio does; `change` spoils it."""
    form = {"AccountSid": stage.sandbox.account, **form}
    url = change.get("url", stage.url) + change.get("signed_path", path)
    headers = {"Content-Type": FORM, "X-Twilio-Signature": signed(change.get("token", stage.sandbox.token), url, form)}
    return await post(stage, path, change.get("body", urlencode(form)), {**headers, **change.get("headers", {})})


async def test_an_sms_is_stored_before_it_is_answered(stage: Stage, lines: Lines) -> None:
    assert await twilio(stage, "/hooks/twilio/message", MESSAGE) == 200
    stored = await Inbound.get()
    assert (stored.provider_id, stored.kind, stored.state) == ("SM1", "text", "new")
    assert stage.office.key.decrypt(stored.body) == TEXT
    assert TEXT.encode() not in stored.body
    assert stage.office.wakes.inbound.turn == 1
    lines.assert_without(TEXT, DRIVER, stage.sandbox.token)


@ON_SQLITE
async def test_the_sandbox_s_own_signature_is_taken(stage: Stage) -> None:
    sent = await stage.sandbox.call("POST", f"phones/{quote(DRIVER)}/send", account=stage.sandbox.account, text=TEXT)
    assert sent["webhook_status"] == 200
    assert await Inbound.all().count() == 1


WRONG: list[dict[str, Any]] = [
    {"token": "another token"},
    {"url": "http://other.example"},
    {"url": "https://127.0.0.1"},
    {"signed_path": "/hooks/twilio/status/x"},
    {"signed_path": "/hooks/twilio/message?x=1"},
    {"headers": {"X-Twilio-Signature": ""}},
    {"headers": {"X-Twilio-Signature": "ümläut"}},
    {"token": "another token", "headers": {"X-Forwarded-Host": "127.0.0.1", "X-Forwarded-Proto": "https"}},
]


@ON_SQLITE
async def test_a_wrong_signature_is_refused(stage: Stage) -> None:
    for change in WRONG:
        assert await twilio(stage, "/hooks/twilio/message", MESSAGE, **change) == 403, change
    assert await Inbound.all().count() == 0


@ON_SQLITE
async def test_forged_forwarding_headers_change_nothing(stage: Stage) -> None:
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Host": "evil.example"}
    assert await twilio(stage, "/hooks/twilio/message", MESSAGE, headers=headers) == 200


@ON_SQLITE
async def test_another_account_is_refused(stage: Stage) -> None:
    assert await twilio(stage, "/hooks/twilio/message", {**MESSAGE, "AccountSid": "AC0"}) == 403


BODIES: list[tuple[bytes, int]] = [
    (b"MessageSid=1&MessageSid=2", 400),
    (b"From=%FF%FE", 400),
    (b"From=\xff", 400),
    (b"nothing", 400),
    (b"&".join(b"p%d=1" % n for n in range(10_000)), 413),
    (b"&".join(b"p%d=1" % n for n in range(1_000)), 400),
    (b"Body=" + b"x" * 65_600, 413),
    (b"Body=" + b"x" * 1_000_000, 413),
    (b"", 403),
]


@ON_SQLITE
@pytest.mark.parametrize("path", ["/hooks/twilio/message", "/hooks/twilio/status/abc"])
async def test_bad_bodies_are_refused_without_an_error_of_ours(stage: Stage, lines: Lines, path: str) -> None:
    for body, status in BODIES:
        assert await twilio(stage, path, {}, body=body) == status, body[:24]
    assert "error" not in str(lines.ours)


@ON_SQLITE
async def test_a_signed_message_without_id_or_sender_is_refused(stage: Stage) -> None:
    for change in ({"MessageSid": ""}, {"From": ""}, {"MessageSid": "x" * 65}, {"From": "\0"}, {"From": "9" * 300}):
        assert await twilio(stage, "/hooks/twilio/message", {**MESSAGE, **change}) == 400, change


HOSTILE = [
    "'; DROP TABLE inbound;--",
    "a\r\nb",
    "\u202eevil",
    "\x1b[31m",
    "=HYPERLINK(1)",
    "{{7*7}}",
    "%s{0.__class__}",
    "a\0b",
]


@ON_SQLITE
async def test_hostile_text_is_only_text(stage: Stage) -> None:
    for number, text in enumerate(HOSTILE):
        form = {**MESSAGE, "Body": text, "MessageSid": f"SM{number}"}
        assert await twilio(stage, "/hooks/twilio/message", form) == 200, text
        stored = stage.office.key.decrypt((await Inbound.get(provider_id=f"SM{number}")).body)
        assert not set(stored) & set("\0\r\x1b\u202e")


@ON_SQLITE
async def test_the_same_sms_is_stored_once_for_ever(stage: Stage) -> None:
    for _ in range(3):
        assert await twilio(stage, "/hooks/twilio/message", MESSAGE) == 200
    assert await Inbound.all().count() == 1


@ON_SQLITE
async def test_a_token_that_we_never_issued_is_not_there(stage: Stage) -> None:
    form = {"MessageSid": "SM1", "MessageStatus": "sent"}
    assert await twilio(stage, "/hooks/twilio/status/guessed", form) == 404
    for token in ("x" * 64, "%00", "%FF"):
        assert await twilio(stage, f"/hooks/twilio/status/{token}", form) in (403, 404), token


async def test_a_swapped_token_is_not_there(stage: Stage) -> None:
    await stage.sandbox.fault("lose_receipt")
    await stage.say(DRIVER, "one")
    await stage.send()
    token = await sql.value("SELECT token FROM attempt")
    path = f"/hooks/twilio/status/{token}"
    assert await twilio(stage, path, {"MessageSid": "SM-of-another", "MessageStatus": "delivered"}) == 404
    own = (await stage.sandbox.ledger())[0]["id"]
    assert await twilio(stage, path, {"MessageSid": own, "MessageStatus": "delivered"}) == 204
    assert await twilio(stage, path, {"MessageSid": own, "MessageStatus": "delivered"}) == 204
    assert await twilio(stage, path, {"MessageSid": own, "MessageStatus": "beamed-up"}) == 204
    assert await twilio(stage, path, {"MessageSid": own}) == 400
    assert await sql.value("SELECT state FROM message") == "delivered"


def update(**message: Any) -> dict[str, Any]:
    person = {"id": 471100815, "is_bot": False, "first_name": "孙", "language_code": "zh-hant"}
    chat = {"id": 471100815, "type": "private", "first_name": "孙"}
    return {"update_id": 5, "message": {"message_id": 1, "date": 1, "chat": chat, "from": person, **message}}


async def telegram(stage: Stage, body: Any, secret: str | None = SECRET) -> int:
    headers = {"Content-Type": "application/json"}
    if secret is not None:
        headers["X-Telegram-Bot-Api-Secret-Token"] = secret
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await post(stage, "/hooks/telegram", data, headers)


@ON_SQLITE
async def test_an_update_is_stored_once(stage: Stage, lines: Lines) -> None:
    for _ in range(2):
        assert await telegram(stage, update(text=TEXT)) == 200
    stored = await Inbound.get().select_related("address")
    assert (stored.provider_id, stored.channel, stored.kind) == ("5", "telegram", "text")
    assert stored.address is not None
    assert stored.address.lang == "zh-Hant"
    lines.assert_without(TEXT, "471100815", SECRET)


@ON_SQLITE
async def test_a_wrong_secret_is_refused(stage: Stage) -> None:
    for secret in (None, "", "wrong", "ä"):
        assert await telegram(stage, update(text=TEXT), secret) == 403
    assert await Inbound.all().count() == 0


UPDATES: list[tuple[Any, int]] = [
    (b"", 400),
    (b"{", 400),
    (b"[]", 400),
    (b"\xff\xfe", 400),
    (b'{"update_id": 1' + b"0" * 5000 + b"}", 400),
    (b"[" * 30_000, 400),
    (b'{"update_id": 1, "a": ' + b"[" * 20_000 + b"]" * 20_000 + b"}", 400),
    (b'{"x": "' + b"x" * 70_000 + b'"}', 413),
    ({"update_id": "five"}, 400),
    ({"update_id": 7, "message": {"text": "no chat"}}, 400),
    ({"update_id": 7, "message": "text"}, 400),
    ({"update_id": 7}, 200),
    ({"update_id": 7, "edited_message": update(text="x")["message"]}, 200),
    ({"update_id": 7, "something_new": {"a": 1}}, 200),
]


@ON_SQLITE
async def test_bad_and_foreign_updates(stage: Stage, lines: Lines) -> None:
    for body, status in UPDATES:
        assert await telegram(stage, body) == status, str(body)[:40]
    assert await Inbound.all().count() == 0
    assert "error" not in str(lines.ours)


async def test_without_a_database_the_provider_is_asked_to_repeat(stage: Stage) -> None:
    await stage.messaging.close()
    await close_database()
    assert await twilio(stage, "/hooks/twilio/message", MESSAGE) == 503
    assert await telegram(stage, update(text=TEXT)) == 503
    form = {"MessageSid": "SM1", "MessageStatus": "sent"}
    assert await twilio(stage, "/hooks/twilio/status/abc", form) == 503
