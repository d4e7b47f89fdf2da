"""How a bot's updates come: agreed with the provider by the process that owns its lane, anew after each takeover."""

from dataclasses import replace
from datetime import timedelta

from core.clock import HandClock
from messaging.telegram import TelegramChat
from models.inbound import Inbound
from service.telegram_in import ChatIn
from tests.messaging.conftest import Lines, Stage


async def test_only_the_owner_of_the_lane_sets_the_webhook(stage: Stage) -> None:
    lane, chat = stage.messaging.of(TelegramChat)[0]
    inward = ChatIn(lane, chat)
    assert await inward.step(stage.office) == 0
    assert (await chat.webhook()).url == ""
    assert await lane.is_ready(stage.office)
    assert await inward.step(stage.office) == 0
    assert (await chat.webhook()).url == f"{stage.url}/hooks/telegram"
    assert await chat.use_polling()  # somebody takes it away
    await inward.step(stage.office)
    assert (await chat.webhook()).url == ""
    lane.distrust()
    assert await lane.is_ready(stage.office)
    await inward.step(stage.office)
    assert (await chat.webhook()).url != "", "a new epoch agrees anew"


async def test_by_polling_updates_are_asked_for_until_the_lane_is_another_s(stage: Stage) -> None:
    lane, chat = stage.messaging.of(TelegramChat)[0]
    polled = TelegramChat(replace(chat.settings, mode="polling"), stage.messaging.session)
    inward = ChatIn(lane, polled)
    await stage.sandbox.chat(471)
    await stage.sandbox.call("POST", "chats/471/send", bot=stage.sandbox.bot, text="你好")
    assert await inward.step(stage.office) == 0
    assert await lane.is_ready(stage.office)
    assert await inward.step(stage.office) >= 1
    assert await Inbound.exists(channel="telegram", lane_id=lane.id)
    await lane.release()
    assert await inward.step(stage.office) == 0


async def test_a_provider_that_is_not_there_is_told_later_and_later(
    stage: Stage, clock: HandClock, lines: Lines
) -> None:
    lane, chat = stage.messaging.of(TelegramChat)[0]
    nowhere = TelegramChat(replace(chat.settings, api_url="http://127.0.0.1:9"), stage.messaging.session)
    inward = ChatIn(lane, nowhere)
    assert await lane.is_ready(stage.office)
    for seconds in (0, 0, 1, 1, 1):
        clock.advance(timedelta(seconds=seconds))
        assert await inward.step(stage.office) == 0
    told = [line["again_in"] for line in lines.ours if line["event"] == "telegram.not_agreed"]
    assert told == [1.0, 2.0, 5.0]
