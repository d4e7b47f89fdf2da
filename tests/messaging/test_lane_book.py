"""Lanes added and changed by hand, and the switch that stops all sending."""

import asyncio
import dataclasses
import json
from datetime import timedelta
from typing import Any

import pytest

from core.clock import HandClock
from core.errors import Conflict, NotThere, Refused
from core.office import Office
from core.wake import WakeUps
from messaging import lane_book
from messaging.lane_book import LaneRules, NewLane
from messaging.lanes import Lane, ensure_lane
from models.lane import Lane as LaneRow
from models.org import Person
from models.outgoing import Attempt, Message
from models.sending import LaneDay, SendingAct
from tests.messaging.conftest import Lines, Stage
from tests.messaging.several import add_number, admin, send_by

CREDENTIALS = {"account_sid": "AC77", "auth_token": "secret-77d1", "api_url": "http://127.0.0.1:9"}
NUMBER = NewLane("second", "sms", LaneRules(rate=5.0), "+85220000002", CREDENTIALS)
BOT = NewLane("bot", "telegram", LaneRules(rate=5.0), "", {"token": "1:secret-77d1", "webhook_secret": "s-77d1"})


async def somebody(office: Office) -> int:
    return (await Person.create(name=office.key.encrypt("管理员"))).id


async def test_a_lane_is_added_with_its_secrets_encrypted_and_never_logged(
    db: str, office: Office, lines: Lines
) -> None:
    person = await somebody(office)
    added = await lane_book.do_add_lane(office, person, NUMBER)
    row = await LaneRow.get(id=added)
    assert row.credentials is not None
    assert b"77d1" not in row.credentials
    assert json.loads(office.key.decrypt(row.credentials)) == CREDENTIALS
    act = await SendingAct.get()
    assert (act.person_id, act.act, act.lane_id) == (person, "add_lane", added)
    assert "77d1" not in repr(NUMBER)
    lines.assert_without("77d1", "AC77")


def test_what_a_lane_cannot_be() -> None:
    def refused(new: NewLane) -> str:
        with pytest.raises(Refused) as caught:
            lane_book.check_lane(new)
        return caught.value.key

    def like(base: NewLane = NUMBER, **change: Any) -> NewLane:
        values = {name: getattr(base, name) for name in NewLane.__slots__}
        return NewLane(**(values | change))

    lane_book.check_lane(NUMBER)
    lane_book.check_lane(BOT)
    assert refused(like(channel="fax")) == "lane.bad_channel"
    assert refused(like(name="")) == refused(like(name=" x")) == refused(like(name="a\nb")) == "lane.bad_name"
    assert refused(like(name="sms")) == "lane.name_taken"
    assert refused(like(sender="")) == refused(like(sender="+86 1")) == "lane.bad_sender"
    for rate in (0.0, -1.0, float("nan"), float("inf")):
        assert refused(like(rules=LaneRules(rate=rate))) == "lane.bad_rate"
    for prefix in ("86", "+", "+86138000", "+８６", "+8a"):
        assert refused(like(rules=LaneRules(1.0, prefix=prefix))) == "lane.bad_prefix"
    assert refused(like(BOT, rules=LaneRules(1.0, prefix="+86"))) == "lane.chat_prefix"
    assert refused(like(rules=LaneRules(1.0, weight=0))) == "lane.bad_weight"
    assert refused(like(rules=LaneRules(1.0, cap_day=0))) == "lane.bad_cap"
    assert refused(like(credentials={"account_sid": "AC1"})) == "lane.no_credentials"
    for wrong in ({"pin": "1"}, {"auth_token": "a b"}, {"api_url": "ftp://x"}, {"api_url": "https://"}):
        assert refused(like(credentials=CREDENTIALS | wrong)) == "lane.bad_credentials"


async def test_no_two_lanes_have_a_name_or_a_bot(db: str, office: Office) -> None:
    person = await somebody(office)
    await lane_book.do_add_lane(office, person, NUMBER)
    await lane_book.do_add_lane(office, person, BOT)
    with pytest.raises(Refused, match=r"lane\.name_taken"):
        await lane_book.do_add_lane(office, person, NUMBER)
    for credentials in ({"token": "1:secret-77d1"}, {"token": "2:x", "webhook_secret": "s-77d1"}):
        other = NewLane("other", "telegram", LaneRules(1.0), credentials=credentials)
        with pytest.raises(Refused, match=r"lane\.bot_taken"):
            await lane_book.do_add_lane(office, person, other)
    assert await LaneRow.all().count() == await SendingAct.all().count() == 2


async def test_a_lane_is_changed(db: str, office: Office) -> None:
    person = await somebody(office)
    first, added = await ensure_lane("sms", "+1", 5), await lane_book.do_add_lane(office, person, NUMBER)
    await lane_book.do_change_lane(office, person, added, LaneRules(7.0, "+852", 3, 100, enabled=False))
    row = await LaneRow.get(id=added)
    assert (row.rate, row.prefix, row.weight, row.cap_day, row.enabled) == (7.0, "+852", 3, 100, False)
    await lane_book.do_change_lane(office, person, first, LaneRules(5.0, weight=2))
    with pytest.raises(Refused, match=r"lane\.of_settings"):
        await lane_book.do_change_lane(office, person, first, LaneRules(6.0))
    with pytest.raises(Refused, match=r"lane\.bad_prefix"):
        await lane_book.do_change_lane(office, person, added, LaneRules(6.0, "852"))
    with pytest.raises(NotThere):
        await lane_book.do_change_lane(office, person, 999, LaneRules(6.0))
    await ensure_lane("sms", "+1", 9)  # the next start
    assert (await LaneRow.get(id=first)).weight == 2


async def test_a_change_is_picked_up_without_a_restart(stage: Stage) -> None:
    await add_number(stage)
    before = stage.messaging.open
    added = next(each for each in before.values() if each.spec.name != each.spec.channel)
    await lane_book.do_change_lane(stage.office, await admin(stage), added.spec.id, LaneRules(500.0, "+852"))
    await stage.messaging.refresh()
    changed = stage.messaging.open[added.spec.id]
    assert changed is not added
    assert changed.lane.window.rate == 500.0
    assert all(stage.messaging.open[lane_id] is each for lane_id, each in before.items() if each is not added)


async def test_a_lane_whose_credentials_cannot_be_read_harms_no_other(stage: Stage, lines: Lines) -> None:
    await LaneRow.create(name="broken", channel="sms", rate=1, sender="+1", credentials=b"77d1")
    stage.messaging.board.forget()
    await stage.messaging.refresh()
    await stage.messaging.refresh()
    assert set(stage.messaging.lanes) == {"sms", "telegram"}
    assert str(lines).count("lane.not_opened") == 1


async def test_the_switch_is_set_and_taken_back_once(db: str, office: Office) -> None:
    person = await somebody(office)
    assert not await lane_book.is_stopped()
    with pytest.raises(Conflict, match=r"sending\.not_stopped"):
        await lane_book.do_resume_sending(office, person)
    await lane_book.do_stop_sending(office, person)
    assert await lane_book.is_stopped()
    with pytest.raises(Conflict, match=r"sending\.stopped"):
        await lane_book.do_stop_sending(office, person)
    await lane_book.do_resume_sending(office, person)
    assert not await lane_book.is_stopped()
    assert [act.act for act in await SendingAct.all().order_by("id")] == ["stop_sending", "resume_sending"]


async def test_nothing_leaves_while_sending_is_stopped_answers_neither(stage: Stage) -> None:
    person = await admin(stage)
    await lane_book.do_stop_sending(stage.office, person)
    await stage.say("+8613800000001", "x", category="reply")
    assert await send_by(stage, "sms") == 0
    assert await stage.sandbox.ledger() == []
    await lane_book.do_resume_sending(stage.office, person)
    assert await send_by(stage, "sms") == 1


async def test_another_process_sees_the_switch_within_a_second(db: str, office: Office, clock: HandClock) -> None:
    lane_id = await ensure_lane("sms", "+1", 10)
    lane = Lane(lane_id, "sms", 10, "other", alone=True)
    assert await lane.is_ready(office)
    elsewhere = dataclasses.replace(office, wakes=WakeUps())
    await lane_book.do_stop_sending(elsewhere, await somebody(office))
    clock.advance(timedelta(seconds=1))
    assert not await lane.is_ready(office)
    assert not lane.may_send(office)
    assert lane.is_owned(office), "what came in is still looked for"


async def test_what_was_claimed_goes_back_when_the_switch_is_set_meanwhile(stage: Stage) -> None:
    await add_number(stage, rate=2.0, cap_day=50)
    await LaneRow.filter(name="sms").update(enabled=False)
    stage.messaging.board.forget()
    for number in range(6):
        await stage.say(f"+861380000000{number}", "x")
    sending = asyncio.create_task(send_by(stage, "+85220000002"))
    async with asyncio.timeout(20):
        while not await Attempt.filter(outcome="accepted").exists():
            await asyncio.sleep(0.02)
        await lane_book.do_stop_sending(stage.office, await admin(stage))
        await stage.messaging.refresh()
        await sending
    accepted = await Message.filter(accepted_at__isnull=False).count()
    assert 1 <= accepted < 6
    assert await Message.filter(state="queued", tries=0).count() == 6 - accepted
    assert (await LaneDay.get()).used == accepted
