"""The real twilio SDK against the sandbox."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from tests.sandbox.conftest import TOKEN, Api, Heard, Listener, wait_until

NUMBER = "+15005550001"
PHONE = "+86100000000001"
SERVICE = "MG" + "0" * 32


class RedirectedClient(TwilioHttpClient):  # type: ignore[misc]
    """The SDK's own client with another server in place of Twilio's."""

    def __init__(self, url: str) -> None:
        super().__init__(timeout=5)
        self._url = url

    def request(self, method: str, url: str, *rest: Any, **named: Any) -> Any:
        return super().request(method, url.replace("https://api.twilio.com", self._url), *rest, **named)


class Sdk:
    def __init__(self, api: Api, token: str = TOKEN) -> None:
        self.http = RedirectedClient(api.url)
        self.client = Client(api.account, token, http_client=self.http)

    async def create(self, **values: Any) -> Any:
        values = {"to": PHONE, "from_": NUMBER, "body": "你好"} | values
        return await asyncio.to_thread(self.client.messages.create, **values)

    async def fetch(self, sid: str) -> Any:
        return await asyncio.to_thread(self.client.messages(sid).fetch)

    async def list(self, **values: Any) -> Any:
        return await asyncio.to_thread(self.client.messages.list, **values)


@pytest.fixture
def sdk(api: Api) -> Any:
    sdk = Sdk(api)
    yield sdk
    sdk.http.session.close()


async def refusal(sdk: Sdk, **values: Any) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as caught:
        await sdk.create(**values)
    return caught.value.status, caught.value.code


def is_signed(heard: Heard) -> bool:
    validator = RequestValidator(TOKEN)
    return bool(validator.validate(heard.url, heard.form, heard.headers["X-Twilio-Signature"]))


async def test_a_message_is_created_delivered_and_fetched(api: Api, sdk: Sdk) -> None:
    made = await sdk.create(body="廉" * 71)
    assert (made.status, made.direction, made.from_, made.to) == ("queued", "outbound-api", NUMBER, PHONE)
    assert (made.num_segments, made.num_media, made.error_code) == ("2", "0", None)
    assert made.date_created.tzinfo is not None
    assert made.date_sent is None

    async def delivered() -> bool:
        return bool((await sdk.fetch(made.sid)).status == "delivered")

    await wait_until(delivered)
    assert (await sdk.fetch(made.sid)).date_sent >= made.date_created
    (row,) = await api.ledger("id", "to", "text", "status", "segments")
    assert row == [made.sid, PHONE, "廉" * 71, "delivered", 2]


async def test_a_messaging_service_accepts_first(api: Api, sdk: Sdk) -> None:
    await api.call("PUT", f"twilio/accounts/{api.account}", {"sender": SERVICE, "numbers": [NUMBER]})
    made = await asyncio.to_thread(sdk.client.messages.create, to=PHONE, messaging_service_sid=SERVICE, body="x")
    assert (made.status, made.messaging_service_sid, made.from_, made.num_segments) == ("accepted", SERVICE, None, "0")
    assert await refusal(sdk, from_=None, messaging_service_sid="MG1") == (400, 21705)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"to": ""}, 21604),
        ({"to": "12345"}, 21211),
        ({"to": "+86 139"}, 21211),
        ({"to": "+0123456789"}, 21211),
        ({"from_": None}, 21603),
        ({"from_": "+1"}, 21212),
        ({"from_": PHONE}, 21266),
        ({"from_": "+15005550009"}, 21659),
        ({"from_": "12345"}, 21606),
        ({"from_": "LIANXIN"}, 21606),
        ({"body": ""}, 21602),
        ({"body": " \n"}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"status_callback": "not-a-url"}, 21609),
    ],
)
async def test_refusals(api: Api, sdk: Sdk, values: dict[str, Any], code: int) -> None:
    await api.call("PUT", f"twilio/accounts/{api.account}", {"sender": NUMBER})
    assert await refusal(sdk, **values) == (400, code)
    assert await api.ledger() == []


async def test_credentials(api: Api) -> None:
    wrong = Sdk(api, token="another")
    assert await refusal(wrong) == (401, 20003)
    wrong.http.session.close()
    async with api.session.get(f"{api.url}/2010-04-01/Accounts/{api.account}/Messages.json") as answer:
        assert (answer.status, (await answer.json())["code"]) == (401, 20003)


async def test_an_account_is_made_by_its_first_use(api: Api) -> None:
    stranger = Api(api.url, api.session)
    first, second = Sdk(stranger, token="first"), Sdk(stranger, token="second")
    assert (await first.create()).sid.startswith("SM")
    assert await refusal(second) == (401, 20003)
    await api.call("POST", "reset", {"account": stranger.account}, expect=204)
    for sdk in (first, second):
        sdk.http.session.close()


async def test_what_is_not_there(sdk: Sdk) -> None:
    with pytest.raises(TwilioRestException) as caught:
        await sdk.fetch("SM" + "0" * 32)
    assert (caught.value.status, caught.value.code) == (404, 20404)


async def test_the_list_is_paged_and_filtered(api: Api, sdk: Sdk) -> None:
    await asyncio.gather(*[sdk.create(body=str(n)) for n in range(12)])
    await sdk.create(to="+86100000000002")
    inbound = await api.sms(PHONE, "收到", to=NUMBER)
    both = await sdk.list(page_size=5)
    assert len(both) == 14
    assert (both[0].sid, both[0].direction, both[0].status) == (inbound["sid"], "inbound", "received")
    assert len({m.sid for m in both}) == 14
    assert len(await sdk.list(to=PHONE, page_size=5)) == 12
    assert len(await sdk.list(from_=PHONE)) == 1
    assert len(await sdk.list(to=PHONE, from_="+19")) == 0
    assert len(await sdk.list(limit=3, page_size=2)) == 3


async def test_dates_bound_the_list(sdk: Sdk) -> None:
    made = await sdk.create()
    now, hour = datetime.now(UTC), timedelta(hours=1)
    rows: list[tuple[dict[str, Any], int]] = [
        ({"date_sent": now.date()}, 0),  # the SDK writes a day as its midnight with a time
        ({"date_sent_after": now - hour}, 1),
        ({"date_sent_after": now + hour}, 0),
        ({"date_sent_before": now + hour}, 1),
        ({"date_sent_before": now - hour}, 0),
        ({"date_sent_after": now - hour, "date_sent_before": now + hour, "to": PHONE}, 1),
    ]
    for values, count in rows:
        assert len(await sdk.list(**values)) == count, values
    assert (await sdk.list())[0].sid == made.sid


@pytest.mark.parametrize("query", ["DateSent=yesterday", "PageSize=0", "Page=-1", "PageToken=PAnone"])
async def test_senseless_filters(api: Api, query: str) -> None:
    url = f"{api.url}/2010-04-01/Accounts/{api.account}/Messages.json?{query}"
    auth = aiohttp.encode_basic_auth(api.account, TOKEN)
    async with api.session.get(url, headers={"Authorization": auth}) as answer:
        assert (answer.status, (await answer.json())["code"]) == (400, 20001)


async def test_a_bare_date_is_a_whole_day(api: Api, sdk: Sdk) -> None:
    await sdk.create()
    url = f"{api.url}/2010-04-01/Accounts/{api.account}/Messages.json"
    auth = {"Authorization": aiohttp.encode_basic_auth(api.account, TOKEN)}
    today = datetime.now(UTC).date()
    for query, count in [({"DateSent": str(today)}, 1), ({"DateSent<": str(today)}, 0), ({"DateSent>": str(today)}, 1)]:
        async with api.session.get(url, params=query, headers=auth) as answer:
            assert len((await answer.json())["messages"]) == count


async def test_receipts_are_signed_and_in_order(sdk: Sdk, listener: Listener) -> None:
    made = await sdk.create(status_callback=f"{listener.url}/status/abc?x=1#rp=all&rc=2")
    heard = await listener.until(3)
    assert [h.form["MessageStatus"] for h in heard] == ["queued", "sent", "delivered"]
    assert {h.form["MessageSid"] for h in heard} == {made.sid}
    assert {h.url for h in heard} == {f"{listener.url}/status/abc?x=1"}
    assert all(is_signed(h) for h in heard)


async def test_an_inbound_message_reaches_the_webhook(api: Api, sdk: Sdk, listener: Listener) -> None:
    await api.call("PUT", f"twilio/accounts/{api.account}", {"inbound_url": f"{listener.url}/in", "sender": NUMBER})
    sent = await api.sms(PHONE, "投诉：等了四个钟")
    (heard,) = listener.heard
    assert sent["webhook_status"] == 200
    assert is_signed(heard)
    form = heard.form
    assert (form["From"], form["To"], form["Body"]) == (PHONE, NUMBER, "投诉：等了四个钟")
    assert form["MessageSid"] == form["SmsSid"] == form["SmsMessageSid"] == sent["sid"]
    assert (form["NumMedia"], form["NumSegments"], form["AccountSid"]) == ("0", "1", api.account)
    assert "OptOutType" not in form
    again = await api.sms(PHONE, "", sid=sent["sid"])
    assert again["sid"] == sent["sid"]
    assert [h.form["Body"] for h in listener.heard] == ["投诉：等了四个钟"] * 2
    assert len(await api.phone(PHONE)) == 1


async def test_stop_is_the_carriers(api: Api, sdk: Sdk, listener: Listener) -> None:
    await api.call("PUT", f"twilio/accounts/{api.account}", {"inbound_url": listener.url, "sender": NUMBER})
    await api.sms(PHONE, "Stop")
    assert listener.heard[-1].form["OptOutType"] == "STOP"
    assert await refusal(sdk) == (400, 21610)
    assert (await sdk.create(to="+86100000000002")).status == "queued"
    await api.sms(PHONE, "START")
    assert listener.heard[-1].form["OptOutType"] == "START"
    assert (await sdk.create()).status == "queued"


@pytest.mark.parametrize("sender", [SERVICE, ""])
async def test_stop_covers_a_whole_service(api: Api, sdk: Sdk, sender: str) -> None:
    await api.call("PUT", f"twilio/accounts/{api.account}", {"sender": sender})
    await sdk.create(from_=None, messaging_service_sid=SERVICE)
    await api.sms(PHONE, "STOP")
    assert await refusal(sdk, from_=None, messaging_service_sid=SERVICE) == (400, 21610)


@pytest.mark.parametrize(
    ("fragment", "answers", "tries"),
    [
        ("", [500], [500]),
        ("#rp=all&rc=5", [503, 500, 200], [503, 500, 200]),
        ("#rp=all&rc=1", [503, 500, 200], [503, 500]),
        ("#rp=5xx&rc=3", [403, 200], [403]),
        ("#rp=4xx&rc=3", [403, 204], [403, 204]),
    ],
)
async def test_webhooks_are_repeated_as_the_fragment_says(
    api: Api, listener: Listener, fragment: str, answers: list[int], tries: list[int]
) -> None:
    listener.answers = answers
    await api.call("PUT", f"twilio/accounts/{api.account}", {"inbound_url": f"{listener.url}/in{fragment}"})
    sent = await api.sms(PHONE, "x")
    assert sent["webhook_status"] == tries[-1]
    account = await api.call("GET", f"twilio/accounts/{api.account}")
    assert account["webhooks"][-1]["tries"] == tries
    assert len({h.headers["I-Twilio-Idempotency-Token"] for h in listener.heard}) == 1


async def test_a_dead_webhook_is_tried_twice_and_the_outside_never(api: Api) -> None:
    for url, tries in [("http://127.0.0.1:9/in", ["connect", "connect"]), ("http://192.0.2.1/in", ["outside"])]:
        await api.call("PUT", f"twilio/accounts/{api.account}", {"inbound_url": url})
        assert (await api.sms(PHONE, "x"))["webhook_status"] is None
        account = await api.call("GET", f"twilio/accounts/{api.account}")
        assert account["webhooks"][-1]["tries"] == tries
