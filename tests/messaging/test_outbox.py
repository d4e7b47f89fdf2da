"""The outbox against the sandbox, whose ledger is the oracle, on both databases."""

import asyncio
from datetime import timedelta

import pytest

from core.clock import HandClock
from messaging import claiming, consent, outbox, recording
from messaging.channel import Button, Result, TooLong
from messaging.outbox import NewMessage
from models import sql
from models.outgoing import Attempt, Message
from models.states import Outcome
from tests.messaging.conftest import Stage
from tests.messaging.counting import count_statements

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DRIVER, OFFICER, HEAD = "+8613800000001", "+8613800000002", "+8613800000003"


async def state_of(key: str) -> tuple[str, str | None]:
    message = await Message.get(dedupe_key=key)
    return message.state, message.reason


async def test_a_message_is_said_once_and_the_books_agree(stage: Stage) -> None:
    await stage.say(DRIVER, "您好，已受理。", key="one")
    address = await stage.address("sms", DRIVER)
    again = NewMessage("one", "sms", address, "service", "zh-Hans", "您好，已受理。")
    assert not await outbox.enqueue(stage.office, again)
    assert await stage.send() == 1
    ledger = await stage.sandbox.ledger()
    assert [(row["to"], row["text"]) for row in ledger] == [(DRIVER, "您好，已受理。")]
    books = await outbox.books()
    assert books.balance
    assert (books.planned, books.accepted_ever) == (1, 1)
    message = await Message.get(dedupe_key="one")
    assert message.provider_id == ledger[0]["id"]
    attempt = await Attempt.get(message_id=message.id)
    assert (attempt.outcome, attempt.provider_id) == ("accepted", ledger[0]["id"])


async def test_urgent_first_and_in_order_for_each_address(stage: Stage) -> None:
    for number in range(4):
        await stage.say(DRIVER, f"bulk {number}", category="education")
    await stage.say(DRIVER, "the answer", category="reply")
    assert await stage.send() == 5
    texts = [row["text"] for row in await stage.sandbox.ledger()]
    assert texts == ["the answer", "bulk 0", "bulk 1", "bulk 2", "bulk 3"]


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_what_may_have_gone_out_is_never_said_again(stage: Stage, channel: str) -> None:
    provider = "twilio" if channel == "sms" else "telegram"
    await stage.sandbox.chat(4711)
    await stage.sandbox.fault("lose_receipt")
    await stage.sandbox.fault("accept_then_500", provider, count=1)
    await stage.say(DRIVER if channel == "sms" else "4711", "once", key="once", channel=channel)
    await stage.send(channel)
    assert await state_of("once") == ("unknown", None)
    assert await stage.send(channel) == 0
    assert len(await stage.sandbox.ledger(provider)) == 1
    books = await outbox.books()
    assert books.balance
    assert books.unknown == 1


async def test_a_receipt_settles_what_was_unknown(stage: Stage) -> None:
    await stage.sandbox.fault("accept_then_500", count=1)
    await stage.say(DRIVER, "once", key="once")
    await stage.send()
    await wait_for_state("once", "delivered")
    assert (await outbox.books()).accepted_ever == 1


async def wait_for_state(key: str, state: str) -> None:
    async with asyncio.timeout(5):
        while (await state_of(key))[0] != state:
            await asyncio.sleep(0.02)


async def test_a_refused_connection_is_tried_again_with_growing_pauses(stage: Stage, clock: HandClock) -> None:
    channel = stage.messaging.twilio
    assert channel is not None
    reachable = channel.settings.api_url
    object.__setattr__(channel.settings, "api_url", "http://127.0.0.1:9")
    await stage.say(DRIVER, "at last", key="late")
    assert await stage.send() == 1
    message = await Message.get(dedupe_key="late")
    assert (message.state, message.tries) == ("queued", 1)
    assert message.not_before == clock.now() + timedelta(seconds=5)
    assert await stage.send() == 0
    clock.advance(timedelta(seconds=6))
    assert await stage.send() == 1
    assert (await Message.get(dedupe_key="late")).not_before == clock.now() + timedelta(seconds=10)
    object.__setattr__(channel.settings, "api_url", reachable)
    clock.advance(timedelta(seconds=11))
    assert await stage.send() == 1
    assert len(await stage.sandbox.ledger()) == 1
    assert [a.outcome for a in await Attempt.all().order_by("id")] == ["not_sent", "not_sent", "accepted"]


@ON_SQLITE
async def test_it_gives_up_in_the_end(stage: Stage, clock: HandClock) -> None:
    channel = stage.messaging.twilio
    assert channel is not None
    object.__setattr__(channel.settings, "api_url", "http://127.0.0.1:9")
    await stage.say(DRIVER, "never", key="never")
    await sql.execute("UPDATE message SET tries = 27")
    for _ in range(5):
        await stage.send()
        clock.advance(timedelta(minutes=11))
    assert await state_of("never") == ("failed", "unreachable")
    assert await Attempt.all().count() == 3


async def test_an_unreachable_provider_costs_few_attempts(stage: Stage) -> None:
    channel, sender = stage.messaging.twilio, stage.sender("sms")
    assert channel is not None
    sender.slice_size = 5
    object.__setattr__(channel.settings, "api_url", "http://127.0.0.1:9")
    for number in range(20):
        await stage.say(f"+86138000001{number:02}", "x")
    assert await stage.send() == 5
    assert await Message.filter(state="queued").count() == 20


@ON_SQLITE
@pytest.mark.parametrize(("told", "seconds"), [(3, 3), (None, 1), (999_999, 900)])
@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_429_holds_the_whole_lane_and_costs_no_try(
    stage: Stage, clock: HandClock, channel: str, told: int | None, seconds: int
) -> None:
    provider = "twilio" if channel == "sms" else "telegram"
    await stage.sandbox.chat(4711)
    await stage.sandbox.fault("status_429", provider, count=1, retry_after=told)
    await stage.say(DRIVER if channel == "sms" else "4711", "later", key="later", channel=channel)
    await stage.send(channel)
    message = await Message.get(dedupe_key="later")
    assert (message.state, message.tries, message.not_before) == ("queued", 0, None)
    clock.advance(timedelta(seconds=seconds - 0.5))
    assert await stage.send(channel) == 0
    clock.advance(timedelta(seconds=1))
    assert await stage.send(channel) == 1
    assert len(await stage.sandbox.ledger(provider)) == 1


async def test_what_the_provider_refuses_is_final_and_tells_of_the_address(stage: Stage) -> None:
    await stage.sandbox.fault("fail_permanently", match={"to": DRIVER}, error_code=21610)
    await stage.sandbox.fault("fail_permanently", match={"to": OFFICER}, error_code=21211)
    await stage.sandbox.fault("fail_permanently", match={"to": HEAD}, error_code=21602)
    opted = await stage.say(DRIVER, "x", key="opted")
    await stage.say(OFFICER, "x", key="bad")
    await stage.say(HEAD, "x", key="rejected")
    assert await stage.send() == 3
    assert await state_of("opted") == ("suppressed", "opted_out")
    assert await state_of("bad") == ("failed", "bad_address")
    assert await state_of("rejected") == ("failed", "rejected")
    assert await consent.is_withdrawn(opted, "education")
    await stage.say(OFFICER, "x", key="bad again")
    await stage.send()
    assert await state_of("bad again") == ("suppressed", "bad_address")
    assert (await outbox.books()).balance


@ON_SQLITE
async def test_a_chat_that_blocked_the_bot_opted_out(stage: Stage) -> None:
    await stage.sandbox.chat(4711)
    await stage.sandbox.call("POST", "chats/4711/block", bot=stage.sandbox.bot, blocked=True)
    address = await stage.say("4711", "x", key="blocked", channel="telegram")
    await stage.say("4712", "x", key="nobody", channel="telegram")
    await stage.send("telegram")
    assert await state_of("blocked") == ("suppressed", "opted_out")
    assert await state_of("nobody") == ("failed", "bad_address")
    assert await consent.is_withdrawn(address, "survey")


async def test_opting_out_stops_mailings_but_neither_answers_nor_duty(stage: Stage) -> None:
    address = await stage.address("sms", DRIVER)
    await consent.withdraw(stage.office, address, "word")
    for category in ("education", "survey", "family", "reply", "duty", "service"):
        await stage.say(DRIVER, category, key=category, category=category)
    await stage.send()
    assert [row["text"] for row in await stage.sandbox.ledger()] == ["reply", "duty", "service"]
    assert await state_of("survey") == ("suppressed", "opted_out")
    await consent.give(stage.office, address, "word")
    await stage.say(DRIVER, "again", category="survey")
    await stage.send()
    assert (await stage.sandbox.ledger())[-1]["text"] == "again"


async def test_quiet_hours_hold_mailings_only(stage: Stage, clock: HandClock) -> None:
    clock.advance(timedelta(hours=14))  # 22:00
    for category in ("education", "reply", "duty"):
        await stage.say(DRIVER, category, category=category)
    await stage.say(DRIVER, "too late", key="late", category="survey", expires_at=clock.now() + timedelta(hours=2))
    await stage.send()
    assert [row["text"] for row in await stage.sandbox.ledger()] == ["reply", "duty"]
    clock.advance(timedelta(hours=10))  # 08:00
    await stage.send()
    assert (await stage.sandbox.ledger())[-1]["text"] == "education"
    assert await state_of("late") == ("expired", "too_late")


async def test_what_waits_for_its_time_and_what_is_out_of_time(stage: Stage, clock: HandClock) -> None:
    await stage.say(DRIVER, "later", key="later", not_before=clock.now() + timedelta(hours=1))
    await stage.say(OFFICER, "gone", key="gone", expires_at=clock.now() + timedelta(minutes=1))
    clock.advance(timedelta(minutes=2))
    assert await outbox.expire(stage.office) == 1
    assert await stage.send() == 0
    clock.advance(timedelta(hours=1))
    assert await stage.send() == 1
    assert await state_of("gone") == ("expired", "too_late")


@ON_SQLITE
@pytest.mark.parametrize(("channel", "most"), [("sms", 1600), ("telegram", 4096)])
async def test_a_text_that_is_too_long_is_refused_before_it_is_planned(stage: Stage, channel: str, most: int) -> None:
    await stage.say("+8613800000001", "长" * most, channel=channel)
    with pytest.raises(TooLong) as caught:
        await stage.say("+8613800000001", "长" * (most + 1), channel=channel)
    assert caught.value.values["length"] == most + 1


@ON_SQLITE
async def test_our_own_number_and_short_codes_get_no_answer(stage: Stage) -> None:
    for number in (stage.sandbox.sender, "10086", "BANK"):
        await stage.say(number, "x", key=number, category="reply")
    await stage.send()
    assert {(m.state, m.reason) for m in await Message.all()} == {("suppressed", "bad_address")}
    assert await stage.sandbox.ledger() == []


@ON_SQLITE
async def test_chat_buttons_a_press_answered_and_a_message_replaced(stage: Stage) -> None:
    await stage.sandbox.chat(4711)
    buttons = [[Button("收到", "ack:1"), Button("退订", "stop")]]
    await stage.say("4711", "请确认。", channel="telegram", buttons=buttons)
    await stage.send("telegram")
    press = await stage.sandbox.call("POST", "chats/4711/press", bot=stage.sandbox.bot, data="ack:1")
    await stage.say(
        "4711",
        "已确认。",
        channel="telegram",
        answers_press=press["callback_query_id"],
        edits_provider_id=str(press["message_id"]),
    )
    await stage.say("4711", "另外……", channel="telegram", answers_press="too-old")
    await stage.send("telegram")
    chat = await stage.sandbox.call("GET", f"chats/4711?bot={stage.sandbox.bot}")
    assert [m["text"] for m in chat["messages"] if m["direction"] == "in"] == ["已确认。", "另外……"]
    path = f"telegram/queries/{press['callback_query_id']}?bot={stage.sandbox.bot}"
    assert (await stage.sandbox.call("GET", path))["answer"] is not None
    assert await Message.filter(state="accepted").count() == 3


@ON_SQLITE
async def test_texts_and_numbers_are_encrypted_in_the_rows(stage: Stage) -> None:
    await stage.say(DRIVER, "秘密的话")
    row = await sql.row("SELECT m.body, a.identity FROM message m JOIN address a ON a.id = m.address_id")
    assert row is not None
    assert "秘密的话".encode() not in bytes(row["body"])
    assert DRIVER.encode() not in bytes(row["identity"])


async def test_a_slice_of_many_costs_as_few_statements_as_a_slice_of_one(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.sandbox.fault("lose_receipt")
    await stage.send()
    for number in range(30):
        await stage.say(f"+86138000001{number:02}", "x")
    counted = count_statements(monkeypatch)
    sender = stage.sender("sms")
    claim = await claiming.claim(stage.office, sender, 50)
    assert (len(claim.claimed), claim.ended) == (30, 0)
    assert len(counted) == (3 if sql.is_postgres() else 4), counted
    counted.clear()
    done = [(each, Result(Outcome.ACCEPTED, "SM1")) for each in claim.claimed]
    await recording.settle(stage.office, sender.lane, done)
    assert len(counted) == (1 if sql.is_postgres() else 2), counted
    assert await Message.filter(state="accepted").count() == 30
