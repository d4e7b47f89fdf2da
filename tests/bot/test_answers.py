"""What comes back on a record: an answer in parts, the rating, what the office asks for, 收到 on a reminder."""

from datetime import timedelta

from bot import questions
from models.inbound import OpenQuestion
from models.record import Record, Statement
from tests.bot.conftest import LIN_CODE, Cast, keys
from tests.bot.test_intercession import fill

LONG = "经核实，当日窗口确有脱岗，已批评教育并调整排班。" * 12


async def answered(cast: Cast, reply: str = "已整改。") -> None:
    """A complaint of Wang's is answered, and he is asked to rate it."""
    await cast.wang.sends("投诉 窗口等了两个小时没人理")
    for _ in range(3):
        await cast.wang.sends("跳过")
    await cast.does("clerk", "受理", category="c04", unit="U10")
    await cast.does("clerk", "转办", assignee="9021026")
    await cast.does("handler", "签收")
    await cast.does("handler", "承办")
    await cast.does("handler", "拟答复", reply=reply, found="founded")
    await cast.does("unit_head", "审核发出")
    await cast.does("clerk", "回访")


async def test_rated_by_one_digit(cast: Cast) -> None:
    await answered(cast)
    assert keys(await cast.wang.reads())[-2:] == ["T-REPLIED", "T-RATE"]
    assert keys(await cast.wang.sends("5")) == ["exchange.rating.thanks"]
    record = await Record.get()
    assert (record.state, record.facts["satisfaction"]) == ("closed", "5")


async def test_a_low_rating_asks_why_and_opens_it_again(cast: Cast) -> None:
    await answered(cast)
    await cast.wang.reads()
    assert "exchange.rating.why" in keys(await cast.wang.sends("1"))
    assert keys(await cast.wang.sends("还是没人，投诉也没用")) == ["exchange.rating.thanks"]
    assert (await Record.get()).state == "redo"
    assert ["dissatisfied_with"] in [row.fields_given for row in await Statement.all()]


async def test_the_why_may_be_skipped(cast: Cast) -> None:
    await answered(cast)
    await cast.wang.sends("2")
    assert keys(await cast.wang.sends("跳过")) == ["exchange.rating.thanks"]
    assert not await OpenQuestion.filter(kind="rating_why", closed_at=None).exists()


async def test_what_is_no_rating_goes_on(cast: Cast) -> None:
    await answered(cast)
    await cast.wang.reads()
    assert keys(await cast.wang.sends("帮助")) == ["T-HELP-PUBLIC"]
    assert keys(await cast.wang.sends("5")) == ["bot.not_yet"], "the digit belongs to the menu, which was sent last"
    assert keys(await cast.wang.sends("5")) == ["exchange.rating.thanks"]


async def test_a_long_answer_goes_on_by_more(cast: Cast) -> None:
    sms = await cast.world.phone("sms", "+8613900000077")
    cast.wang = sms
    await answered(cast, LONG)
    first = next(each for each in await sms.reads() if each.key == "T-REPLIED")
    assert first.text.endswith("（未完，回“更多”）")
    second = (await sms.sends("更多"))[0]
    assert "窗口" in second.text
    assert keys(await sms.sends("more")) == ["dialog.nothing_open"]


async def test_what_the_office_asks_for_is_supplied(cast: Cast) -> None:
    await cast.wang.sends("投诉 窗口等了两个小时没人理")
    await cast.wang.sends("放弃")
    cast.world.office.clock.advance(timedelta(minutes=30))  # type: ignore[attr-defined]
    await cast.does("clerk", "补充", what_is_missing="时间和窗口")
    assert keys(await cast.wang.reads())[-1] == "T-NEED-INFO"
    assert keys(await cast.wang.sends("上午十点，3号窗口，没人理我")) == ["dialog.amended"]
    assert (await Record.get()).state == "received"


async def test_a_returned_entry_is_completed(cast: Cast) -> None:
    await fill(cast)
    await cast.lin_sms.sends(LIN_CODE)
    await cast.lin_sms.sends("放弃")
    await cast.does("integrity_head", "退回补正", what_is_missing="何时何地")
    await cast.lin_sms.reads()
    assert keys(await cast.lin_sms.sends("继续"))[0] in {"bot.supply", "ask.intercession.asker_unit_post"}
    await cast.lin_sms.sends("放弃")
    assert keys(await cast.lin_sms.sends("9月13日在查验场，他口头要求")) == ["dialog.amended"]
    assert (await Record.get()).state == "submitted"


async def test_a_word_for_read_answers_the_reminder_last_sent(cast: Cast) -> None:
    await questions.ask(cast.world.office, cast.lin_sms.address_id, "ack", person_id=cast.lin.id, ref_id=77)
    assert keys(await cast.lin_sms.sends("没收到")) == ["T-FALLBACK"]
