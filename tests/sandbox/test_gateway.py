"""The carrier's twin: what it takes, what it refuses, what it posts."""

import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.sandbox.conftest import TOKEN, Api, Listener

PHONE, SENDER, SECRET = "+86100000000001", "+8610690001", "secret-of-webhooks"
MESSAGE = {"mobile": PHONE, "content": "你好", "ref": "r1"}


@dataclass
class Carrier:
    """An account of the carrier."""

    api: Api
    account: str

    async def send(self, key: str = TOKEN, form: bool = False, **change: Any) -> tuple[int, Any]:
        url, said = f"{self.api.url}/gateway/{self.account}/messages", MESSAGE | change
        body = {"data": said} if form else {"json": said}
        async with self.api.session.post(url, headers={"X-Api-Key": key}, **body) as answer:
            return answer.status, await answer.json()

    async def said_by_phone(self, text: str) -> Any:
        return await self.api.call("POST", f"phones/{PHONE}/send", {"account": self.account, "text": text})

    async def ledger(self) -> list[Any]:
        rows: list[Any] = (await self.api.call("GET", f"ledger?account={self.account}"))["rows"]
        return rows


@pytest.fixture
async def carrier(api: Api, listener: Listener) -> AsyncIterator[Carrier]:
    account = f"GW{api.account}"
    hooks = {"status_url": f"{listener.url}/status", "inbound_url": f"{listener.url}/message"}
    settings = {"token": TOKEN, "secret": SECRET, "sender": SENDER, "status_delay_ms": 1, "retry_ms": 1, **hooks}
    await api.call("PUT", f"gateway/accounts/{account}", settings)
    yield Carrier(api, account)
    await api.call("POST", "reset", {"account": account}, expect=204)


@pytest.mark.parametrize("form", [False, True])
async def test_a_message_is_taken_and_stands_in_the_ledger(carrier: Carrier, form: bool) -> None:
    status, answer = await carrier.send(form=form)
    assert (status, answer["code"]) == (200, "0")
    (entry,) = await carrier.ledger()
    assert (entry["id"], entry["to"], entry["text"], entry["provider"]) == (
        answer["data"]["msgid"],
        PHONE,
        "你好",
        "gateway",
    )


async def test_receipts_are_signed_and_repeated(carrier: Carrier, listener: Listener) -> None:
    listener.answers = [500]
    _, answer = await carrier.send()
    heard = await listener.until(4)
    expected = {"msgid": answer["data"]["msgid"], "ref": "r1", "err": "0"}
    assert [json.loads(each.body) for each in heard] == [
        {**expected, "stat": word} for word in ("ACCEPTD", "ACCEPTD", "ENROUTE", "DELIVRD")
    ]
    for each in heard:
        assert each.headers["X-Signature"] == hmac.new(SECRET.encode(), each.body.encode(), "sha256").hexdigest()


async def test_what_a_phone_sends_is_posted(carrier: Carrier, listener: Listener) -> None:
    sent = await carrier.said_by_phone("收到")
    assert sent["webhook_status"] == 200
    assert json.loads(listener.heard[0].body) == {"msgid": sent["sid"], "from": PHONE, "to": SENDER, "content": "收到"}


REFUSALS: list[tuple[dict[str, Any], tuple[int, str]]] = [
    ({"key": "wrong"}, (401, "1001")),
    ({"mobile": "13800000001"}, (400, "1002")),
    ({"mobile": 8613800000001}, (400, "1002")),
    ({"content": " "}, (400, "1003")),
    ({"content": "x" * 1601}, (400, "1004")),
    ({"from": "+15005550009"}, (400, "1006")),
]


@pytest.mark.parametrize(("change", "expected"), REFUSALS, ids=str)
async def test_refusals(carrier: Carrier, change: dict[str, Any], expected: tuple[int, str]) -> None:
    status, answer = await carrier.send(**change)
    assert (status, answer) == (expected[0], {"code": expected[1]})
    assert await carrier.ledger() == []


async def test_after_stop_it_refuses_until_start(carrier: Carrier) -> None:
    await carrier.said_by_phone("STOP")
    assert await carrier.send() == (400, {"code": "1005"})
    await carrier.said_by_phone("START")
    assert (await carrier.send())[0] == 200


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff"])
async def test_a_senseless_body_is_refused(carrier: Carrier, body: bytes) -> None:
    url, headers = f"{carrier.api.url}/gateway/{carrier.account}/messages", {"X-Api-Key": TOKEN}
    sent = {**headers, "Content-Type": "application/json"}
    async with carrier.api.session.post(url, data=body, headers=sent) as answer:
        assert answer.status == 400


async def test_an_account_needs_its_prefix_and_secret(api: Api) -> None:
    await api.call("PUT", "gateway/accounts/AC1", {"token": "t", "secret": "s"}, expect=400)
    await api.call("PUT", f"gateway/accounts/GW{api.bot[:5]}", {"token": "t"}, expect=400)
    await api.call("GET", "gateway/accounts/GWnone", expect=404)
