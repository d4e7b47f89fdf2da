"""Webhooks of several accounts and bots: each by its own secret, stored under the lane that was written to."""

import uuid
from urllib.parse import quote

from messaging.lane_board import LaneBoard
from messaging.setup import Messaging
from models.address import Address
from models.inbound import Inbound
from models.lane import Lane as LaneRow
from models.sending import SendingAct
from tests.messaging.conftest import SECRET, Lines, Stage
from tests.messaging.several import SECOND_NUMBER, add_bot, add_number
from tests.messaging.test_webhooks import post, twilio

DRIVER = "+8613800000001"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
UPDATE = '{"update_id": %d, "message": {"message_id": 1, "date": 1, "chat": {"id": 222, "type": "private"}, %s}}'
FROM = '"from": {"id": 222, "is_bot": false, "first_name": "x"}, "text": "hi"'


async def lane_of(provider_id: str) -> str:
    return (await Inbound.get(provider_id=provider_id).prefetch_related("lane")).lane.name


async def test_a_second_account_s_message_is_checked_with_its_own_token(stage: Stage, lines: Lines) -> None:
    other = await add_number(stage)
    sent = await other.call("POST", f"phones/{quote(DRIVER)}/send", account=other.account, text="你好")
    assert sent["webhook_status"] == 200
    stored = await Inbound.get().prefetch_related("lane")
    assert stored.lane.name == SECOND_NUMBER
    assert (await Address.get(id=stored.address_id)).home_lane_id == stored.lane_id
    form = {"AccountSid": other.account, "MessageSid": "SM9", "From": DRIVER, "To": SECOND_NUMBER, "Body": "x"}
    path = "/hooks/twilio/message"
    assert await twilio(stage, path, form) == 403, "signed with the token of the first account"
    assert await twilio(stage, path, form | {"AccountSid": stage.sandbox.account}, token=other.token) == 403
    assert await twilio(stage, path, form | {"AccountSid": "AC0"}, token=other.token) == 403
    assert await twilio(stage, path, form, token=other.token) == 200
    assert await Inbound.all().count() == 2
    lines.assert_without(other.token, other.account)


async def test_of_one_account_s_numbers_the_one_that_was_written_to(stage: Stage) -> None:
    first = stage.messaging.open[(await LaneRow.get(name="sms")).id]
    await LaneRow.create(
        name="service",
        channel="sms",
        rate=1,
        sender="MG77",
        credentials=stage.office.key.encrypt(
            f'{{"account_sid": "{stage.sandbox.account}", "auth_token": "{stage.sandbox.token}"}}'
        ),
    )
    stage.messaging.board.forget()
    await stage.messaging.refresh()
    path, number = "/hooks/twilio/message", first.spec.sender
    for sid, to, service in (("SM1", number, ""), ("SM2", "+8610", "MG77"), ("SM3", "+8610", "")):
        form = {"MessageSid": sid, "From": DRIVER, "To": to, "MessagingServiceSid": service, "Body": "x"}
        assert await twilio(stage, path, form) == 200
    assert [await lane_of(sid) for sid in ("SM1", "SM2", "SM3")] == ["sms", "service", "sms"]


async def test_a_bot_is_known_by_its_secret(stage: Stage) -> None:
    await add_bot(stage, "second-secret")
    for number, secret in ((1, SECRET), (2, "second-secret"), (3, "third-secret")):
        status = await post(stage, "/hooks/telegram", UPDATE % (number, FROM), {HEADER: secret})
        assert status == (403 if number == 3 else 200)
    assert [await lane_of("1"), await lane_of("2")] == ["telegram", "second"]
    chat = await Address.get(channel="telegram")
    assert chat.home_lane_id == (await LaneRow.get(name="second")).id, "where it wrote last"


async def test_a_process_that_has_not_seen_a_new_account_looks_for_it(stage: Stage) -> None:
    messaging = stage.messaging
    other = await add_number(stage)
    fresh = Messaging(stage.office, messaging.session, messaging.settings, LaneBoard("web", alone=False))
    messaging.open = fresh.open  # as in a process that started before
    messaging.board = fresh.board
    sent = await other.call("POST", f"phones/{quote(DRIVER)}/send", account=other.account, text="你好")
    assert sent["webhook_status"] == 200
    assert await SendingAct.all().count() == 1


async def test_every_inbound_message_is_stored_once_for_each_lane(stage: Stage) -> None:
    await add_bot(stage, "second-secret")
    for secret in (SECRET, SECRET, "second-secret"):
        body = UPDATE % (7, FROM)
        assert await post(stage, "/hooks/telegram", body, {HEADER: secret, "X-Request": uuid.uuid4().hex}) == 200
    assert await Inbound.filter(provider_id="7").count() == 2, "the ids of two bots have nothing to do with each other"
