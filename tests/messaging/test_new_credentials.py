"""Credentials of a lane replaced by hand: by whoever sends, without a restart, and what waited leaves once."""

import asyncio
import json
import uuid
from dataclasses import replace
from typing import Any

import pytest

from core.errors import NotThere, Refused
from core.office import Office
from messaging import lane_book
from messaging.lane_board import LaneBoard
from messaging.lane_book import LaneRules, NewLane
from messaging.lanes import ensure_lane
from messaging.setup import Messaging
from models.address import Address
from models.lane import Lane as LaneRow
from models.org import Person
from models.outgoing import Message
from models.sending import SendingAct
from service.lane_keeper import LaneKeeper
from tests.messaging.conftest import Lines, Stage
from tests.messaging.several import SECOND_NUMBER, add_bot, add_number, admin, send_by, settle_in

NUMBER = NewLane(
    "second",
    "sms",
    LaneRules(rate=5.0),
    "+85220000002",
    {"account_sid": "AC77", "auth_token": "old-77d1", "api_url": "http://127.0.0.1:9"},
)
BOT = NewLane("bot", "telegram", LaneRules(rate=5.0), "", {"token": "1:old-77d1", "webhook_secret": "s-77d1"})
OTHER = NewLane("other", "telegram", LaneRules(rate=5.0), "", {"token": "2:x", "webhook_secret": "s-2"})


async def change(stage: Stage, name: str, **given: str) -> None:
    lane_id = (await LaneRow.get(name=name)).id
    await lane_book.do_change_credentials(stage.office, await admin(stage), lane_id, given)
    await settle_in(stage)


async def kept(office: Office, lane_id: int) -> Any:
    stored = (await LaneRow.get(id=lane_id)).credentials
    assert stored is not None
    assert b"77d1" not in stored
    return json.loads(office.key.decrypt(stored))


async def test_what_is_given_is_replaced_encrypted_and_the_rest_stays(db: str, office: Office, lines: Lines) -> None:
    person = (await Person.create(name=office.key.encrypt("管理员"))).id
    number, bot = [await lane_book.do_add_lane(office, person, each) for each in (NUMBER, BOT)]
    await lane_book.do_change_credentials(office, person, number, {"auth_token": "new-77d1", "api_url": ""})
    assert await kept(office, number) == NUMBER.credentials | {"auth_token": "new-77d1"}
    await lane_book.do_change_credentials(office, person, bot, {"token": "1:new-77d1"})
    assert await kept(office, bot) == {"token": "1:new-77d1", "webhook_secret": "s-77d1"}
    acts = await SendingAct.filter(act="change_credentials").order_by("id")
    assert [(act.person_id, act.lane_id) for act in acts] == [(person, number), (person, bot)]
    lines.assert_without("77d1", "AC77")


async def test_what_cannot_replace_anything(db: str, office: Office) -> None:
    person = (await Person.create(name=office.key.encrypt("管理员"))).id
    number, bot, _ = [await lane_book.do_add_lane(office, person, each) for each in (NUMBER, BOT, OTHER)]
    settings = await ensure_lane("sms", "+1", 5)
    broken = (await LaneRow.create(name="broken", channel="sms", rate=1, sender="+1", credentials=b"77d1")).id

    async def refused(lane_id: int, **given: str) -> str:
        with pytest.raises(Refused) as caught:
            await lane_book.do_change_credentials(office, person, lane_id, given)
        return f"{caught.value.key} {caught.value.values.get('what', '')}".strip()

    assert await refused(settings, auth_token="x") == "lane.keys_of_settings"
    assert await refused(broken, auth_token="x") == "lane.unreadable"
    assert await refused(number) == await refused(number, auth_token="") == "lane.nothing_new"
    assert await refused(number, account_sid="AC78", auth_token="x") == "lane.bad_credentials account_sid"
    assert await refused(number, auth_token="a b") == "lane.bad_credentials auth_token"
    assert await refused(number, auth_token="x", api_url="ftp://x") == "lane.bad_credentials api_url"
    assert await refused(number, api_url="http://elsewhere") == "lane.no_credentials auth_token"
    assert await refused(bot, api_url="http://elsewhere", webhook_secret="x") == "lane.no_credentials token"
    assert await refused(bot, token="2:old-77d1") == await refused(bot, token="12:x") == "lane.other_bot"
    assert await refused(bot, token="1") == await refused(bot, token="1:") == "lane.bad_credentials token"
    assert await refused(bot, webhook_secret="s-2") == "lane.bot_taken"
    with pytest.raises(Refused, match=r"lane\.bot_taken"):
        await lane_book.do_add_lane(office, person, replace(OTHER, name="third", credentials={"token": "1:another"}))
    with pytest.raises(NotThere):
        await lane_book.do_change_credentials(office, person, 999, {"auth_token": "x"})
    assert await kept(office, number) == NUMBER.credentials
    assert not await SendingAct.filter(act="change_credentials").exists()


async def test_a_refused_token_holds_the_lane_and_a_new_one_lets_what_waits_leave_once(stage: Stage) -> None:
    other = await add_number(stage, prefix="+852")
    await replace(other, token="changed").set_up(f"{stage.url}/hooks/twilio/message")
    for number in range(7):
        await stage.say(f"+8529100000{number}", f"{number}")
    await send_by(stage, SECOND_NUMBER)
    row = await LaneRow.get(name=SECOND_NUMBER)
    assert row.last_error == "20003"
    assert row.held_until is not None
    assert await other.ledger() == []
    old = stage.messaging.lanes[SECOND_NUMBER]
    await change(stage, SECOND_NUMBER, auth_token="changed")
    assert (await LaneRow.get(name=SECOND_NUMBER)).held_until is None
    await old.note_trouble(stage.office, "20003", 60.0)  # what was under way with the old token is settled late
    assert (await LaneRow.get(name=SECOND_NUMBER)).held_until is None
    assert await send_by(stage, SECOND_NUMBER) == 7, "at once, without the end of the pause"
    assert sorted(each["text"] for each in await other.ledger()) == [str(number) for number in range(7)]
    assert await Message.filter(accepted_at__isnull=False, tries=1).count() == 7


async def test_a_bot_s_new_token_lets_what_waits_leave_and_a_foreign_bot_s_is_refused(stage: Stage) -> None:
    other = await add_bot(stage, "second-secret")
    right, number = other.bot, other.bot.partition(":")[0]
    await change(stage, "second", token=f"{number}:{uuid.uuid4().hex}")
    home = (await LaneRow.get(name="second")).id
    for chat in (222, 223, 224):
        await other.chat(chat)
        await Address.filter(id=await stage.say(f"{chat}", f"{chat}", channel="telegram")).update(home_lane_id=home)
    await send_by(stage, "second")
    assert (await LaneRow.get(name="second")).last_error == "token_refused"
    assert stage.messaging.lanes["second"].is_held(stage.office)
    with pytest.raises(Refused, match=r"lane\.other_bot"):
        await change(stage, "second", token=stage.sandbox.bot)
    assert await send_by(stage, "second") == 0
    await change(stage, "second", token=right)
    assert await send_by(stage, "second") == 3
    assert sorted(each["text"] for each in await other.ledger("telegram")) == ["222", "223", "224"]


async def test_every_process_takes_the_new_credentials_and_leaves_other_lanes_alone(stage: Stage) -> None:
    await add_number(stage)
    mine = stage.messaging
    other = Messaging(stage.office, mine.session, mine.settings, LaneBoard("web", alone=False))
    await other.refresh()
    before = [dict(mine.open), dict(other.open)]
    await change(stage, SECOND_NUMBER, auth_token="new-77d1")
    await other.refresh()
    for old, new in zip(before, (mine.open, other.open), strict=True):
        assert {new[lane_id].spec.name for lane_id in old if new[lane_id] is not old[lane_id]} == {SECOND_NUMBER}


async def test_the_running_pumps_go_on_with_the_new_credentials_while_the_old_pause_lasts(stage: Stage) -> None:
    """The clock of the pauses stands still: nothing but the change ends one."""
    other = await add_number(stage)
    await LaneRow.filter(name="sms").update(enabled=False)  # it would stand in
    await replace(other, token="changed").set_up(f"{stage.url}/hooks/twilio/message")
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        keeper = LaneKeeper(stage.messaging, frozenset({"send"}), group)
        await keeper.step()
        for number in range(7):
            await stage.say(f"+8529100000{number}", f"{number}")
        while not await LaneRow.filter(name=SECOND_NUMBER, last_error="20003").exists():
            await asyncio.sleep(0.05)
        lane_id = (await LaneRow.get(name=SECOND_NUMBER)).id
        given = {"auth_token": "changed"}
        await lane_book.do_change_credentials(stage.office, await admin(stage), lane_id, given)
        while await Message.filter(accepted_at__isnull=True).exists():
            await keeper.step()
            await asyncio.sleep(0.05)
        await keeper.close()
    assert sorted(each["text"] for each in await other.ledger()) == [str(number) for number in range(7)]
    assert await Message.filter(tries=1).count() == 7
