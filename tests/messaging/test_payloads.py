"""Payloads as the vendors document them, and what they mean to us."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging import parsing
from messaging.channel import Arrival, Attached, Report
from messaging.telegram import parse_update
from messaging.twilio_sms import MMS, parse_message, parse_status
from models.states import MessageState

# Twilio, "Twilio's request to your incoming message Webhook URL".
INCOMING = {
    "ToCountry": "US",
    "ToState": "CA",
    "SmsMessageSid": "SMXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
    "NumMedia": "0",
    "ToCity": "SAN FRANCISCO",
    "FromZip": "94107",
    "SmsSid": "SMXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
    "FromState": "CA",
    "SmsStatus": "received",
    "FromCity": "SAN FRANCISCO",
    "Body": "Ahoy!",
    "FromCountry": "US",
    "To": "+15558675310",
    "ToZip": "94107",
    "NumSegments": "1",
    "MessageSid": "SMXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
    "AccountSid": "ACXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
    "From": "+14017122661",
    "ApiVersion": "2010-04-01",
}
SID = INCOMING["MessageSid"]
MESSAGES: list[tuple[dict[str, str], dict[str, Any]]] = [
    ({}, {"kind": "text", "text": "Ahoy!", "opt": None}),
    ({"Body": "STOP", "OptOutType": "STOP"}, {"kind": "text", "text": "STOP", "opt": "out"}),
    ({"Body": "start", "OptOutType": "START"}, {"kind": "text", "text": "start", "opt": "in"}),
    ({"Body": "help", "OptOutType": "HELP"}, {"kind": "text", "text": "help", "opt": None}),
    (
        {"Body": "", "NumMedia": "1", "MediaUrl0": "https://api.twilio.com/x"},
        {"kind": "other", "text": None, "files": (MMS,)},
    ),
    ({"From": "BANK"}, {"kind": "text", "identity": "BANK"}),
]


@pytest.mark.parametrize(("change", "expected"), MESSAGES, ids=str)
def test_incoming_sms(change: dict[str, str], expected: dict[str, Any]) -> None:
    arrival = parse_message({**INCOMING, **change})
    base: dict[str, Any] = {"channel": "sms", "provider_id": SID, "identity": "+14017122661", "text": "Ahoy!"}
    assert arrival == Arrival(**{**base, **expected})


# Twilio, "Message Status Callback" and its error dictionary.
STATUSES = [
    ({"MessageStatus": "sent"}, Report("sent", MessageState.SENT, None, "SM1")),
    ({"MessageStatus": "queued"}, Report("queued", MessageState.ACCEPTED, None, "SM1")),
    ({"MessageStatus": "read"}, Report("read", MessageState.READ, None, "SM1")),
    ({"MessageStatus": "delivered", "ErrorCode": "0"}, Report("delivered", MessageState.DELIVERED, None, "SM1")),
    (
        {"MessageStatus": "undelivered", "ErrorCode": "30005"},
        Report("undelivered", MessageState.UNDELIVERED, "30005", "SM1", bad_address=True),
    ),
    (
        {"MessageStatus": "undelivered", "ErrorCode": "30003"},
        Report("undelivered", MessageState.UNDELIVERED, "30003", "SM1"),
    ),
    (
        {"MessageStatus": "failed", "ErrorCode": "21610"},
        Report("failed", MessageState.FAILED, "21610", "SM1", opted_out=True),
    ),
    ({"MessageStatus": "teleported"}, Report("teleported", None, None, "SM1")),
]


@pytest.mark.parametrize(("form", "report"), STATUSES, ids=lambda value: str(value)[:40])
def test_status_callbacks(form: dict[str, str], report: Report) -> None:
    assert parse_status({"MessageSid": "SM1", "AccountSid": "AC1", **form}) == report


@pytest.mark.parametrize("form", [{}, {"MessageSid": "SM1"}, {"MessageSid": "SM1", "MessageStatus": "x" * 17}], ids=str)
def test_senseless_callbacks(form: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        parse_status(form)


USER = {"id": 77, "is_bot": False, "first_name": "吴", "last_name": "某", "username": "wu", "language_code": "zh-hans"}
PRIVATE = {"id": 77, "first_name": "吴", "username": "wu", "type": "private"}
GROUP = {"id": -100, "title": "group", "type": "supergroup"}
ASKED = {"message_id": 4, "date": 1441645500, "chat": PRIVATE, "from": {**USER, "id": 1, "is_bot": True}, "text": "?"}


def message(**change: Any) -> dict[str, Any]:
    return {"message_id": 9, "date": 1441645532, "chat": PRIVATE, "from": USER, **change}


def press(**change: Any) -> dict[str, Any]:
    return {"id": "4382bfdwdsb323b2d9", "from": USER, "message": ASKED, "chat_instance": "1", "data": "ack:7", **change}


def member(status: str) -> dict[str, Any]:
    bot = {"id": 1, "is_bot": True, "first_name": "bot"}
    new = {"user": bot, "status": status, "until_date": 0} if status == "kicked" else {"user": bot, "status": status}
    return {
        "chat": PRIVATE,
        "from": USER,
        "date": 1,
        "old_chat_member": {"user": bot, "status": "left"},
        "new_chat_member": new,
    }


def arrival(**more: Any) -> Arrival:
    base: dict[str, Any] = {"kind": "text", "lang": "zh-Hans", "message_id": "9"}
    if more.get("kind") == "press" or "opt" in more:
        base["message_id"] = None
    return Arrival(channel="telegram", provider_id="8", identity="77", **{**base, **more})


def size(name: str, side: int) -> dict[str, Any]:
    return {"file_id": f"id{name}", "file_unique_id": f"u{name}", "width": side, "height": side, "file_size": side}


DOCUMENT = {"file_id": "a", "file_unique_id": "b", "file_size": 52_428_800}
ORIGIN = {"type": "hidden_user", "sender_user_name": "周某", "date": 1441645000}
SENT_FIRST = datetime(2015, 9, 7, 16, 56, 40, tzinfo=UTC)


UPDATES: list[tuple[dict[str, Any], Arrival | None]] = [
    ({"message": message(text="登记说情")}, arrival(text="登记说情")),
    ({"message": message(text="2", reply_to_message=ASKED)}, arrival(text="2", about_provider_id="4")),
    ({"message": message(text="x", **{"from": {**USER, "language_code": "zh-tw"}})}, arrival(text="x", lang="zh-Hant")),
    ({"message": message(text="x", **{"from": {**USER, "language_code": "en-GB"}})}, arrival(text="x", lang="en")),
    ({"message": message(text="x", **{"from": {**USER, "language_code": "fr"}})}, arrival(text="x", lang=None)),
    ({"message": message(location={"latitude": 1.0, "longitude": 2.0})}, arrival(kind="other")),
    (
        {"message": message(document=DOCUMENT, caption="证据")},
        arrival(kind="file", text="证据", files=(Attached("document", "a", "b", 52_428_800),)),
    ),
    (
        {"message": message(photo=[size("s", 90), size("l", 1280), size("m", 320)], media_group_id="12")},
        arrival(kind="file", files=(Attached("photo", "idl", "ul", 1280),), album="12"),
    ),
    (
        {"message": message(voice={**DOCUMENT, "duration": 3}, forward_origin=ORIGIN)},
        arrival(kind="file", files=(Attached("voice", "a", "b", 52_428_800),), forwarded_at=SENT_FIRST),
    ),
    ({"message": message(text="放行吧", forward_origin=ORIGIN)}, arrival(text="放行吧", forwarded_at=SENT_FIRST)),
    ({"message": message(video_note={**DOCUMENT, "duration": 3, "length": 240})}, arrival(kind="other")),
    (
        {"callback_query": press()},
        arrival(kind="press", text="ack:7", press_id="4382bfdwdsb323b2d9", about_provider_id="4"),
    ),
    ({"my_chat_member": member("kicked")}, arrival(kind="other", opt="out")),
    ({"my_chat_member": member("member")}, arrival(kind="other", opt="in")),
    ({"message": message(text="x", chat=GROUP)}, None),
    ({"message": message(text="x", **{"from": {**USER, "is_bot": True}})}, None),
    ({"channel_post": message(text="x", chat={"id": -1, "type": "channel"})}, None),
    ({"edited_message": message(text="x", edit_date=1441645600)}, None),
    ({"callback_query": press(message={**ASKED, "chat": GROUP})}, None),
    ({"poll_answer": {"poll_id": "1", "user": USER, "option_ids": [], "option_persistent_ids": []}}, None),
]


@pytest.mark.parametrize(("data", "expected"), UPDATES, ids=lambda value: str(value)[:60])
def test_updates(data: dict[str, Any], expected: Arrival | None) -> None:
    assert parse_update({"update_id": 8, **data}) == expected


STRANGE = [
    {"update_id": True, "message": message(text="x")},
    {"update_id": 10**30, "message": message(text="x")},
    {"update_id": -1, "message": message(text="x")},
    {"update_id": 8, "message": message(text=5)},
    {"update_id": 8, "message": message(text="x", chat={**PRIVATE, "id": "seventy\0"})},
    {"update_id": 8, "callback_query": press(id="x" * 65)},
    {"update_id": 8, "callback_query": press(id="\ud800")},
    {"update_id": 8, "callback_query": press(data=["ack"])},
    {"update_id": 8, "message": message(document={**DOCUMENT, "file_id": "a\0"})},
    {"update_id": 8, "message": message(document={**DOCUMENT, "file_unique_id": "b" * 300})},
]


@pytest.mark.parametrize("data", STRANGE, ids=str)
def test_strange_updates_are_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        parse_update(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


KINDS = st.sampled_from(["message", "callback_query", "my_chat_member"])


@given(KINDS, st.dictionaries(st.sampled_from(sorted(message(text="x"))), JSON))
def test_no_update_is_worse_than_wrong(kind: str, content: dict[str, Any]) -> None:
    try:
        parse_update({"update_id": 1, kind: content})
    except ValueError as error:
        assert type(error) is ValueError  # noqa: PT017


@given(st.binary(max_size=200))
def test_no_form_is_worse_than_wrong(body: bytes) -> None:
    try:
        form = parsing.parse_form(body)
    except parsing.web.HTTPBadRequest:
        return
    assert all(isinstance(value, str) for value in form.values())
