"""The register by message: five answers, the signing code over SMS, buttons in chat, the rest afterwards."""

from datetime import timedelta

from bot import housekeeping
from models.inbound import Inbound, OpenQuestion
from models.ledger import LedgerEntry
from models.outgoing import Message
from models.record import Record
from tests.bot.conftest import LIN_CODE, Cast, Said, keys

FIRST = [f"ask.intercession.{name}" for name in ("occurred_at", "asker_name", "matter", "request", "response")]
LATER = [f"ask.intercession.{name}" for name in ("asker_unit_post", "asker_identity", "relation", "on_behalf_of")]
ANSWERS = ["昨天", "周某", "1", "让先放两个柜明天补单", "1"]
SECRET = ["周某", "两个柜"]
NEUTRAL = ["举报", "说情", "投诉", "红包", "线索", "舉報", "說情", "紅包", "intercession", "complain", "gift", "bribe"]


async def fill(cast: Cast, phone: str = "lin_sms") -> list[Said]:
    """Answer the five questions."""
    said = await getattr(cast, phone).sends("说情")
    for answer in ANSWERS:
        said = await getattr(cast, phone).sends(answer)
    return said


async def test_five_answers_then_the_signing_code(cast: Cast) -> None:
    asked = await cast.lin_sms.sends("说情")
    seen = keys(asked)
    for answer in ANSWERS:
        seen += keys(await cast.lin_sms.sends(answer))
    assert seen == [*FIRST, "T-SIGN-ASK"]
    assert not await Record.exists()
    receipt, question = await cast.lin_sms.sends(LIN_CODE)
    record = await Record.get()
    assert (receipt.key, question.key) == ("T-SQ-RECEIPT", LATER[0])
    assert str(record.number) in receipt.text
    assert (record.kind, record.state) == ("intercession", "submitted")
    assert record.facts["proof"] == "signing_code"


async def test_the_menu_is_in_the_sms(cast: Cast) -> None:
    said = await cast.lin_sms.sends("说情")
    assert said[0].text.startswith("【星澜海关】约1分钟，5个问题。")
    assert "1/5 什么时候的事" in said[0].text
    for answer in ANSWERS[:2]:
        said = await cast.lin_sms.sends(answer)
    assert "3/5 什么事项？1通关查验2归类估价税款" in said[0].text
    assert said[0].buttons == ()


async def test_by_sms_every_word_of_ours_is_neutral(cast: Cast) -> None:
    await fill(cast)
    await cast.lin_sms.sends("0000")
    await cast.lin_sms.sends(LIN_CODE)
    for answer in ("素舸货代经理", "5", "9", "6", "不详", "1", "1", "2", "跳过"):
        await cast.lin_sms.sends(answer)
    texts = [cast.world.said(row).text.lower() for row in await Message.all()]
    assert len(texts) > 15
    assert [(text, word) for text in texts for word in [*NEUTRAL, *SECRET] if word in text] == []


async def test_wrong_codes_are_counted_and_lock(cast: Cast) -> None:
    await fill(cast)
    assert "2" in (await cast.lin_sms.sends("0001"))[0].text
    assert keys(await cast.lin_sms.sends("what?")) == ["T-SIGN-ASK"]
    assert keys(await cast.lin_sms.sends("0002")) == ["T-SIGN-WRONG"]
    assert keys(await cast.lin_sms.sends("0003")) == ["bot.locked"]
    assert keys(await cast.lin_sms.sends(LIN_CODE)) == ["bot.locked"]
    assert not await Record.exists()
    cast.world.office.clock.advance(timedelta(hours=25))  # type: ignore[attr-defined]
    assert keys(await cast.lin_sms.sends(LIN_CODE))[0] == "T-SQ-RECEIPT"


async def test_answers_and_codes_are_scrubbed_from_the_inbox(cast: Cast) -> None:
    await fill(cast)
    await cast.lin_sms.sends("0001")
    await cast.lin_sms.sends(LIN_CODE)
    assert not await Inbound.filter(body__isnull=False).exists()


async def test_who_has_no_code_sets_one_first(cast: Cast) -> None:
    said = await fill(cast, "ho_sms")
    assert keys(said) == ["bot.sign_none"]
    assert keys(await cast.ho_sms.sends("签名码#1111")) == ["signing.easy"]
    assert keys(await cast.ho_sms.sends("签名码#7302")) == ["T-SIGN-ASK"]
    assert keys(await cast.ho_sms.sends("7302"))[0] == "T-SQ-RECEIPT"


async def test_one_line_then_the_code(cast: Cast) -> None:
    said = await cast.lin_sms.sends("说情#0914#周某#素舸货代经理#2#1#让先放两个柜明天补单#1")
    assert keys(said) == ["T-SIGN-ASK"]
    assert keys(await cast.lin_sms.sends(LIN_CODE)) == ["T-SQ-RECEIPT", LATER[1]]
    seen = []
    for answer in ("5", "9", "6", "素舸货运", "1", "1", "跳过", "跳过"):
        seen += keys(await cast.lin_sms.sends(answer))
    assert seen[:4] == [LATER[2], "error.bad_choice", LATER[3], "ask.intercession.effect"]
    assert seen[-1] == "dialog.later_done"
    assert await LedgerEntry.filter(event="filed").count() == 1
    assert await LedgerEntry.filter(event="amended").count() == 5


async def test_one_line_in_chat_is_filed_at_once(cast: Cast) -> None:
    said = await cast.lin_chat.sends("说情#0914#周某#素舸货代经理#2#1#让先放两个柜明天补单#1")
    assert keys(said) == ["T-SQ-RECEIPT", LATER[1]]
    assert (await Record.get()).facts["proof"] == "bound_account"


async def test_one_line_with_a_hole_asks_for_it(cast: Cast) -> None:
    assert keys(await cast.lin_sms.sends("SQ#昨天##不详#4#5#打听处罚金额能不能少#2")) == [FIRST[1]]


async def test_chat_with_buttons(cast: Cast) -> None:
    await cast.lin_chat.sends("/register")
    for answer in ANSWERS[:2]:
        said = await cast.lin_chat.sends(answer)
    assert ("通关查验" in dict(said[0].buttons), "通关查验" in said[0].text) == (True, False)
    rest, question = await cast.lin_chat.presses("通关查验")
    assert (rest.edits, rest.text) == ("m7", "3/5 什么事项？ ✓ 通关查验")
    assert question.key == FIRST[3]
    await cast.lin_chat.sends(ANSWERS[3])
    said = await cast.lin_chat.presses("当场拒绝")
    assert keys(said) == ["bot.chosen", "T-SQ-RECEIPT", LATER[0]]


async def test_a_stale_button_changes_nothing(cast: Cast) -> None:
    await cast.lin_chat.sends("说情")
    for answer in ANSWERS[:2]:
        said = await cast.lin_chat.sends(answer)
    data = said[0].button("通关查验")
    await cast.lin_chat.presses_data(data)
    again = await cast.lin_chat.presses_data(data)
    assert [(each.key, each.edits) for each in again] == [("bot.press_stale", None)]
    await cast.lin_chat.sends("放弃")
    assert keys(await cast.lin_chat.presses_data(data)) == ["bot.press_stale"]
    assert keys(await cast.lee.presses_data(data)) == ["bot.press_stale"]


async def test_back_and_change_and_skip_by_button(cast: Cast) -> None:
    await cast.lin_chat.sends("说情")
    await cast.lin_chat.sends("昨天")
    said = await cast.lin_chat.presses("上一步")
    assert keys(said)[-1] == FIRST[0]
    await cast.lin_chat.sends("今天")
    said = await cast.lin_chat.presses("放弃")
    assert keys(said)[-1] == "dialog.dropped"


COMMANDS = [
    # after so many answers, the command, what is said; None: the question that is open
    (0, "上一步", "bot.first_step"),
    (0, "跳过", "bot.required"),
    (0, "修改", "bot.first_step"),
    (0, "继续", None),
    (0, "更多", None),
    (0, "帮助", "bot.how_to_answer"),
    (0, "人工", "T-HUMAN"),
    (0, "退订", "T-OPTOUT-DUTY"),
    (0, "放弃", "dialog.dropped"),
    (1, "back", FIRST[0]),
    (1, "修改", FIRST[0]),
    (2, "修改", "dialog.change_which"),
    (2, "skip", "bot.required"),
    (4, "上一步", FIRST[3]),
    (5, "上一步", FIRST[4]),
    (5, "修改", "dialog.change_which"),
    (5, "跳过", "T-SIGN-ASK"),
    (5, "继续", "T-SIGN-ASK"),
    (5, "帮助", "bot.how_to_answer"),
    (5, "人工", "T-HUMAN"),
    (5, "drop", "dialog.dropped"),
]


async def test_every_command_at_every_place(cast: Cast) -> None:
    for at, (answered, command, key) in enumerate(COMMANDS):
        fresh = await cast.world.phone("sms", f"+86138000{at:05}", cast.lin)
        await fresh.sends("说情")
        for answer in ANSWERS[:answered]:
            await fresh.sends(answer)
        assert keys(await fresh.sends(command)) == [key or FIRST[answered]], (answered, command)
        assert len(await fresh.dialogs()) == (0 if key == "dialog.dropped" else 1), (answered, command)


async def test_change_by_number_before_signing(cast: Cast) -> None:
    await fill(cast)
    await cast.lin_sms.sends("修改")
    assert keys(await cast.lin_sms.sends("9")) == ["dialog.change_which"]
    assert keys(await cast.lin_sms.sends("3")) == [FIRST[2]]
    assert keys(await cast.lin_sms.sends("2")) == ["T-SIGN-ASK"]
    await cast.lin_sms.sends(LIN_CODE)
    assert (await Record.get()).facts["matter"] == "2"


async def test_change_after_filing_amends(cast: Cast) -> None:
    await fill(cast, "lin_chat")
    await cast.lin_chat.sends("修改")
    assert keys(await cast.lin_chat.sends("3")) == [FIRST[2]]
    assert keys(await cast.lin_chat.sends("2")) == [LATER[0]]
    assert (await Record.get()).facts["matter"] == "2"


async def test_change_and_skip_leaves_the_answer(cast: Cast) -> None:
    await fill(cast)
    await cast.lin_sms.sends("修改")
    await cast.lin_sms.sends("3")
    assert keys(await cast.lin_sms.sends("跳过")) == ["T-SIGN-ASK"]
    await cast.lin_sms.sends(LIN_CODE)
    assert (await Record.get()).facts["matter"] == "1"


async def test_three_wrong_answers_bring_a_person(cast: Cast) -> None:
    await cast.lin_sms.sends("说情")
    seen = [keys(await cast.lin_sms.sends(text)) for text in ("??", "0999", "whenever")]
    assert seen == [["error.bad_date"], ["error.bad_date"], ["error.after_3"]]
    row = await cast.lin_sms.inbound()
    assert (row.for_person, row.body) == (True, None)
    assert keys(await cast.lin_sms.sends("昨天")) == [FIRST[1]]


async def test_free_text_is_never_searched_for_keywords(cast: Cast) -> None:
    await cast.lin_sms.sends("说情")
    await cast.lin_sms.sends("昨天")
    await cast.lin_sms.sends("投诉科 周某")
    await cast.lin_sms.sends("1")
    assert keys(await cast.lin_sms.sends("我要投诉，举报")) == [FIRST[4]]
    assert not await Record.exists()


async def test_a_draft_survives_restarts_and_is_unreadable_in_the_row(cast: Cast) -> None:
    cast.world.fresh = True
    await fill(cast)
    row = await OpenQuestion.get(kind="dialog", closed_at=None)
    assert row.payload is not None
    assert "周".encode() not in row.payload
    assert keys(await cast.lin_sms.sends(LIN_CODE))[0] == "T-SQ-RECEIPT"


async def test_after_filing_the_draft_forgets_what_is_sealed(cast: Cast) -> None:
    await fill(cast, "lin_chat")
    row = await OpenQuestion.get(kind="dialog", closed_at=None)
    assert row.payload is not None
    kept = cast.world.office.key.decrypt(row.payload)
    assert [word for word in SECRET if word in kept] == []


async def test_the_rest_may_wait_and_go_on_later(cast: Cast) -> None:
    await fill(cast, "lin_chat")
    said = await cast.lin_chat.presses("稍后再补")
    assert keys(said)[-2:] == ["dialog.left_open", "bot.tidy_offer"]
    assert keys(await cast.lin_chat.sends("帮助")) == ["T-HELP-STAFF"]
    cast.world.office.clock.advance(timedelta(days=1))  # type: ignore[attr-defined]
    assert keys(await cast.lin_chat.sends("继续")) == [LATER[0]]


async def test_idle_drafts_are_reminded_then_closed(cast: Cast) -> None:
    clock = cast.world.office.clock
    await cast.lin_sms.sends("说情")
    await cast.lin_sms.sends("昨天")
    clock.advance(timedelta(hours=23))  # type: ignore[attr-defined]
    assert await housekeeping.step(cast.world.office, cast.world.bot) == 0
    clock.advance(timedelta(hours=2))  # type: ignore[attr-defined]
    while await housekeeping.step(cast.world.office, cast.world.bot):
        pass
    assert keys(await cast.lin_sms.reads()) == ["T-DRAFT-REMIND"]
    assert keys(await cast.lin_sms.sends("继续")) == [FIRST[1]]
    clock.advance(timedelta(hours=73))  # type: ignore[attr-defined]
    while await housekeeping.step(cast.world.office, cast.world.bot):
        pass
    assert keys(await cast.lin_sms.reads()) == ["T-DRAFT-REMIND", "T-DRAFT-EXPIRE"]
    assert await OpenQuestion.filter(payload__isnull=False).count() == 0
    assert keys(await cast.lin_sms.sends("继续")) == ["dialog.nothing_open"]


async def test_questions_after_filing_rest_after_a_day(cast: Cast) -> None:
    await fill(cast, "lin_chat")
    await cast.lin_chat.reads()
    cast.world.office.clock.advance(timedelta(hours=25))  # type: ignore[attr-defined]
    while await housekeeping.step(cast.world.office, cast.world.bot):
        pass
    said = await cast.lin_chat.reads()
    assert keys(said) == ["dialog.later_remind"]
    assert "9月17日" in said[0].text
    assert keys(await cast.lin_chat.sends("说情")) == [FIRST[0]]


async def test_late_filing_is_asked_why(cast: Cast) -> None:
    said = await cast.lin_chat.sends("说情#0801#某某#某公司#2#3#催手册#1")
    assert keys(said)[0] == "T-SQ-RECEIPT"
    seen = keys(said)
    for _ in range(12):
        seen += keys(await cast.lin_chat.sends("跳过"))
    assert "ask.intercession.late_reason" in seen


async def test_an_outsider_is_told_to_bind(cast: Cast) -> None:
    assert keys(await cast.lee.sends("说情#昨天#周某####催放行#")) == ["T-BIND-FIRST"]
    assert (await cast.lee.inbound()).body is None
