"""Metrics: who may read them, what they say, how many queries they cost, and that they hold nothing personal."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from prometheus_client.parser import text_string_to_metric_families

from core.clock import HandClock
from core.office import Office
from models.inbound import Inbound
from models.lane import Lane as LaneRow
from models.outgoing import Message, Receipt
from models.sending import Incident
from service import metrics
from tests.console.test_queries import counted
from tests.messaging.test_incidents import lane, message, tried

TOKEN = "a-metrics-token"
QUERIES = 9


class Counted:
    """A lane of this process."""

    id = 7
    outcomes = Counter({("rejected", "21211"): 2})


@pytest.fixture
async def url(db: str, office: Office) -> AsyncIterator[str]:
    app = web.Application()
    app.add_routes(metrics.routes(office, lambda: [Counted()], TOKEN))
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    yield str(server.make_url("/metrics"))
    await server.close()


async def read(url: str) -> dict[tuple[str, ...], float]:
    async with ClientSession() as session, session.get(url) as got:
        assert got.status == 200
        assert got.headers["Content-Type"].startswith("text/plain; version=")
        text = await got.text()
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {(sample.name, *(sample.labels[each] for each in sorted(sample.labels))): sample.value for sample in samples}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "lianxin.example.gov"}, 404),
        ({"X-Forwarded-For": "203.0.113.9"}, 404),
        ({"Host": "lianxin.example.gov", "Authorization": f"Bearer {TOKEN}"}, 200),
        ({"Host": "lianxin.example.gov", "Authorization": "Bearer wrong"}, 404),
        ({"Host": "lianxin.example.gov", "Authorization": "Bearer "}, 404),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_only_this_machine_and_the_bearer_of_the_token(url: str, headers: dict[str, str], status: int) -> None:
    async with ClientSession() as session, session.get(url, headers=headers) as got:
        assert got.status == status


async def test_what_they_say(url: str, office: Office, clock: HandClock) -> None:
    sms, chat = await lane(office, cap_day=100), await lane(office, "telegram")
    first = await message(office, "a")
    clock.advance(timedelta(minutes=7))
    await message(office, "b")
    done, unclear = await message(office, "c"), await message(office, "d", "telegram")
    attempt = await tried(office, sms, done, "accepted")
    await Message.filter(id=done.id).update(state="accepted", segments=3)
    await Message.filter(id=unclear.id).update(state="unknown")
    await Receipt.create(attempt_id=attempt.id, status="sent", received_at=clock.now())
    await Inbound.create(
        lane_id=sms.id,
        provider_id="1",
        channel="sms",
        address_id=first.address_id,
        kind="text",
        received_at=clock.now(),
    )
    await Incident.create(sort="unsettled", opened_at=clock.now(), last_at=clock.now())
    await LaneRow.filter(id=chat.id).update(held_until=clock.now() + timedelta(seconds=30))
    clock.advance(timedelta(seconds=10))
    says = await read(url)
    mine, other = ("sms", str(sms.id), "sms"), ("telegram", str(chat.id), "telegram")
    expected = {
        ("lianxin_database_up",): 1,
        ("lianxin_messages", "sms", "queued"): 2,
        ("lianxin_messages", "telegram", "unknown"): 1,
        ("lianxin_oldest_queued_seconds", "sms"): 430,
        ("lianxin_lane_owned", *mine): 1,
        ("lianxin_lane_rate", *mine): 10,
        ("lianxin_lane_rate_achieved", *mine): 3 / 60,
        ("lianxin_lane_limit_today", *mine): 100,
        ("lianxin_lane_held_seconds", *other): 20,
        ("lianxin_lane_last_accepted_seconds", *mine): 10,
        ("lianxin_last_receipt_seconds",): 10,
        ("lianxin_inbound_waiting",): 1,
        ("lianxin_inbound_oldest_seconds",): 10,
        ("lianxin_incidents_open", "unsettled"): 1,
        ("lianxin_incidents_open", "lane_refused"): 0,
        ("lianxin_attempts_total", "21211", "7", "rejected"): 2,
        ("lianxin_sending_stopped",): 0,
        ("lianxin_processes",): 0,
    }
    assert {key: says.get(key) for key in expected} == expected
    assert ("lianxin_lane_limit_today", *other) not in says
    assert says["process_resident_memory_bytes",] > 0
    async with ClientSession() as session, session.get(url) as got:
        text = await got.text()
    assert not [each for each in ("+8613800000009", "hello", TOKEN) if each in text]


async def test_a_scrape_makes_a_fixed_number_of_queries(
    url: str, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        on = await lane(office, name=str(number))
        await tried(office, on, await message(office, f"m{number}"), "accepted")
    with counted(monkeypatch) as seen:
        await read(url)
    assert len(seen) == QUERIES
    whole = [each for each in seen if "FROM message" in each and "state = '" not in each]
    assert whole == [], "each reads a partial index"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_database_that_does_not_answer_is_said(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken() -> None:
        raise OSError("gone")

    monkeypatch.setattr("models.sending_queries.queued", broken)
    says = await read(url)
    assert says["lianxin_database_up",] == 0
    assert says["process_resident_memory_bytes",] > 0
