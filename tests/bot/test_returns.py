"""The monthly return by message: what is an answer and what is not, the questions that follow, buttons, late months."""

from datetime import datetime

import pytest

from core.errors import Conflict
from models import sql
from models.inbound import OpenQuestion
from models.record import Record
from models.return_queries import return_of
from oversight import returns
from oversight.returns_answer import do_enter_paper
from people.access import actor_of
from records import system_acts
from records.marks import person_mark
from tests.bot.conftest import LIN_CODE, Cast, keys

LINE = "说情#0910#某某#某公司#2#3#催手册#1"


async def pump(cast: Cast) -> None:
    while await returns.step(cast.world.office, cast.world.bot.kinds):
        pass
    await cast.world.settle()


async def go_to(cast: Cast, moment: str) -> None:
    cast.world.office.clock.move_to(datetime.fromisoformat(f"{moment}+08:00"))  # type: ignore[attr-defined]
    await system_acts.step(cast.world.office, cast.world.bot.kinds)
    await pump(cast)


@pytest.fixture
async def asked(cast: Cast) -> Cast:
    """Everybody was asked for September; what was said so far was read."""
    await go_to(cast, "2026-09-30T10:00")
    return cast


async def of(cast: Cast, staff: str = "lin", period: str = "2026-09") -> Record:
    person = getattr(cast, staff)
    record_id = await return_of(person_mark(cast.world.office, person.id), period)
    assert record_id is not None
    return await Record.get(id=record_id)


async def test_the_question_has_its_answers_on_buttons_in_chat(asked: Cast) -> None:
    said = await asked.lin_chat.reads()
    assert keys(said) == ["T-ZERO-ASK"]
    assert "9月报告" in said[0].text
    assert [label for label, _ in said[0].buttons] == ["没有", "有，要登记", "已登记且无遗漏"]
    assert keys(await asked.lin_sms.reads()) == []
    ho = await asked.ho_sms.reads()
    assert ho[0].lang == "zh-Hant"
    assert ho[0].text.startswith("【星瀾海關】")


@pytest.mark.parametrize("word", ["0", "０", "零", "无", "無", "没有。", "nil", "None", "零报告"])
async def test_words_for_zero(asked: Cast, word: str) -> None:
    await asked.ho_sms.reads()
    assert keys(await asked.ho_sms.sends(word)) == ["T-ZERO-OK"]
    record = await of(asked, "ho")
    assert (record.state, record.facts["answer"], record.facts["proof"]) == ("zero_confirmed", "zero", "none")
    assert record.facts["channel"] == "sms"
    assert await asked.ho_sms.dialogs() == []


@pytest.mark.parametrize("text", ["没有收到", "0 还有事吗", "无法登录系统", "零关税商品清单", "3", "00"])
async def test_what_is_near_is_no_answer(asked: Cast, text: str) -> None:
    await asked.ho_sms.reads()
    assert "T-ZERO-OK" not in keys(await asked.ho_sms.sends(text))
    assert (await of(asked, "ho")).state == "open"


async def test_a_zero_means_nothing_while_no_question_is_open(cast: Cast) -> None:
    assert keys(await cast.ho_sms.sends("0")) == ["T-FALLBACK"]
    assert keys(await cast.ho_sms.sends("零报告")) == ["T-ZERO-CLOSED"]
    await go_to(cast, "2026-09-30T10:00")
    await cast.ho_sms.sends("0")
    assert keys(await cast.ho_sms.sends("零报告")) == ["T-ZERO-CLOSED"]
    assert (await cast.ho_sms.inbound()).intent == "ZERO_REPORT"


async def test_the_thanks_come_in_the_language_of_the_answer(asked: Cast) -> None:
    await asked.ho_sms.reads()
    said = await asked.ho_sms.sends("nothing")
    assert (keys(said), said[0].lang) == (["T-ZERO-OK"], "en")
    assert "September" in said[0].text


async def plea(cast: Cast) -> None:
    """Lin registers by SMS that somebody asked him, in September."""
    await cast.lin_sms.sends(LINE)
    await cast.lin_sms.sends(LIN_CODE)


async def test_a_zero_is_never_kept_where_there_are_entries(cast: Cast) -> None:
    await plea(cast)
    await go_to(cast, "2026-09-30T10:00")
    chat = cast.lin_chat
    await chat.reads()
    said = await chat.sends("无")
    assert keys(said) == ["T-ZERO-HAS"]
    assert "1件" in said[0].text
    record = await of(cast)
    assert (record.state, "reply" in record.facts, "answer" in record.facts) == ("open", False, False)
    assert keys(await chat.sends("0")) == ["T-ZERO-HAS"]
    assert "T-ZERO-OK-HAS" in keys(await chat.presses("没有了"))
    record = await of(cast)
    assert (record.state, record.facts["answer"]) == ("has_entries", "has_entries")
    assert record.facts.get("reply") != "0"
    assert record.facts["entries"].startswith("SQ")


async def test_registered_already(cast: Cast) -> None:
    await plea(cast)
    await go_to(cast, "2026-09-30T10:00")
    await cast.lin_chat.reads()
    assert "T-ZERO-OK-HAS" in keys(await cast.lin_chat.presses("已登记且无遗漏"))
    assert (await of(cast)).facts["proof"] == "bound_account"


async def test_registered_already_without_an_entry(asked: Cast) -> None:
    ho = asked.ho_sms
    await ho.reads()
    said = await ho.sends("2")
    assert keys(said) == ["ask.zero_report.none_yet"]
    assert "1 現在登記 2 改為無" in said[0].text
    assert (await of(asked, "ho")).state == "open"
    assert keys(await ho.sends("2")) == ["T-ZERO-OK"]
    assert (await of(asked, "ho")).facts["none_yet"] == "2"


async def test_yes_opens_the_form_and_the_first_entry_closes_the_return(asked: Cast) -> None:
    chat = asked.lin_chat
    await chat.reads()
    assert keys(await chat.sends("1")) == ["ask.zero_report.which"]
    await chat.sends("1")
    (dialog,) = await chat.dialogs()
    assert dialog.topic == "intercession"
    assert (await of(asked)).state == "open"
    assert (await of(asked)).facts["which"] == "1"
    for answer in ("0928", "某某 某公司", "2", "3", "催手册", "1"):
        await chat.sends(answer)
    assert await Record.filter(kind="intercession").count() == 1
    await pump(asked)
    assert "T-ZERO-OK-HAS" in keys(await chat.reads())
    record = await of(asked)
    assert (record.state, record.facts["answer"]) == ("has_entries", "has_entries")
    assert await OpenQuestion.filter(kind="return", ref_id=record.id, closed_at=None).count() == 0


async def test_both_registers_begin_with_the_first(asked: Cast) -> None:
    await asked.lin_chat.reads()
    await asked.lin_chat.sends("1")
    said = await asked.lin_chat.sends("3")
    assert "returns.both" in keys(said)
    assert (await asked.lin_chat.dialogs())[0].topic == "intercession"


async def test_a_dialog_dropped_leaves_the_return_open_for_zero(asked: Cast) -> None:
    await asked.lin_chat.reads()
    await asked.lin_chat.sends("1")
    await asked.lin_chat.sends("2")
    await asked.lin_chat.sends("放弃")
    assert "T-ZERO-OK" in keys(await asked.lin_chat.sends("0"))
    assert (await of(asked)).state == "zero_confirmed"


async def test_an_entry_filed_later_amends_the_zero(asked: Cast) -> None:
    await asked.lin_chat.reads()
    await asked.lin_chat.sends("0")
    await go_to(asked, "2026-10-20T09:00")
    await plea(asked)
    await pump(asked)
    record = await of(asked)
    assert (record.state, record.facts["amended"], record.facts["answer"]) == ("zero_confirmed", "true", "zero")


async def test_an_old_button_of_a_later_question_does_nothing(asked: Cast) -> None:
    await asked.lin_chat.reads()
    record = await of(asked)
    said = await asked.lin_chat.presses_data(f"return:{record.id}:nothing_else:1")
    assert keys(said) == ["bot.press_stale"]
    for data in (f"return:{record.id}:reply:7", "return:999999:reply:0", "return:x:reply:0", "return:1"):
        assert keys(await asked.lin_chat.presses_data(data)) == ["bot.press_stale"]
    assert (await of(asked)).state == "open"


async def test_nobody_answers_for_another(asked: Cast) -> None:
    record = await of(asked, "ho")
    await asked.lin_chat.reads()
    assert keys(await asked.lin_chat.presses_data(f"return:{record.id}:reply:0")) == ["bot.press_stale"]
    assert (await of(asked, "ho")).state == "open"


async def test_a_number_belongs_to_the_question_last_sent(asked: Cast) -> None:
    """The menu came after the question: 3 is the menu's, and it brings the question back."""
    await asked.lin_chat.reads()
    await asked.lin_chat.sends("帮助")
    assert keys(await asked.lin_chat.sends("3")) == ["T-ZERO-ASK"]
    assert keys(await asked.lin_chat.sends("0")) == ["T-ZERO-OK"]


async def test_a_month_in_one_line(asked: Cast) -> None:
    await asked.ho_sms.reads()
    assert keys(await asked.ho_sms.sends("LBG#202612")) == ["error.future_period"]
    assert keys(await asked.ho_sms.sends("LBG#202608")) == ["returns.not_asked"]
    assert keys(await asked.ho_sms.sends("LBG#2026")) == ["error.bad_date"]
    await go_to(asked, "2026-10-09T09:00")
    assert (await of(asked, "ho")).state == "overdue"
    await asked.ho_sms.reads()
    assert keys(await asked.ho_sms.sends("零报告#202609")) == ["T-ZERO-OK"]
    assert (await of(asked, "ho")).state == "late_zero"
    assert keys(await asked.ho_sms.sends("LBG#202609")) == ["returns.closed_month"]


async def test_a_closed_month_says_so(asked: Cast) -> None:
    await go_to(asked, "2026-11-08T09:00")
    await asked.ho_sms.reads()
    assert (await of(asked, "ho")).state == "missed"
    said = await asked.ho_sms.sends("零报告#202609")
    assert keys(said) == ["returns.closed_month"]
    assert "9月" in said[0].text
    assert (await of(asked, "ho")).state == "missed"


async def test_two_months_are_answered_newest_first(asked: Cast) -> None:
    await go_to(asked, "2026-10-30T10:00")
    await asked.ho_sms.reads()
    await asked.ho_sms.sends("0")
    assert (await of(asked, "ho", "2026-10")).state == "zero_confirmed"
    assert (await of(asked, "ho")).state == "overdue"
    await asked.ho_sms.sends("0")
    assert (await of(asked, "ho")).state == "late_zero"


async def test_who_is_not_bound_is_asked_who_he_is(asked: Cast) -> None:
    assert keys(await asked.wang.sends("LBG#202609")) == ["T-BIND-FIRST"]
    assert keys(await asked.wang.sends("0")) == ["T-FALLBACK"]


async def test_what_he_still_owes_is_said(asked: Cast) -> None:
    await asked.ho_sms.reads()
    said = await asked.ho_sms.sends("查询")
    assert keys(said) == ["returns.owed"]
    assert "9月报告待报" in said[0].text
    await asked.ho_sms.sends("0")
    assert keys(await asked.ho_sms.sends("查询")) == ["bot.status_none"]


async def test_opting_out_of_education_does_not_stop_the_question(cast: Cast) -> None:
    assert keys(await cast.ho_sms.sends("退订")) == ["T-OPTOUT-DUTY"]
    await go_to(cast, "2026-09-30T10:00")
    assert keys(await cast.ho_sms.reads()) == ["T-ZERO-ASK"]


async def test_paper_must_agree_with_the_registers(cast: Cast) -> None:
    await plea(cast)
    await go_to(cast, "2026-09-30T10:00")
    office, kinds = cast.world.office, cast.world.bot.kinds
    head = await actor_of(office, cast.staff["integrity_head"].id)
    record = await of(cast)
    with pytest.raises(Conflict, match=r"returns\.paper_has"):
        async with sql.transaction():
            await do_enter_paper(office, kinds, head, record.public_id, zero=True)
    async with sql.transaction():
        await do_enter_paper(office, kinds, head, record.public_id, zero=False)
    record = await of(cast)
    assert (record.state, record.facts["proof"], record.facts["channel"]) == ("has_entries", "paper", "letter")
    with pytest.raises(Conflict, match=r"returns\.closed_already"):
        async with sql.transaction():
            await do_enter_paper(office, kinds, head, record.public_id, zero=False)
