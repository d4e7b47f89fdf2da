"""The gateway's pure parts: bodies from templates, paths, answers judged by tables, webhooks read."""

import hmac
import json
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import pytest

from messaging.channel import Arrival, Report, Result
from messaging.gateway import GatewaySettings, GatewaySms
from messaging.gateway_answer import Meaning, judge, value_at
from messaging.gateway_template import parse_template
from messaging.http_call import Answer
from models.states import MessageState, Outcome

VALUES = {"to": "+8613800000001", "text": 'a"b&c=d{to}\r\n廉政', "token": "t0k-en", "sender": "106900001"}
JSON_BODY = '{"mobiles": ["{to}"], "content": "{text}", "ext": {"ref": "{token}", "from": "{sender}"}, "flash": false}'
FORM_BODY = "mobile={to}&content={text}&ref={token}&from={sender}&kind=1"


def test_a_json_body_holds_values_as_values() -> None:
    template = parse_template("json", JSON_BODY)
    assert json.loads(template.render(VALUES)) == {
        "mobiles": [VALUES["to"]],
        "content": VALUES["text"],
        "ext": {"ref": VALUES["token"], "from": VALUES["sender"]},
        "flash": False,
    }
    assert template.content_type.startswith("application/json")


def test_a_form_body_holds_values_as_values() -> None:
    template = parse_template("form", FORM_BODY)
    assert dict(parse_qsl(template.render(VALUES).decode())) == {
        "mobile": VALUES["to"],
        "content": VALUES["text"],
        "ref": VALUES["token"],
        "from": VALUES["sender"],
        "kind": "1",
    }
    assert template.content_type.startswith("application/x-www-form-urlencoded")


@pytest.mark.parametrize("body_type", ["json", "form"])
def test_half_a_character_breaks_nothing(body_type: Any) -> None:
    body = JSON_BODY if body_type == "json" else FORM_BODY
    assert parse_template(body_type, body).render({**VALUES, "text": "\ud83d"})


BAD_TEMPLATES: list[tuple[Any, str, str]] = [
    ("json", "{", "no JSON"),
    ("json", "[" * 100_000, "no JSON"),
    ("form", "nothing", "no form"),
    ("json", '{"to": "{to}", "text": "{text}"}', "needs"),
    ("json", '{"to": "{to}", "text": "{text}", "ref": "{token}", "key": "{secret}"}', "knows only"),
    ("json", '{"to": "{to}", "text": "Customs: {text}", "ref": "{token}"}', "of its own"),
    ("json", '{"to": "{to}", "params": "{\\"content\\": \\"{text}\\"}", "ref": "{token}"}', "of its own"),
    ("form", "to={to}&text=x{text}&ref={token}", "of its own"),
]


@pytest.mark.parametrize(("body_type", "text", "said"), BAD_TEMPLATES, ids=[row[2] for row in BAD_TEMPLATES])
def test_a_template_that_cannot_work_is_refused(body_type: Any, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_template(body_type, text)


@pytest.mark.parametrize(
    ("data", "path", "found"),
    [
        ({"id": "x"}, "id", "x"),
        ({"data": [{"id": 7}]}, "data.0.id", "7"),
        ({"data": [{"id": 7}]}, "data.1.id", ""),
        ({"data": [{"id": 7}]}, "data.-1.id", ""),
        ({"data": {"id": None}}, "data.id", ""),
        ({"id": True}, "id", ""),
        ({"id": 1.5}, "id", ""),
        ({"id": {"a": 1}}, "id", ""),
        ({"id": "x"}, "id.id", ""),
        ({"id": "x"}, "", ""),
        ("text", "id", ""),
        (None, "id", ""),
    ],
)
def test_paths(data: Any, path: str, found: str) -> None:
    assert value_at(data, path) == found


CODES: dict[str, Meaning] = {
    "0": "accepted",
    "E1": "opted_out",
    "E2": "bad_address",
    "E3": "throttled",
    "E4": "not_sent",
    "E5": "rejected",
}
ACCEPTED = Result(Outcome.ACCEPTED, provider_id="m1")
ANSWERS: list[tuple[int, Any, Result]] = [
    (200, {"code": "0", "id": "m1"}, ACCEPTED),
    (201, {"code": 0, "id": "m1"}, ACCEPTED),
    (200, {"code": "0"}, Result(Outcome.UNKNOWN, code="0")),
    (200, {"code": "0", "id": "x" * 65}, Result(Outcome.UNKNOWN, code="0")),
    (200, {"code": "0", "id": "a\0b"}, Result(Outcome.UNKNOWN, code="0")),
    (200, {"id": "m1"}, Result(Outcome.UNKNOWN, code="no_code")),
    (200, {"code": "E99", "id": "request-7"}, Result(Outcome.UNKNOWN, code="E99")),
    (200, {"code": "the number +8613800000001 is bad"}, Result(Outcome.UNKNOWN, code="strange_code")),
    (200, {"code": "E1"}, Result(Outcome.REJECTED, code="E1", opted_out=True)),
    (400, {"code": "E1"}, Result(Outcome.REJECTED, code="E1", opted_out=True)),
    (200, {"code": "E2"}, Result(Outcome.REJECTED, code="E2", bad_address=True)),
    (200, {"code": "E3"}, Result(Outcome.THROTTLED, code="E3", retry_after=7)),
    (200, {"code": "E4"}, Result(Outcome.THROTTLED, code="E4", retry_after=7)),
    (200, {"code": "E5"}, Result(Outcome.REJECTED, code="E5")),
    (400, {"code": "E99"}, Result(Outcome.REJECTED, code="E99")),
    (422, {}, Result(Outcome.REJECTED, code="http_422")),
    (400, {"code": "0", "id": "m1"}, Result(Outcome.REJECTED, code="0")),
    (401, {"code": "E99"}, Result(Outcome.THROTTLED, code="E99")),
    (403, {"code": "E99"}, Result(Outcome.REJECTED, code="E99")),
    (403, None, Result(Outcome.THROTTLED, code="http_403")),
    (404, None, Result(Outcome.THROTTLED, code="http_404")),
    (304, None, Result(Outcome.UNKNOWN, code="http_304")),
    (200, None, Result(Outcome.UNKNOWN, code="no_code")),
    (200, [1, 2], Result(Outcome.UNKNOWN, code="no_code")),
]


@pytest.mark.parametrize(("status", "body", "result"), ANSWERS)
def test_answers(status: int, body: Any, result: Result) -> None:
    answer = Answer(status, json.dumps(body).encode(), {"Retry-After": "7"})
    assert judge(answer, "id", "code", CODES) == result


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe", b"[" * 50_000, b'{"id": 1' + b"0" * 5000 + b"}"])
def test_an_unreadable_answer_is_unknown(body: bytes) -> None:
    assert judge(Answer(200, body, {}), "id", "code", {}).outcome is Outcome.UNKNOWN


def test_without_a_list_of_good_codes_the_id_accepts() -> None:
    assert judge(Answer(202, b'{"code": "5", "id": "m1"}', {}), "id", "code", {"E1": "opted_out"}) == ACCEPTED


@pytest.fixture
async def channel() -> GatewaySms:
    settings = GatewaySettings(
        "http://127.0.0.1:9/",
        parse_template("json", JSON_BODY),
        number_prefix="+86",
        codes=CODES,
        secret="hook-secret",
        statuses={"DELIVRD": "delivered", "EXPIRED": "undelivered"},
        status_token_path="ext.ref",
    )
    async with aiohttp.ClientSession() as session:
        return GatewaySms(settings, session)


async def test_signatures(channel: GatewaySms) -> None:
    right = hmac.new(b"hook-secret", b"body", "sha256").hexdigest()
    for given in (right, right.upper(), f"sha256={right}"):
        assert channel.is_signed(b"body", given)
    for given in ("", "ümläut", right[:-1], hmac.new(b"other", b"body", "sha256").hexdigest()):
        assert not channel.is_signed(b"body", given)
    assert not channel.is_signed(b"body ", right)


STATUSES: list[tuple[dict[str, Any], Report]] = [
    ({"status": "DELIVRD", "id": "m1"}, Report("DELIVRD", MessageState.DELIVERED, None, "m1")),
    ({"status": "DELIVRD", "code": "0"}, Report("DELIVRD", MessageState.DELIVERED)),
    ({"status": "EXPIRED", "code": "E2"}, Report("EXPIRED", MessageState.UNDELIVERED, "E2", bad_address=True)),
    ({"status": "EXPIRED", "code": "E1"}, Report("EXPIRED", MessageState.UNDELIVERED, "E1", opted_out=True)),
    ({"status": "beamed-up"}, Report("beamed-up", None)),
]


@pytest.mark.parametrize(("data", "report"), STATUSES)
async def test_receipts(channel: GatewaySms, data: dict[str, Any], report: Report) -> None:
    assert channel.parse_status({**data, "ext": {"ref": "tok"}}) == ("tok", report)


@pytest.mark.parametrize(
    "data", [{}, {"status": "x"}, {"ext": {"ref": "t"}}, {"ext": {"ref": "t"}, "status": "x" * 17}, {"status": "\0"}]
)
async def test_half_a_receipt_is_none(channel: GatewaySms, data: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        channel.parse_status(data)


async def test_messages(channel: GatewaySms) -> None:
    said = {"id": 5, "from": "13800000001", "text": "收到"}
    assert channel.parse_message(said) == Arrival("sms", "5", "+8613800000001", "text", "收到")
    assert channel.parse_message({**said, "from": "+15005550006"}).identity == "+15005550006"
    assert channel.parse_message({"id": 5, "from": "13800000001"}).kind == "other"
    for bad in ({"from": "1"}, {"id": 5}, {"id": "x" * 65, "from": "1"}, {"id": "\0", "from": "1"}):
        with pytest.raises(ValueError):
            channel.parse_message(bad)
