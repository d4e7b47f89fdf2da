"""收到 on a reminder: by word, digit or button, on the stack with everything else that is open."""

from models.campaign import Acknowledgement, Campaign, Run, Schedule
from models.inbound import OpenQuestion
from models.outgoing import Message
from tests.bot.conftest import Cast, Phone, keys


async def reminded(cast: Cast, phone: Phone, state: str = "delivered") -> int:
    """A reminder that asks to be acknowledged was said to somebody; return its run."""
    now = cast.world.office.clock.now()
    campaign = await Campaign.create(
        title="中秋", audience={}, author=cast.ho, created_at=now, updated_at=now, ack=True
    )
    schedule = await Schedule.create(campaign=campaign, rule={}, timezone="Asia/Shanghai")
    run = await Run.create(
        campaign=campaign, schedule=schedule, due_at=now, category="education", audience={}, ack=True
    )
    key = f"run:{run.id}:{phone.address_id}"
    await Message.create(
        dedupe_key=key,
        channel=phone.channel,
        address_id=phone.address_id,
        person=cast.lin,
        run=run,
        category="education",
        priority=9,
        lang="zh-Hans",
        state=state,
        queued_at=now,
        state_at=now,
        accepted_at=now if state == "delivered" else None,
    )
    await OpenQuestion.create(
        address_id=phone.address_id, person=cast.lin, kind="ack", ref_id=run.id, message_key=key, asked_at=now
    )
    phone.seen = (await Message.all().order_by("-id").first()).id  # type: ignore[union-attr]
    return run.id


async def test_words_and_digits(cast: Cast) -> None:
    for word in ("收到", "1", "OK", "已閱", "好的"):
        run_id = await reminded(cast, cast.lin_sms)
        assert keys(await cast.lin_sms.sends(word)) == ["T-ACK-OK"], word
        assert await Acknowledgement.filter(run_id=run_id, person_id=cast.lin.id).count() == 1
    assert keys(await cast.lin_sms.sends("收到")) == ["T-ACK-NONE"]
    assert keys(await cast.lin_sms.sends("收到")) == []


async def test_not_received_is_no_acknowledgement(cast: Cast) -> None:
    run_id = await reminded(cast, cast.lin_sms)
    assert keys(await cast.lin_sms.sends("没收到上次的")) == ["T-FALLBACK"]
    assert not await Acknowledgement.filter(run_id=run_id).exists()


async def test_what_was_never_said_cannot_be_acknowledged(cast: Cast) -> None:
    await reminded(cast, cast.lin_sms, "suppressed")
    assert keys(await cast.lin_sms.sends("收到")) == ["T-ACK-NONE"]


async def test_by_button_once_or_twice(cast: Cast) -> None:
    run_id = await reminded(cast, cast.lin_chat)
    for _ in range(2):
        assert "T-ACK-OK" in keys(await cast.lin_chat.presses_data(f"ack:{run_id}"))
    assert await Acknowledgement.filter(run_id=run_id).count() == 1


async def test_a_reminder_inside_a_dialog(cast: Cast) -> None:
    await cast.lin_sms.sends("说情")
    await cast.lin_sms.sends("昨天")
    await reminded(cast, cast.lin_sms)
    assert keys(await cast.lin_sms.sends("收到")) == ["T-ACK-OK"], "the reminder was sent last"
    assert keys(await cast.lin_sms.sends("周某 素舸")) == ["ask.intercession.matter"]


async def test_a_digit_belongs_to_the_question_last_sent(cast: Cast) -> None:
    await reminded(cast, cast.lin_sms)
    await cast.lin_sms.sends("帮助")
    assert keys(await cast.lin_sms.sends("1")) == ["ask.intercession.occurred_at"]
    assert keys(await cast.lin_sms.sends("放弃")) == ["dialog.dropped"]
    assert keys(await cast.lin_sms.sends("1")) == ["T-ACK-OK"]
