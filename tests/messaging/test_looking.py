"""Looking through the provider's list for what no webhook brought, against the sandbox, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from core.clock import HandClock, SystemClock
from core.office import Office
from messaging import inbound_list, inbox, looking, twilio_sms
from messaging.inbox import InboundRow
from messaging.looking import Looker
from messaging.twilio_sms import TwilioSettings
from models import looking_queries, sql
from models.inbound import Inbound
from tests.messaging.conftest import Lines, Stage, staged
from tests.messaging.failing import second_receive_fails
from tests.messaging.sandbox_client import SandboxClient

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DRIVER, OFFICER, SERVICE = "+8613800000001", "+8613800000002", "MG" + "5" * 32
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def clock() -> HandClock:
    """The sandbox dates what it takes by the machine's clock; ours begins there and is moved by hand."""
    return HandClock(SystemClock().now())


async def begin(stage: Stage) -> Looker:
    """Look for the first time, and lose every webhook from now on."""
    sender = stage.sender("sms")
    looker = looking.looker_for(sender.lane, sender.channel)
    assert looker is not None
    assert await looker.lane.is_ready(stage.office)
    assert await looking.step(stage.office, looker) == 0
    await stage.sandbox.fault("lose_webhook")
    return looker


@pytest.fixture
async def looker(stage: Stage) -> Looker:
    return await begin(stage)


async def look(stage: Stage, looker: Looker, clock: HandClock, after: timedelta = 6 * MINUTE) -> int:
    """Let time pass, keep the lane, and look."""
    clock.advance(after)
    assert await looker.lane.is_ready(stage.office)
    return await looking.step(stage.office, looker)


async def text(stage: Stage, said: str, phone: str = DRIVER, **more: str) -> Any:
    """Send an SMS to us; return what the phone is told."""
    return await stage.sandbox.call("POST", f"phones/{phone}/send", account=stage.sandbox.account, text=said, **more)


async def handled(stage: Stage) -> list[str | None]:
    """Handle everything that came in; return the texts in order."""
    seen: list[str | None] = []

    async def handle(row: InboundRow) -> None:
        seen.append(row.text)

    while await inbox.step(stage.office, handle):
        pass
    return seen


async def in_the_past(stage: Stage, ago: timedelta) -> None:
    """Let the sandbox date what comes now so long ago (later, where it is less than nothing)."""
    await stage.sandbox.call("PUT", "clock", offset_s=-int(ago.total_seconds()))


@pytest.fixture
async def sandbox(sandbox: SandboxClient) -> AsyncIterator[SandboxClient]:
    """The same, whose clock is right again afterwards."""
    yield sandbox
    await sandbox.call("PUT", "clock", offset_s=0)


async def test_a_lost_message_is_found_once_and_its_late_webhook_changes_nothing(
    stage: Stage, looker: Looker, clock: HandClock, lines: Lines
) -> None:
    sid = (await text(stage, "投訴 窗口排隊三小時"))["sid"]
    assert await handled(stage) == []
    assert await look(stage, looker, clock) == 1
    assert (await Inbound.get()).provider_id == sid
    assert await handled(stage) == ["投訴 窗口排隊三小時"]
    for _ in range(3):
        assert await look(stage, looker, clock) == 0
    await stage.sandbox.call("DELETE", f"faults?account={stage.sandbox.account}")
    assert (await text(stage, "", sid=sid))["webhook_status"] == 200
    assert await Inbound.all().count() == 1
    assert await handled(stage) == []
    lines.assert_without("窗口", DRIVER, DRIVER[1:], stage.sandbox.token, stage.sandbox.sender)


async def test_what_was_lost_is_handled_in_the_order_in_which_it_was_said(
    stage: Stage, looker: Looker, clock: HandClock
) -> None:
    said = ["投訴", "一號窗口", "昨天", "SKIP"]
    for each in said:
        await text(stage, each)
    assert await look(stage, looker, clock) == 4
    assert await handled(stage) == said


async def test_what_a_webhook_brought_is_left_alone(stage: Stage, looker: Looker, clock: HandClock) -> None:
    await stage.sandbox.call("DELETE", f"faults?account={stage.sandbox.account}")
    await text(stage, "一")
    await stage.sandbox.fault("lose_webhook", count=1)
    await text(stage, "二")
    await text(stage, "三")
    assert await look(stage, looker, clock) == 1
    assert await handled(stage) == ["一", "三", "二"]


async def test_what_is_younger_than_a_minute_is_left_to_its_webhook(
    stage: Stage, looker: Looker, clock: HandClock
) -> None:
    clock.advance(6 * MINUTE)
    await in_the_past(stage, -6 * MINUTE)
    await text(stage, "一")
    assert await look(stage, looker, clock, MINUTE / 2) == 0
    assert await look(stage, looker, clock, 5 * MINUTE) == 1


async def test_it_looks_every_five_minutes_and_as_soon_as_the_lane_is_ours_again(
    stage: Stage, looker: Looker, clock: HandClock
) -> None:
    await text(stage, "一")
    assert await look(stage, looker, clock, 4 * MINUTE) == 0
    await looker.lane.release()
    assert await looking.step(stage.office, looker) == 0
    assert await look(stage, looker, clock, timedelta()) == 1


@ON_SQLITE
async def test_what_came_before_the_first_look_is_not_ours(stage: Stage, clock: HandClock) -> None:
    await stage.sandbox.fault("lose_webhook")
    await in_the_past(stage, 30 * MINUTE)
    await text(stage, "an den, der die Nummer vorher hatte")
    await in_the_past(stage, timedelta())
    looker = await begin(stage)
    assert await look(stage, looker, clock) == 0


async def test_three_days_away(stage: Stage, looker: Looker, clock: HandClock) -> None:
    for number in range(3):
        await in_the_past(stage, -number * DAY)
        await text(stage, f"day {number}")
    assert await look(stage, looker, clock, 2 * DAY + 23 * HOUR) == 3
    assert await handled(stage) == ["day 0", "day 1", "day 2"]


@ON_SQLITE
async def test_what_is_older_than_three_days_is_not_answered_any_more(
    stage: Stage, looker: Looker, clock: HandClock
) -> None:
    for number in range(5):
        await in_the_past(stage, -number * DAY)
        await text(stage, f"day {number}")
    assert await look(stage, looker, clock, 4 * DAY + HOUR) == 3
    assert await handled(stage) == ["day 2", "day 3", "day 4"]


async def test_what_is_listed_late_is_found_within_the_hour(stage: Stage, looker: Looker, clock: HandClock) -> None:
    assert await look(stage, looker, clock, HOUR) == 0
    await in_the_past(stage, -50 * MINUTE)
    await text(stage, "late")
    assert await look(stage, looker, clock) == 1


@ON_SQLITE
async def test_a_clock_that_was_wrong_for_a_while(stage: Stage, looker: Looker, clock: HandClock) -> None:
    right = clock.now()
    assert await look(stage, looker, clock, 365 * DAY) == 0
    await text(stage, "一")
    clock.move_to(right + 2 * MINUTE)
    assert await look(stage, looker, clock) == 1


async def test_a_thousand_messages(
    stage: Stage, looker: Looker, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio_sms, "INBOUND_PAGE", 250)
    for first in range(0, 1000, 50):
        await asyncio.gather(*[text(stage, str(n), f"+86139{n:08}") for n in range(first, first + 50)])
    assert await look(stage, looker, clock) == 1000
    assert await sql.value("SELECT count(DISTINCT provider_id) FROM inbound") == 1000
    ids = {row["provider_id"] for row in await sql.rows("SELECT provider_id FROM inbound")}
    assert len(await looking_queries.known("sms", [*ids, "SM0"])) == 1000
    assert await look(stage, looker, clock) == 0


@ON_SQLITE
async def test_more_than_the_pages_that_are_read(
    stage: Stage, looker: Looker, clock: HandClock, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio_sms, "INBOUND_PAGE", 1)
    monkeypatch.setattr(inbound_list, "MOST_PAGES", 2)
    for each in "一二三":
        await text(stage, each)
    assert await look(stage, looker, clock) == 2
    assert await handled(stage) == ["二", "三"]
    assert "looking.too_many" in str(lines)


TROUBLE: list[dict[str, Any]] = [
    {"effect": "status_5xx"},
    {"effect": "status_429", "retry_after": 30},
    {"effect": "hang_before"},
    {"effect": "reset_before"},
    {"effect": "bad_body", "body": "wrong_json"},
    {"effect": "bad_body", "body": "html"},
    {"effect": "bad_body", "body": "huge"},
    {"effect": "bad_body", "body": "cut"},
]


@ON_SQLITE
@pytest.mark.parametrize("trouble", TROUBLE, ids=str)
async def test_the_provider_in_trouble(
    stage: Stage, looker: Looker, clock: HandClock, lines: Lines, trouble: dict[str, Any]
) -> None:
    await text(stage, "一")
    fault = await stage.sandbox.fault(**trouble, match={"method": "list"})
    for _ in range(3):
        assert await look(stage, looker, clock) == 0
        assert await looking.step(stage.office, looker) == 0, "held"
    assert (await stage.sandbox.call("GET", f"faults/{fault['id']}"))["fired"] >= 3
    await stage.sandbox.call("DELETE", f"faults/{fault['id']}")
    assert await look(stage, looker, clock, MINUTE) == 1
    lines.assert_without(DRIVER, DRIVER[1:], stage.sandbox.token, stage.sandbox.sender, stage.sandbox.account)


async def test_the_provider_is_down_for_a_day(stage: Stage, looker: Looker, clock: HandClock) -> None:
    await text(stage, "一")
    channel = stage.messaging.twilio
    assert channel is not None
    reachable = channel.settings.api_url
    object.__setattr__(channel.settings, "api_url", "http://127.0.0.1:9")
    for _ in range(4):
        assert await look(stage, looker, clock, 6 * HOUR) == 0
    object.__setattr__(channel.settings, "api_url", reachable)
    assert await look(stage, looker, clock, MINUTE) == 1


@ON_SQLITE
async def test_only_the_owner_of_the_lane_looks(stage: Stage, looker: Looker, clock: HandClock) -> None:
    await text(stage, "一")
    clock.advance(6 * MINUTE)
    assert await looking.step(stage.office, looker) == 0


async def test_the_database_goes_away_in_the_middle(
    stage: Stage, looker: Looker, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in "一二三":
        await text(stage, each)
    with second_receive_fails(monkeypatch), pytest.raises(OSError, match="no database"):
        await look(stage, looker, clock)
    assert await look(stage, looker, clock, timedelta()) == 2
    assert await handled(stage) == ["一", "二", "三"]


@ON_SQLITE
async def test_a_messaging_service_takes_what_is_its_own(
    db: str, office: Office, sandbox: SandboxClient, session: aiohttp.ClientSession, clock: HandClock
) -> None:
    twilio = TwilioSettings(sandbox.account, sandbox.token, SERVICE, sandbox.url, 1000, 1.0)
    async with staged(office, sandbox, session, twilio) as stage:
        await sandbox.set_up(f"{stage.url}/hooks/twilio/message")
        path = f"twilio/accounts/{sandbox.account}"
        await sandbox.call("PUT", path, sender=SERVICE, numbers=["+8657100000002"])
        looker = await begin(stage)
        await stage.say(OFFICER, "x")
        assert await stage.send() == 1
        await text(stage, "一")
        await sandbox.call("PUT", path, sender="", numbers=[])
        await text(stage, "for another desk", OFFICER, to="+8657100000009")
        assert await look(stage, looker, clock) == 1
        assert await handled(stage) == ["一"]


def payload(**change: Any) -> dict[str, Any]:
    """Return a message as the vendor documents it."""
    return {
        "account_sid": "AC",
        "api_version": "2010-04-01",
        "body": "一",
        "date_created": "Thu, 24 Aug 2023 05:01:45 +0000",
        "date_sent": "Thu, 24 Aug 2023 05:01:45 +0000",
        "date_updated": "Thu, 24 Aug 2023 05:01:45 +0000",
        "direction": "inbound",
        "error_code": None,
        "error_message": None,
        "from": DRIVER,
        "num_media": "0",
        "num_segments": "1",
        "price": None,
        "price_unit": None,
        "messaging_service_sid": None,
        "sid": "SM1",
        "status": "received",
        "subresource_uris": {"media": "/2010-04-01/Accounts/AC/Messages/SM1/Media.json"},
        "to": "+8657100000001",
        "uri": "/2010-04-01/Accounts/AC/Messages/SM1.json",
    } | change


MESSAGES: list[tuple[dict[str, Any], list[tuple[str, str | None]]]] = [
    ({}, [("text", "一")]),
    ({"body": None}, [("other", None)]),
    ({"body": "", "num_media": "1"}, [("other", None)]),
    ({"date_sent": None}, [("text", "一")]),
    ({"from": "BANK"}, [("text", "一")]),
    ({"from": "+86138XXXXXXXX"}, []),
    ({"from": None}, []),
    ({"from": "+" + "8" * 80}, []),
    ({"status": "receiving"}, []),
    ({"direction": "outbound-reply", "status": "delivered"}, []),
    ({"to": "+8657100000009"}, []),
]


@ON_SQLITE
@pytest.mark.parametrize(("change", "expected"), MESSAGES, ids=str)
async def test_messages_as_the_vendor_lists_them(
    stage: Stage, change: dict[str, Any], expected: list[tuple[str, str | None]]
) -> None:
    assert stage.messaging.twilio is not None
    page = stage.messaging.twilio._heard_page({"messages": [payload(**change)], "next_page_uri": None})
    assert [(each.arrival.kind, each.arrival.text) for each in page.heard] == expected
    assert page.newest is not None


@ON_SQLITE
@pytest.mark.parametrize(("leads_to", "asked"), [("itself", 2), ("elsewhere", 1)])
async def test_a_list_that_does_not_end(
    stage: Stage, looker: Looker, clock: HandClock, lines: Lines, leads_to: str, asked: int
) -> None:
    requests: list[str] = []
    sent_at = format_datetime(clock.now())

    async def answer(request: web.Request) -> web.Response:
        requests.append(request.path)
        uri = f"{request.path}?Page=1" if leads_to == "itself" else "//elsewhere.example/Messages.json"
        return web.json_response({"messages": [payload(date_sent=sent_at)], "next_page_uri": uri})

    app = web.Application()
    app.router.add_get("/{rest:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    assert stage.messaging.twilio is not None
    provider = f"http://127.0.0.1:{runner.addresses[0][1]}"
    object.__setattr__(stage.messaging.twilio.settings, "api_url", provider)
    assert await look(stage, looker, clock) == 0
    assert len(requests) == asked
    assert "looking.held" in str(lines)
    await runner.cleanup()


@ON_SQLITE
async def test_refused_credentials_are_named(stage: Stage, looker: Looker, clock: HandClock, lines: Lines) -> None:
    await stage.sandbox.call("PUT", f"twilio/accounts/{stage.sandbox.account}", token="another")
    assert await look(stage, looker, clock) == 0
    assert "http_401" in str(lines)


@ON_SQLITE
async def test_a_name_is_never_written_to(stage: Stage) -> None:
    channel = stage.messaging.twilio
    assert channel is not None
    object.__setattr__(channel.settings, "sender", "CUSTOMS")
    object.__setattr__(channel.settings, "api_url", "http://127.0.0.1:9")
    assert not (await channel.came_in(SystemClock().now().date())).heard
