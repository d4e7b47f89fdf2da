"""Asking the provider about what stayed unknown, against the sandbox, whose ledger is the oracle, on both databases."""

from datetime import timedelta
from typing import Any

import pytest

from core.clock import HandClock, SystemClock
from messaging import asking, claiming, outbox, receipts
from messaging.asking import Asker
from messaging.channel import Report
from messaging.matching import AFTER
from models import sql
from models.campaign import Campaign, Run
from models.outgoing import Attempt, Message
from models.states import MessageState
from tests.messaging.conftest import Lines, Stage
from tests.messaging.test_runs import make_person, make_run

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DRIVER, OFFICER = "+8613800000001", "+8613800000002"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock() -> HandClock:
    """The sandbox dates what it takes by the machine's clock; ours begins there and is moved by hand."""
    return HandClock(SystemClock().now())


@pytest.fixture
async def asker(stage: Stage) -> Asker:
    """Nothing is reported by receipt in these tests."""
    await stage.sandbox.fault("lose_receipt")
    assert stage.messaging.twilio is not None
    return Asker(stage.sender("sms").lane, stage.messaging.twilio)


async def ask(stage: Stage, asker: Asker, clock: HandClock, after: timedelta = MINUTE) -> int:
    """Let time pass, keep the lane, and ask."""
    clock.advance(after)
    assert await asker.lane.is_ready(stage.office)
    return await asking.step(stage.office, asker)


async def states() -> dict[str, str]:
    return {message.dedupe_key: message.state for message in await Message.all()}


async def nobody_was_told_twice(stage: Stage) -> None:
    texts = [(row["to"], row["text"]) for row in await stage.sandbox.ledger()]
    assert len(texts) == len(set(texts))
    assert (await outbox.books()).balance


ACCEPTED: list[dict[str, Any]] = [
    {"effect": "accept_then_500"},
    {"effect": "reset_after_accept"},
    {"effect": "hang_after_accept"},
    {"effect": "bad_body", "body": "html"},
]
NOT_ACCEPTED: list[dict[str, Any]] = [{"effect": "hang_before"}, {"effect": "reset_before"}, {"effect": "status_5xx"}]


@pytest.mark.parametrize("fault", ACCEPTED, ids=str)
async def test_what_was_accepted_is_found(
    stage: Stage, asker: Asker, clock: HandClock, lines: Lines, fault: dict[str, Any]
) -> None:
    await stage.sandbox.fault(**fault, count=1)
    await stage.say(DRIVER, "您好，已受理。", key="m")
    await stage.send()
    assert await states() == {"m": "unknown"}
    assert await ask(stage, asker, clock, MINUTE / 2) == 0, "too early"
    assert await ask(stage, asker, clock) == 1
    ledger = await stage.sandbox.ledger()
    message, attempt = await Message.get(), await Attempt.get()
    assert message.state in ("accepted", "sent", "delivered")
    assert message.accepted_at is not None
    assert [message.provider_id, attempt.provider_id] == [ledger[0]["id"]] * 2
    assert attempt.outcome == "unknown", "an outcome is written once"
    assert await stage.send() == 0
    await nobody_was_told_twice(stage)
    lines.assert_without("已受理", DRIVER, attempt.token, stage.sandbox.token)


@pytest.mark.parametrize("fault", NOT_ACCEPTED, ids=str)
async def test_what_was_not_accepted_is_said_once_in_the_end(
    stage: Stage, asker: Asker, clock: HandClock, fault: dict[str, Any]
) -> None:
    await stage.sandbox.fault(**fault, count=1)
    await stage.say(DRIVER, "您好，已受理。", key="m")
    await stage.send()
    assert await ask(stage, asker, clock) == 0
    assert await states() == {"m": "unknown"}, "one look is not enough"
    assert await ask(stage, asker, clock, 4 * MINUTE) == 0
    assert await states() == {"m": "unknown"}, "too early for the second"
    assert await ask(stage, asker, clock) == 1
    assert await states() == {"m": "queued"}
    assert await stage.send() == 1
    assert await states() == {"m": "accepted"}
    assert [a.outcome for a in await Attempt.all().order_by("id")] == ["unknown", "accepted"]
    assert (await Message.get()).tries == 2
    assert len(await stage.sandbox.ledger()) == 1
    assert (await outbox.books()).balance


async def test_what_the_provider_could_not_deliver_ends_as_by_receipt(
    stage: Stage, asker: Asker, clock: HandClock
) -> None:
    await stage.sandbox.fault("accept_then_500", count=1)
    await stage.say(DRIVER, "x", key="m")
    await stage.send()
    sent = (await stage.messaging.twilio.sent_to(DRIVER)).sent[0]  # type: ignore[union-attr]

    async def undelivered(to: str) -> asking.Listing:
        report = Report("undelivered", MessageState.UNDELIVERED, "30005", sent.provider_id, bad_address=True)
        return asking.Listing([type(sent)(sent.provider_id, sent.text, sent.created_at, True, report)], True)

    object.__setattr__(asker.channel, "sent_to", undelivered)
    assert await ask(stage, asker, clock) == 1
    assert await states() == {"m": "undelivered"}
    assert await sql.value("SELECT bad_code FROM address") == "30005"


async def test_two_alike_both_accepted(stage: Stage, asker: Asker, clock: HandClock) -> None:
    await stage.sandbox.fault("accept_then_500")
    await stage.say(DRIVER, "x", key="one")
    await stage.say(DRIVER, "x", key="two")
    await stage.send()
    assert await ask(stage, asker, clock) == 2
    ids = [a.provider_id for a in await Attempt.all().order_by("id")]
    assert ids == [row["id"] for row in await stage.sandbox.ledger()]
    assert len(set(ids)) == 2


async def test_two_alike_one_accepted_stay_in_doubt(stage: Stage, asker: Asker, clock: HandClock) -> None:
    await stage.sandbox.fault("accept_then_500", match={"nth": 1})
    await stage.sandbox.fault("status_5xx", match={"nth": 2})
    await stage.say(DRIVER, "x", key="one")
    await stage.say(DRIVER, "x", key="two")
    await stage.send()
    for _ in range(8):
        assert await ask(stage, asker, clock, 20 * MINUTE) == 0
    assert await states() == {"one": "unknown", "two": "unknown"}
    assert len(await stage.sandbox.ledger()) == 1
    first = await Attempt.all().order_by("id").first()
    assert first is not None
    report = Report("delivered", MessageState.DELIVERED, None, (await stage.sandbox.ledger())[0]["id"])
    assert await receipts.record(stage.office, first.token, report), "a receipt ends the doubt"
    await ask(stage, asker, clock, 70 * MINUTE)
    assert await ask(stage, asker, clock, 70 * MINUTE) == 1
    assert await states() == {"one": "delivered", "two": "queued"}


async def test_an_accepted_twin_is_not_claimed_again(stage: Stage, asker: Asker, clock: HandClock) -> None:
    await stage.sandbox.fault("status_5xx", match={"nth": 2})
    await stage.say(DRIVER, "x", key="one")
    await stage.say(DRIVER, "x", key="two")
    await stage.send()
    assert await states() == {"one": "accepted", "two": "unknown"}
    await ask(stage, asker, clock)
    assert await ask(stage, asker, clock, 5 * MINUTE) == 1
    assert await stage.send() == 1
    assert await states() == {"one": "accepted", "two": "accepted"}
    assert len({row["id"] for row in await stage.sandbox.ledger()}) == 2


async def test_nothing_is_judged_while_another_message_is_on_its_way_there(
    stage: Stage, asker: Asker, clock: HandClock
) -> None:
    await stage.sandbox.fault("status_5xx", count=1)
    await stage.say(DRIVER, "x", key="unknown")
    await stage.send()
    await stage.say(DRIVER, "x", key="on its way")
    (claimed,) = (await claiming.claim(stage.office, stage.sender("sms"), 1)).claimed
    await stage.sender("sms").channel.send(claimed.outgoing)
    for _ in range(4):
        assert await ask(stage, asker, clock, 6 * MINUTE) == 0
    assert await states() == {"unknown": "unknown", "on its way": "sending"}


TROUBLE: list[dict[str, Any]] = [
    {"effect": "status_5xx"},
    {"effect": "status_429", "retry_after": 30},
    {"effect": "hang_before"},
    {"effect": "reset_before"},
    {"effect": "bad_body", "body": "wrong_json"},
    {"effect": "bad_body", "body": "html"},
    {"effect": "bad_body", "body": "huge"},
]


@ON_SQLITE
@pytest.mark.parametrize("trouble", TROUBLE, ids=str)
async def test_trouble_while_asking_leaves_it_as_it_is(
    stage: Stage, asker: Asker, clock: HandClock, trouble: dict[str, Any]
) -> None:
    await stage.sandbox.fault("accept_then_500", count=1)
    await stage.say(DRIVER, "x", key="m")
    await stage.send()
    fault = await stage.sandbox.fault(**trouble, match={"method": "list"})
    for _ in range(3):
        assert await ask(stage, asker, clock, 20 * MINUTE) == 0
        assert await asking.step(stage.office, asker) == 0, "held"
    assert await states() == {"m": "unknown"}
    assert (await Attempt.get()).absent_at is None
    await stage.sandbox.call("DELETE", f"faults/{fault['id']}")
    assert await ask(stage, asker, clock, 70 * MINUTE) == 1
    await nobody_was_told_twice(stage)


async def test_the_provider_is_down_for_an_hour(stage: Stage, asker: Asker, clock: HandClock) -> None:
    channel = stage.messaging.twilio
    assert channel is not None
    await stage.sandbox.fault("accept_then_500", match={"to": DRIVER})
    await stage.sandbox.fault("status_5xx", match={"to": OFFICER}, count=1)
    await stage.say(DRIVER, "x", key="taken")
    await stage.say(OFFICER, "x", key="not taken")
    await stage.send()
    reachable = channel.settings.api_url
    object.__setattr__(channel.settings, "api_url", "http://127.0.0.1:9")
    for _ in range(6):
        assert await ask(stage, asker, clock, 10 * MINUTE) == 0
    object.__setattr__(channel.settings, "api_url", reachable)
    for _ in range(4):
        await ask(stage, asker, clock, 70 * MINUTE)
        await stage.send()
    assert (await states())["not taken"] == "accepted"
    assert (await states())["taken"] in ("accepted", "sent", "delivered")
    await nobody_was_told_twice(stage)


@ON_SQLITE
async def test_a_long_list_is_read_page_by_page(stage: Stage, asker: Asker, clock: HandClock) -> None:
    await stage.sandbox.fault("accept_then_500", match={"nth": 1})
    for number in range(120):
        await stage.say(DRIVER, f"{number}", key=f"m{number}")
    await stage.send()
    listing = await asker.channel.sent_to(DRIVER)
    assert listing.is_complete
    assert len({sent.provider_id for sent in listing.sent}) == 120
    assert await ask(stage, asker, clock) == 1
    assert "unknown" not in (await states()).values()


@ON_SQLITE
async def test_after_a_day_it_stays_unknown(stage: Stage, asker: Asker, clock: HandClock) -> None:
    await stage.sandbox.fault("accept_then_500", count=1)
    await stage.say(DRIVER, "x", key="m")
    await stage.send()
    assert await ask(stage, asker, clock, timedelta(hours=24, seconds=1)) == 0
    assert await states() == {"m": "unknown"}


RUNS = [
    # the run and its campaign meanwhile, where an absent message goes, and where it ends
    ("sending", "active", "queued", "accepted"),
    ("finished", "finished", "queued", "accepted"),
    ("paused", "paused", "queued", "queued"),
    ("cancelled", "cancelled", "queued", "cancelled"),
    ("finished", "paused", "unknown", "unknown"),
    ("finished", "cancelled", "unknown", "unknown"),
]


@pytest.mark.parametrize(("run", "campaign", "goes", "ends"), RUNS)
async def test_a_run_that_was_stopped_meanwhile(
    stage: Stage, asker: Asker, clock: HandClock, run: str, campaign: str, goes: str, ends: str
) -> None:
    await stage.sandbox.fault("status_5xx", count=1)
    await make_run(stage, "sending", await make_person(stage))
    await Message.all().update(category="duty")  # whatever the hour of this test is
    await Run.all().update(category="duty")
    await stage.send()
    await Run.all().update(state=run)
    await Campaign.all().update(state=campaign)
    await ask(stage, asker, clock)
    await ask(stage, asker, clock, 5 * MINUTE)
    assert (await Message.get()).state == goes
    assert (await Run.get()).state == ("sending" if run == campaign == "finished" else run), "it has open rows"
    await stage.send()
    assert (await Message.get()).state == ends
    assert (await outbox.books()).balance


@ON_SQLITE
async def test_only_the_owner_of_the_lane_asks(stage: Stage, asker: Asker, clock: HandClock) -> None:
    await stage.sandbox.fault("accept_then_500", count=1)
    await stage.say(DRIVER, "x", key="m")
    await stage.send()
    clock.advance(MINUTE)
    assert await asking.step(stage.office, asker) == 0


@ON_SQLITE
async def test_a_list_that_leads_elsewhere_is_not_followed(stage: Stage, asker: Asker) -> None:
    assert stage.messaging.twilio is not None
    with pytest.raises(ValueError, match="not ours"):
        await stage.messaging.twilio._page("@elsewhere.example/Messages.json", None)


def test_a_request_may_travel_as_long_as_it_is_waited_for() -> None:
    assert AFTER <= asking.AGAIN, "the second look sees what may still come after the first"
