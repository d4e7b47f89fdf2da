"""Several lanes of one channel: by prefix, by weight, one for another, answers from where somebody wrote to."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.clock import HandClock
from messaging import inbox, lane_book
from messaging.channel import Arrival
from messaging.lane_book import LaneRules
from models import sql
from models.address import Address
from models.lane import Lane as LaneRow
from models.outgoing import Message
from models.sending import LaneDay
from tests.messaging.conftest import Stage
from tests.messaging.several import SECOND_NUMBER, add_bot, add_number, admin, send_by, senders_of, settle_in

CHINA, HONG_KONG = "+8613800000001", "+85291000001"


async def lane_id(name: str) -> int:
    return (await LaneRow.get(name=name)).id


async def wrote(stage: Stage, name: str, identity: str, channel: str = "sms") -> None:
    """Somebody writes to a lane."""
    arrival = Arrival(channel, f"SM{identity}", identity, "text", "你好")
    assert await inbox.receive(stage.office, await lane_id(name), arrival)


async def change(stage: Stage, name: str, **rules: Any) -> None:
    given = LaneRules(**({"rate": 1000.0} | rules))
    await lane_book.do_change_lane(stage.office, await admin(stage), await lane_id(name), given)


async def test_numbers_go_by_their_prefix_from_their_own_account(stage: Stage) -> None:
    other = await add_number(stage, prefix="+852")
    await stage.say(CHINA, "一")
    await stage.say(HONG_KONG, "二")
    assert (await Address.get(id=await stage.address("sms", HONG_KONG))).route == "+85291"
    assert await send_by(stage, "sms") == 1
    assert await send_by(stage, SECOND_NUMBER) == 1
    assert await senders_of(stage) == {CHINA: "sms", HONG_KONG: SECOND_NUMBER}
    assert [row["to"] for row in await other.ledger()] == [HONG_KONG]
    assert [row["to"] for row in await stage.sandbox.ledger()] == [CHINA]


async def test_addresses_are_divided_by_weight(stage: Stage) -> None:
    await add_number(stage, weight=3)
    for number in range(40):
        await stage.say(f"+86138000000{number:02}", "x")
    assert await send_by(stage, "sms") == 10
    assert await send_by(stage, SECOND_NUMBER) == 30


@pytest.mark.parametrize("trouble", ["off", "held", "unowned"])
async def test_another_lane_takes_over_and_gives_back(stage: Stage, clock: HandClock, trouble: str) -> None:
    await add_number(stage, prefix="+852")
    await stage.say(HONG_KONG, "二")
    if trouble == "off":
        await change(stage, SECOND_NUMBER, prefix="+852", enabled=False)
    elif trouble == "held":
        lane = stage.messaging.lanes[SECOND_NUMBER]
        await lane.note_trouble(stage.office, "20003", lane.hold(stage.office, 60.0))
    else:
        await sql.execute("UPDATE lane SET lease_until = $1 WHERE name = $2", clock.now() - timedelta(1), SECOND_NUMBER)
        stage.messaging.board.forget()
    assert await send_by(stage, SECOND_NUMBER) == 0
    assert await send_by(stage, "sms") == 1
    clock.advance(timedelta(seconds=61))
    await change(stage, SECOND_NUMBER, prefix="+852")
    await settle_in(stage)
    await stage.say(HONG_KONG, "三")
    assert await send_by(stage, "sms") == 0
    assert await send_by(stage, SECOND_NUMBER) == 1


async def test_what_waits_long_for_a_slow_lane_is_taken_by_one_with_nothing_of_its_own(
    stage: Stage, clock: HandClock
) -> None:
    await add_number(stage)
    addresses = [await stage.say(f"+861380000000{number}", "x") for number in range(8)]
    mine = sum(address_id % 2 == 0 for address_id in addresses)
    assert await send_by(stage, "sms") == mine
    assert await send_by(stage, "sms") == 0
    clock.advance(timedelta(seconds=11))
    assert await send_by(stage, "sms") == 8 - mine
    assert await send_by(stage, SECOND_NUMBER) == 0


async def test_an_answer_leaves_by_the_lane_that_was_written_to(stage: Stage, clock: HandClock) -> None:
    await add_number(stage, prefix="+852")
    await wrote(stage, SECOND_NUMBER, CHINA)
    await stage.say(CHINA, "答", category="reply")
    clock.advance(timedelta(seconds=30))
    assert await send_by(stage, "sms") == 0, "not even when it waits"
    assert await send_by(stage, SECOND_NUMBER) == 1
    await stage.say(CHINA, "提醒", category="duty")
    assert await send_by(stage, SECOND_NUMBER) == 0
    assert await send_by(stage, "sms") == 1
    await change(stage, SECOND_NUMBER, prefix="+852", enabled=False)
    await stage.say(CHINA, "再答", category="reply")
    assert await send_by(stage, "sms") == 1


async def test_a_chat_hears_from_its_own_bot_alone(stage: Stage, clock: HandClock) -> None:
    other = await add_bot(stage, "second-secret")
    await stage.sandbox.chat(111)
    await other.chat(222)
    await wrote(stage, "second", "222", "telegram")
    await stage.say("111", "一", channel="telegram")
    await stage.say("222", "二", channel="telegram")
    clock.advance(timedelta(minutes=5))
    assert await send_by(stage, "telegram") == 1
    assert await send_by(stage, "telegram") == 0
    await LaneRow.filter(name="second").update(enabled=False)
    clock.advance(timedelta(minutes=5))
    assert await send_by(stage, "telegram") == 0, "it waits for its bot"
    await LaneRow.filter(name="second").update(enabled=True)
    clock.advance(timedelta(seconds=2))
    assert await send_by(stage, "second") == 1
    assert await senders_of(stage) == {"111": "telegram", "222": "second"}
    assert [row["to"] for row in await other.ledger("telegram")] == ["222"]


async def test_two_lanes_keep_the_order_for_one_person(stage: Stage) -> None:
    await add_number(stage, prefix="+852")
    await wrote(stage, SECOND_NUMBER, CHINA)
    await stage.say(CHINA, "先")
    await stage.say(CHINA, "答", category="reply")
    await Message.filter(category="service").update(state="sending")
    assert await send_by(stage, SECOND_NUMBER) == 0, "another message is on its way there"
    await Message.filter(category="service").update(state="accepted")
    assert await send_by(stage, SECOND_NUMBER) == 1


async def test_a_day_s_limit_holds_moves_the_traffic_and_ends_at_midnight_of_the_agency(
    stage: Stage, clock: HandClock
) -> None:
    await add_number(stage, prefix="+852", cap_day=2)
    for number in range(3):
        await stage.say(f"+8529100000{number}", "x")
    assert await send_by(stage, SECOND_NUMBER) == 2
    assert (await LaneDay.get()).used == 2
    clock.advance(timedelta(seconds=2))
    assert await send_by(stage, SECOND_NUMBER) == 0
    assert await send_by(stage, "sms") == 1
    clock.advance(timedelta(hours=15, minutes=59))  # 23:59 in Shanghai
    await stage.say(HONG_KONG, "x")
    assert await send_by(stage, SECOND_NUMBER) == 0
    await Message.filter(state="queued").update(state="cancelled")
    clock.advance(timedelta(minutes=2))
    await settle_in(stage)
    await stage.say(HONG_KONG, "morgen")
    assert await send_by(stage, "sms") == 0
    assert await send_by(stage, SECOND_NUMBER) == 1


async def test_what_comes_back_does_not_count_against_the_day(stage: Stage) -> None:
    other = await add_number(stage, prefix="+852", cap_day=5)
    await other.fault("status_429", count=1, retry_after=1)
    await stage.say(HONG_KONG, "x")
    await send_by(stage, SECOND_NUMBER)
    assert (await Message.get()).state == "queued"
    assert (await LaneDay.get()).used == 0


async def test_wrong_credentials_hold_the_lane_say_so_and_lose_nothing(stage: Stage) -> None:
    other = await add_number(stage, prefix="+852")
    await replace(other, token="changed").set_up(f"{stage.url}/hooks/twilio/message")
    await stage.say(HONG_KONG, "x")
    await send_by(stage, SECOND_NUMBER)
    row = await LaneRow.get(name=SECOND_NUMBER)
    assert row.last_error == "20003"
    assert row.held_until is not None
    assert stage.messaging.lanes[SECOND_NUMBER].is_held(stage.office)
    assert not stage.messaging.lanes["sms"].is_held(stage.office)
    assert (await Message.get()).state == "queued"
