"""Each effect of a bad day, over plain HTTP: what the caller sees, and what the ledger says was accepted."""

from typing import Any

import aiohttp
import pytest

from tests.sandbox.conftest import TOKEN, Api, Listener, wait_until

PHONE = "+86100000000001"
NUMBER = "+15005550001"
CHAT = 900000001


async def send_sms(api: Api, seconds: float = 5, **values: str) -> tuple[int, dict[str, str], bytes]:
    url = f"{api.url}/2010-04-01/Accounts/{api.account}/Messages.json"
    headers = {"Authorization": aiohttp.encode_basic_auth(api.account, TOKEN)}
    form = {"To": PHONE, "From": NUMBER, "Body": "x"} | values
    timeout = aiohttp.ClientTimeout(total=seconds)
    async with api.session.post(url, data=form, headers=headers, timeout=timeout) as answer:
        return answer.status, dict(answer.headers), await answer.read()


async def send_chat(api: Api, seconds: float = 5) -> tuple[int, Any]:
    url = f"{api.url}/bot{api.bot}/sendMessage"
    timeout = aiohttp.ClientTimeout(total=seconds)
    async with api.session.post(url, json={"chat_id": CHAT, "text": "x"}, timeout=timeout) as answer:
        return answer.status, await answer.json()


async def try_sms(api: Api) -> int | str:
    """Send one SMS; return the status, or how it went wrong."""
    try:
        return (await send_sms(api, seconds=0.3))[0]
    except TimeoutError:
        return "timeout"
    except aiohttp.ClientPayloadError:
        return "cut"
    except (aiohttp.ClientConnectionError, ConnectionResetError):
        return "reset"


@pytest.mark.parametrize(
    ("effect", "besides", "seen", "accepted"),
    [
        ("delay", {"ms": 20}, 201, 1),
        ("delay", {"ms": 2000}, "timeout", 0),
        ("hang_before", {}, "timeout", 0),
        ("hang_before", {"ms": 10}, 504, 0),
        ("hang_after_accept", {}, "timeout", 1),
        ("hang_after_accept", {"ms": 10}, 201, 1),
        ("reset_before", {}, "reset", 0),
        ("reset_after_accept", {}, "reset", 1),
        ("status_429", {}, 429, 0),
        ("status_5xx", {}, 503, 0),
        ("status_5xx", {"status": 502}, 502, 0),
        ("accept_then_500", {}, 500, 1),
        ("bad_body", {"body": "empty"}, 201, 1),
        ("bad_body", {"body": "html"}, 201, 1),
        ("bad_body", {"body": "wrong_json"}, 201, 1),
        ("bad_body", {"body": "no_id"}, 201, 1),
        ("bad_body", {"body": "huge"}, 201, 1),
        ("bad_body", {"body": "cut"}, "cut", 1),
        ("fail_permanently", {"error_code": 21612}, 400, 0),
        ("fail_permanently", {"error_code": 30003}, 201, 1),
    ],
)
async def test_effects_on_a_call(
    api: Api, effect: str, besides: dict[str, Any], seen: int | str, accepted: int
) -> None:
    fault = await api.fault("twilio", effect, {"first": 1}, **besides)
    assert await try_sms(api) == seen
    assert len(await api.ledger("id")) == accepted
    assert (await api.call("GET", f"faults/{fault}"))["fired"] == 1
    assert await try_sms(api) == 201


@pytest.mark.parametrize(
    ("body", "content"),
    [("empty", b""), ("html", b"<html>"), ("wrong_json", b'["unexpected"'), ("no_id", b'{"status": "queued"')],
)
async def test_bad_bodies(api: Api, body: str, content: bytes) -> None:
    await api.fault("twilio", "bad_body", body=body)
    _, _, read = await send_sms(api)
    assert read.startswith(content)
    assert b"SM" not in read


@pytest.mark.parametrize(
    ("besides", "header"), [({}, "1"), ({"retry_after": 3600}, "3600"), ({"retry_after": None}, None)]
)
async def test_too_many_requests(api: Api, besides: dict[str, Any], header: str | None) -> None:
    await api.fault("twilio", "status_429", **besides)
    status, headers, body = await send_sms(api)
    assert (status, headers.get("Retry-After")) == (429, header)
    assert b"20429" in body
    await api.call("PUT", f"chats/{CHAT}", {"bot": api.bot})
    await api.fault("telegram", "status_429", **besides)
    status, answer = await send_chat(api)
    assert (status, answer["ok"], answer["error_code"]) == (429, False, 429)
    assert answer.get("parameters", {}).get("retry_after") == (int(header) if header else None)


@pytest.mark.parametrize("said", ["-5", "1e9", "soon", "Wed, 21 Oct 2026 07:28:00 GMT", ""])
async def test_too_many_requests_with_a_text_for_a_time(api: Api, said: str) -> None:
    await api.fault("twilio", "status_429", retry_after=said)
    status, headers, _ = await send_sms(api)
    assert (status, headers["Retry-After"]) == (429, said)
    await api.call("PUT", f"chats/{CHAT}", {"bot": api.bot})
    await api.fault("telegram", "status_429", retry_after=said)
    status, answer = await send_chat(api)
    assert (status, answer["parameters"]["retry_after"]) == (429, said)


@pytest.mark.parametrize("code", [20003, 20005])
async def test_refused_credentials_are_a_401(api: Api, code: int) -> None:
    await api.fault("twilio", "fail_permanently", error_code=code)
    status, _, body = await send_sms(api)
    assert status == 401
    assert str(code).encode() in body
    assert await api.ledger("id") == []


@pytest.mark.parametrize(
    ("effect", "besides", "status", "accepted"),
    [
        ("status_5xx", {"status": 502}, 502, 0),
        ("accept_then_500", {}, 500, 1),
        ("fail_permanently", {}, 403, 0),
        ("fail_permanently", {"error_code": 400}, 400, 0),
        ("bad_body", {"body": "no_id"}, 200, 1),
    ],
)
async def test_effects_on_telegram(api: Api, effect: str, besides: dict[str, Any], status: int, accepted: int) -> None:
    await api.call("PUT", f"chats/{CHAT}", {"bot": api.bot})
    await api.fault("telegram", effect, {"to": str(CHAT)}, **besides)
    assert (await send_chat(api))[0] == status
    assert len(await api.chat_ledger("id")) == accepted


async def test_a_fault_strikes_other_methods_only_when_told(api: Api) -> None:
    fault = await api.fault("telegram", "status_5xx")
    async with api.session.get(f"{api.url}/bot{api.bot}/getMe") as answer:
        assert answer.status == 200
    await api.call("DELETE", f"faults/{fault}", expect=204)
    await api.fault("telegram", "status_5xx", {"method": "getMe"})
    async with api.session.get(f"{api.url}/bot{api.bot}/getMe") as answer:
        assert answer.status == 503


@pytest.mark.parametrize(
    ("effect", "besides", "statuses"),
    [
        ("lose_receipt", {}, []),
        ("duplicate_receipt", {}, ["queued", "queued", "sent", "sent", "delivered", "delivered"]),
        ("shuffle_receipts", {}, ["delivered", "sent", "queued"]),
        ("late_receipt", {"ms": 30}, ["queued", "sent", "delivered"]),
        ("fail_permanently", {"error_code": 30003}, ["queued", "sent", "undelivered"]),
        ("fail_permanently", {"error_code": 30001}, ["queued", "failed"]),
    ],
)
async def test_effects_on_receipts(
    api: Api, listener: Listener, effect: str, besides: dict[str, Any], statuses: list[str]
) -> None:
    await api.fault("twilio", effect, {"first": 1}, **besides)
    await send_sms(api, StatusCallback=listener.url)
    await listener.until(len(statuses))
    await send_sms(api, To="+86100000000002", StatusCallback=listener.url)
    heard = await listener.until(len(statuses) + 3)
    assert [h.form["MessageStatus"] for h in heard if h.form["To"] == PHONE] == statuses
    codes = {h.form.get("ErrorCode") for h in heard if h.form["MessageStatus"] in ("undelivered", "failed")}
    assert codes <= {str(besides.get("error_code"))}


async def test_a_receipt_may_come_before_the_answer(api: Api, listener: Listener) -> None:
    await api.fault("twilio", "hang_after_accept", ms=300)
    await send_sms(api, StatusCallback=listener.url)
    assert len(listener.heard) == 3


async def test_a_fault_ends_after_its_count_and_can_be_taken_away(api: Api) -> None:
    await api.fault("twilio", "status_5xx", count=2)
    assert [await try_sms(api) for _ in range(3)] == [503, 503, 201]
    await api.fault("twilio", "status_429")
    assert await try_sms(api) == 429
    await api.call("DELETE", f"faults?account={api.account}", expect=204)
    assert await try_sms(api) == 201


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"provider": "twilio", "effect": "explode"},
        {"provider": "pigeon", "effect": "delay"},
        {"provider": "telegram", "effect": "lose_receipt"},
        {"provider": "twilio", "effect": "bad_body", "body": "poem"},
        {"provider": "twilio", "effect": "delay", "ms": "soon"},
        {"provider": "twilio", "effect": "status_429", "retry_after": ["soon"]},
        {"provider": "twilio", "effect": "delay", "match": {"nth": 0}},
        {"provider": "twilio", "effect": "delay", "match": {"moon": "full"}},
        {"provider": "twilio", "effect": "delay", "sms": 5},
        {"provider": "twilio", "effect": "status_5xx", "status": 200},
    ],
)
async def test_senseless_faults_are_refused(api: Api, body: dict[str, Any]) -> None:
    answer = await api.call("POST", "faults", body, expect=400)
    assert answer["error"]


async def test_latency(api: Api) -> None:
    assert (await api.call("PUT", "latency", {"twilio": 1}))["twilio"] == 1
    assert await try_sms(api) == 201
    await api.call("PUT", "latency", {"twilio": 0})


async def test_the_books_of_a_bad_hour_balance(api: Api) -> None:
    """Whatever the caller saw: the ledger holds what was accepted, and each acceptance is delivered."""
    await api.fault("twilio", "reset_after_accept", probability=0.3, seed=1)
    await api.fault("twilio", "status_5xx", probability=0.3, seed=2)
    seen = [await try_sms(api) for _ in range(30)]
    assert set(seen) == {201, 503, "reset"}
    accepted = len(await api.ledger("id"))
    assert accepted == seen.count(201) + seen.count("reset")

    async def delivered() -> bool:
        return (await api.ledger("status")).count(["delivered"]) == accepted

    await wait_until(delivered)


async def test_a_lost_webhook_of_an_sms_is_never_posted_and_the_message_is_listed(api: Api, listener: Listener) -> None:
    account = f"twilio/accounts/{api.account}"
    await api.call("PUT", account, {"sender": NUMBER, "inbound_url": f"{listener.url}/in#rp=all&rc=5"})
    await api.fault("twilio", "lose_webhook", {"to": PHONE})
    lost = await api.sms(PHONE, "lost")
    heard = await api.sms("+86100000000002", "heard")
    assert (lost["webhook_status"], heard["webhook_status"]) == (None, 200)
    assert [h.form["Body"] for h in listener.heard] == ["heard"]
    url = f"{api.url}/2010-04-01/Accounts/{api.account}/Messages.json"
    headers = {"Authorization": aiohttp.encode_basic_auth(api.account, TOKEN)}
    params = {"To": NUMBER, "DateSent>": "2020-01-01", "PageSize": "1"}
    async with api.session.get(url, params=params, headers=headers) as answer:
        page = await answer.json()
    assert [(m["direction"], m["status"], m["body"]) for m in page["messages"]] == [("inbound", "received", "heard")]
    async with api.session.get(f"{api.url}{page['next_page_uri']}", headers=headers) as answer:
        last = await answer.json()
    assert [(m["sid"], m["from"], m["to"]) for m in last["messages"]] == [(lost["sid"], PHONE, NUMBER)]
    assert last["next_page_uri"] is None
    assert await try_sms(api) == 201, "nothing else is struck"


async def test_lost_webhooks_of_a_chat_wait(api: Api, listener: Listener) -> None:
    fault = await api.fault("telegram", "lose_webhook", count=2)
    await api.call("PUT", f"chats/{CHAT}", {"bot": api.bot})
    async with api.session.get(f"{api.url}/bot{api.bot}/setWebhook", params={"url": listener.url}) as answer:
        assert (await answer.json())["result"] is True
    await api.call("POST", f"chats/{CHAT}/send", {"bot": api.bot, "text": "x"})
    await listener.until(1)
    assert (await api.call("GET", f"faults/{fault}"))["fired"] == 2
    async with api.session.get(f"{api.url}/bot{api.bot}/getWebhookInfo") as answer:
        info = (await answer.json())["result"]
    assert info["last_error_message"] == "Connection refused"
