"""A complaint by message: the number in the first reply, three questions after it, more of the statement, progress."""

from datetime import timedelta

from models.record import Record, Statement
from tests.bot.conftest import Cast, keys

LATER = ["ask.complaint.unit", "ask.complaint.doc_no", "ask.complaint.sender_name"]


async def given(record: Record) -> list[list[str]]:
    """The fields of each statement of a record, in order."""
    return [row.fields_given for row in await Statement.filter(record_id=record.id).order_by("seq")]


async def test_the_number_is_in_the_first_reply(cast: Cast) -> None:
    receipt, question = await cast.wang.sends("投诉 窗口等了两个小时没人理")
    record = await Record.get()
    assert (receipt.key, question.key) == ("T-TS-RECEIPT", LATER[0])
    assert record.number is not None
    assert record.number in receipt.text
    assert "9月16日" in receipt.text
    assert (record.kind, record.state) == ("complaint", "received")
    assert "还有3个小问题" in question.text
    assert "1/3" in question.text


ASKERS = [
    ("wang", "投訴貴關查驗排期，講好星期三，拖到星期五先有人打電話嚟", "zh-Hant"),
    ("lee", "complaint: nobody at the counter", "en"),
    ("lin_sms", "投诉 食堂的窗口", "zh-Hans"),
    ("ho_sms", "I want to complain about the officer at gate 2, he shouted at our driver", "en"),
]


async def test_in_the_language_of_the_asker(cast: Cast) -> None:
    for who, text, lang in ASKERS:
        said = await getattr(cast, who).sends(text)
        assert [(each.key, each.lang) for each in said] == [("T-TS-RECEIPT", lang), (LATER[0], lang)]
    records = await Record.all().order_by("id")
    assert [record.lang for record in records] == [lang for _, _, lang in ASKERS]


async def test_a_bare_keyword_asks_and_the_next_message_is_the_statement(cast: Cast) -> None:
    assert keys(await cast.wang.sends("投诉")) == ["ask.complaint.content"]
    assert not await Record.exists()
    assert keys(await cast.wang.sends("举报他们说情收红包")) == ["T-TS-RECEIPT", LATER[0]]
    assert (await Record.get()).kind == "complaint"


async def test_three_questions_each_an_amendment(cast: Cast) -> None:
    await cast.wang.sends("投诉 窗口等了两个小时没人理")
    assert keys(await cast.wang.sends("鹭鸣港海关")) == [LATER[1]]
    assert keys(await cast.wang.sends("跳过")) == [LATER[2]]
    assert keys(await cast.wang.sends("王小路 素舸货运")) == ["dialog.later_done"]
    record = await Record.get()
    assert record.facts["unit"] == "U10"
    assert ["sender_name", "sender_org"] in [sorted(each) for each in await given(record)]
    assert not await cast.wang.dialogs()


async def test_more_of_the_statement_soon_after_is_added(cast: Cast) -> None:
    await cast.wang.sends("投诉 窗口等了两个小时没人理")
    for _ in range(3):
        await cast.wang.sends("跳过")
    assert keys(await cast.wang.sends("对了，那是3号柜，上午十点")) == ["dialog.amended"]
    assert ["content"] in await given(await Record.get())
    cast.world.office.clock.advance(timedelta(minutes=11))  # type: ignore[attr-defined]
    assert keys(await cast.wang.sends("天气不错")) == ["T-FALLBACK"]


async def test_what_names_no_unit_is_kept_with_the_statement(cast: Cast) -> None:
    await cast.wang.sends("投诉 窗口等了两个小时没人理")
    assert keys(await cast.wang.sends("还有，他们把单证扔出来")) == [LATER[1]]
    assert "unit" not in (await Record.get()).facts
    assert await given(await Record.get())


async def test_what_is_too_long_for_an_answer_is_added_to_the_statement(cast: Cast) -> None:
    await cast.wang.sends("投诉 窗口等了两个小时没人理")
    await cast.wang.sends("跳过")
    said = await cast.wang.sends(
        "没有报关单，我是来交材料的，前面还有十几个人，大家都在等，窗口里的人在聊天，问了也不回答"
    )
    assert keys(said) == [LATER[1]]
    assert (await Record.get()).number in said[0].text
    assert ["content"] in await given(await Record.get())


async def test_a_one_line_form(cast: Cast) -> None:
    said = await cast.wang.sends("投诉#鹭鸣港海关#0912#窗口上午十点无人受理")
    assert keys(said) == ["T-TS-RECEIPT", LATER[1]]
    record = await Record.get()
    assert (record.facts["unit"], record.facts["occurred_at"][:10]) == ("U10", "2026-09-12")


async def test_a_wrong_one_line_form_says_where(cast: Cast) -> None:
    assert keys(await cast.wang.sends("投诉#鹭鸣港海关#1305#窗口无人")) == ["error.bad_date"]
    assert not await Record.exists()


async def test_progress_without_a_code_only_where_it_came_from(cast: Cast) -> None:
    receipt, _ = await cast.wang.sends("投诉 窗口等了两个小时没人理")
    record = await Record.get()
    code = receipt.text.partition("查询码")[2][:6]
    assert record.number is not None
    for _ in range(3):
        await cast.wang.sends("跳过")
    own = await cast.wang.sends("查询")
    assert keys(own) == ["T-STATUS"]
    assert record.number in own[0].text
    assert keys(await cast.wang.sends(record.number)) == ["T-STATUS"]
    assert keys(await cast.lee.sends(record.number)) == ["exchange.status.code"]
    assert keys(await cast.lee.sends("000000")) == ["T-STATUS-WRONG"]
    assert keys(await cast.lee.sends(code)) == ["T-STATUS"]
    assert keys(await cast.lin_sms.sends(f"查询#{record.number}#{code}")) == ["T-STATUS"]


async def test_five_wrong_codes_lock(cast: Cast) -> None:
    receipt, _ = await cast.wang.sends("投诉 窗口等了两个小时没人理")
    number = (await Record.get()).number
    code = receipt.text.partition("查询码")[2][:6]
    for wrong in range(5):
        await cast.lee.sends(f"查询#{number}#00000{wrong}")
    assert keys(await cast.lee.sends(f"查询#{number}#{code}")) == ["T-STATUS-WRONG"]


async def test_a_hint_answered_yes_files_what_was_written(cast: Cast) -> None:
    await cast.wang.sends("俺跑了三趟都没办成，回回差一张纸")
    assert keys(await cast.wang.sends("1")) == ["T-TS-RECEIPT", LATER[0]]
    assert await Record.filter(kind="complaint").exists()


async def test_the_menu_opens_the_form(cast: Cast) -> None:
    await cast.wang.sends("帮助")
    assert keys(await cast.wang.sends("2")) == ["ask.complaint.content"]


async def test_dropped_before_and_after_filing(cast: Cast) -> None:
    await cast.wang.sends("投诉")
    assert keys(await cast.wang.sends("放弃")) == ["dialog.dropped"]
    await cast.wang.sends("投诉 窗口等了两个小时没人理")
    assert keys(await cast.wang.sends("放弃")) == ["dialog.left_open"]
    assert await Record.filter(state="received").count() == 1
    assert keys(await cast.wang.sends("继续")) == [LATER[0]]
    assert keys(await cast.wang.sends("鹭鸣港海关")) == [LATER[1]]


async def test_leaving_inside_a_dialog_keeps_the_draft(cast: Cast) -> None:
    await cast.wang.sends("投诉")
    assert keys(await cast.wang.sends("退订")) == ["T-OPTOUT-ALL"]
    assert keys(await cast.wang.sends("取消订阅")) == ["T-TS-RECEIPT", LATER[0]]


async def test_the_text_is_scrubbed_from_the_inbox_once_it_is_filed(cast: Cast) -> None:
    await cast.wang.sends("投诉 窗口等了两个小时没人理")
    assert (await cast.wang.inbound()).body is None


async def test_withdrawn_by_the_sender(cast: Cast) -> None:
    await cast.wang.sends("投诉 窗口等了两个小时没人理")
    for _ in range(3):
        await cast.wang.sends("跳过")
    assert keys(await cast.wang.sends("撤回")) == ["exchange.withdraw.confirm"]
    assert keys(await cast.wang.sends("嗯")) == ["exchange.withdraw.confirm"]
    assert keys(await cast.wang.sends("2")) == ["exchange.withdraw.kept"]
    assert (await Record.get()).state == "received"
    await cast.wang.sends("撤回投诉")
    assert keys(await cast.wang.sends("1")) == ["T-WITHDRAWN"]
    assert (await Record.get()).state == "withdrawn"


async def test_withdrawn_from_elsewhere_needs_the_code(cast: Cast) -> None:
    receipt, _ = await cast.wang.sends("投诉 窗口等了两个小时没人理")
    number, code = (await Record.get()).number, receipt.text.partition("查询码")[2][:6]
    assert keys(await cast.lee.sends(f"撤回#{number}#000000")) == ["T-STATUS-WRONG"]
    assert keys(await cast.lee.sends(f"撤回#{number}")) == ["exchange.status.code"]
    assert keys(await cast.lee.sends(code)) == ["exchange.withdraw.confirm"]
    assert keys(await cast.lee.presses("1"))[-1] == "T-WITHDRAWN"
    assert (await Record.get()).state == "withdrawn"


async def test_what_is_withdrawn_takes_no_answers(cast: Cast) -> None:
    await cast.wang.sends("投诉 窗口等了两个小时没人理")
    await cast.wang.sends("放弃")
    await cast.wang.sends("撤回")
    await cast.wang.sends("1")
    await cast.wang.sends("继续")
    assert keys(await cast.wang.sends("鹭鸣港海关")) == ["error.not_allowed"]
    assert not await cast.wang.dialogs()
