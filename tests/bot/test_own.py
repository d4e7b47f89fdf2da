"""An officer's own entries, corrections, the urgent path, the refusal line and the tidy chat."""

from datetime import timedelta

import pytest

from bot.chat_commands import menu
from models import ledger_append
from models.outgoing import Message
from models.record import Record
from records.reading import open_record
from tests.bot.chat_rig import Chat, labels
from tests.bot.chat_rig import lin as lin
from tests.bot.chat_rig import sandbox as sandbox
from tests.bot.conftest import LIN_CODE, Cast, keys
from tests.keys import unlocked
from tests.messaging.conftest import sandbox_url as sandbox_url

ANSWERS = ["昨天", "周某 某某物流", "1", "让先放两个柜", "1"]
TAPS = ["说情", "昨天", "周某", ("通关查验",), "让先放两个柜", ("当场拒绝",)]


async def file_one(cast: Cast) -> Record:
    await cast.lin_chat.sends("说情")
    for answer in ANSWERS:
        await cast.lin_chat.sends(answer)
    await cast.lin_chat.sends("放弃")
    record = await Record.all().order_by("-id").first()
    assert record is not None
    return record


async def test_filed_after_five_answers_or_taps(cast: Cast) -> None:
    for count, step in enumerate(TAPS):
        assert not await Record.exists(), f"filed after {count}"
        await (cast.lin_chat.presses(step[0]) if isinstance(step, tuple) else cast.lin_chat.sends(step))
    assert await Record.all().count() == 1
    assert len(TAPS) - 1 == 5


async def test_filed_by_one_line_after_one_message_and_the_code(cast: Cast) -> None:
    await cast.lin_sms.sends("说情#0914#周某#素舸货代经理#2#1#让先放两个柜明天补单#1")
    assert not await Record.exists()
    await cast.lin_sms.sends(LIN_CODE)
    assert await Record.all().count() == 1


async def test_own_entries_are_listed_and_gone_on_with(cast: Cast) -> None:
    record = await file_one(cast)
    for word in ("我的", "/mine"):
        (said,) = await cast.lin_chat.sends(word)
        assert str(record.number) in said.text
        assert "还有9题可补" in said.text
        assert "说情" not in said.text
    asked = await cast.lin_chat.presses(f"补充{record.number}")
    assert asked[-1].key == "ask.intercession.asker_identity"
    await cast.lin_chat.presses("企业或报关人员")
    assert (await Record.get()).facts["asker_identity"] == "5"
    (said,) = await cast.lin_chat.sends("我的")
    assert "还有8题可补" in said.text


async def test_many_entries_come_in_pages(cast: Cast) -> None:
    numbers = []
    for _ in range(8):
        numbers.append(str((await file_one(cast)).number))
    (first,) = await cast.lin_chat.sends("我的")
    _, second = await cast.lin_chat.presses("更早的")
    shown = [[number for number in numbers if number in each.text] for each in (first, second)]
    assert (len(shown[0]), len(shown[1])) == (6, 2)
    assert sorted([*shown[0], *shown[1]]) == sorted(numbers)


async def test_nobody_elses_entries_are_shown_or_touched(cast: Cast) -> None:
    record = await file_one(cast)
    ho = await cast.world.phone("telegram", "900000033", cast.ho)
    assert keys(await ho.sends("我的")) == ["bot.mine_none"]
    assert keys(await ho.sends("更正")) == ["bot.correct_none"]
    assert keys(await ho.sends(f"更正#{record.number}")) == ["bot.correct_none"]
    assert keys(await cast.lin_sms.sends("我的")) == ["bot.mine_by_chat"]
    assert keys(await cast.lin_sms.sends("更正")) == ["bot.mine_by_chat"]
    assert str(record.number) not in "".join(each.text for each in await cast.wang.sends("我的"))


async def test_an_answer_is_corrected_and_both_are_shown(cast: Cast) -> None:
    record = await file_one(cast)
    (which,) = await cast.lin_chat.sends("更正")
    assert "周某" not in which.text
    await cast.lin_chat.presses("涉及事项")
    assert keys(await cast.lin_chat.presses("稽查核查"))[-1] == "bot.corrected"
    await cast.lin_chat.sends("更正")
    await cast.lin_chat.presses("说情人姓名")
    assert keys(await cast.lin_chat.sends("邹某"))[-1] == "bot.corrected"
    office, kinds = cast.world.office, cast.world.bot.kinds
    head = await unlocked(office, kinds, cast.staff["integrity_head"].id)
    opened = await open_record(office, kinds, head, record.public_id)
    assert (opened.values["matter"], opened.values["asker_name"]) == ("4", "邹某")
    first, matter, name = opened.statements
    assert (first.values["asker_name"], matter.source) == ("周某", "correction")
    assert (matter.values["matter"], matter.values["@before.matter"]) == ("4", "1")
    assert name.values == {"asker_name": "邹某"}
    events = [line["event"] for line in await ledger_append.history(record.id)]
    assert events == ["filed", "corrected", "corrected", "read"]


async def test_a_wrong_correction_is_said_and_asked_again(cast: Cast) -> None:
    await file_one(cast)
    await cast.lin_chat.sends("更正")
    await cast.lin_chat.presses("发生时间")
    assert keys(await cast.lin_chat.sends("明年三月")) == ["error.bad_date"]
    assert keys(await cast.lin_chat.sends("前天")) == ["bot.corrected"]
    await cast.lin_chat.sends("更正")
    await cast.lin_chat.presses("发生时间")
    assert keys(await cast.lin_chat.sends("取消")) == ["bot.correct_dropped"]


async def test_the_time_for_corrections_ends(cast: Cast) -> None:
    await file_one(cast)
    await cast.lin_chat.sends("更正")
    await cast.lin_chat.presses("发生时间")
    cast.world.office.clock.advance(timedelta(days=40))  # type: ignore[attr-defined]
    await cast.lin_chat.sends("前天")
    assert keys(await cast.lin_chat.sends("更正")) == ["bot.correct_none"]
    assert not [line for line in await ledger_append.history((await Record.get()).id) if line["event"] == "corrected"]


async def test_a_correction_while_questions_are_open_lets_them_rest(cast: Cast) -> None:
    await cast.lin_chat.sends("说情")
    for answer in ANSWERS:
        await cast.lin_chat.sends(answer)
    assert keys(await cast.lin_chat.sends("更正")) == ["bot.correct_field"]
    assert keys(await cast.lin_chat.sends("继续"))[-1] == "ask.intercession.asker_identity"


async def test_what_already_had_an_effect_is_told_at_once(cast: Cast) -> None:
    await cast.world.phone("telegram", "900000004", cast.staff["integrity_head"])
    await cast.lin_chat.sends("说情")
    for answer in ANSWERS:
        said = await cast.lin_chat.sends(answer)
    while "ask.intercession.effect" not in keys(said):
        said = await cast.lin_chat.sends("跳过")
    said = await cast.lin_chat.presses("已影响")
    told = await Message.filter(text_key="T-URGENT-DUTY").values_list("person_id", flat=True)
    assert cast.staff["integrity_head"].id in told
    assert "intercession.urgent_owner" in keys(said)
    assert not [word for word in ("说情", "周某") if word in "".join(each.text for each in said)]


@pytest.mark.parametrize("word", ["婉拒", "REFUSE", "refuse"])
async def test_the_line_to_refuse_with(cast: Cast, word: str) -> None:
    assert keys(await cast.lin_chat.sends(word)) == ["T-REFUSAL-LINE"]


def test_the_menu_shows_own_entries(cast: Cast) -> None:
    assert "mine" in [name for name, _ in menu(cast.world.office, "en")]


async def test_the_chat_is_tidied_after_filing(lin: Chat) -> None:
    await lin.writes("说情")
    for answer in ANSWERS:
        await lin.writes(answer)
    said = await lin.writes("放弃")
    assert labels(said) == ["删除", "保留"]
    assert len(await lin.shown()) > 10
    (left,) = [one for one in await lin.presses("删除")]
    record = await Record.get()
    assert str(record.number) in left["text"]
    assert "备份" in left["text"]
    assert [one["text"] for one in await lin.shown()] == [left["text"]]


async def test_the_chat_stays_where_that_is_wanted_or_it_cannot_be_reached(lin: Chat) -> None:
    await lin.writes("说情")
    for answer in ANSWERS:
        await lin.writes(answer)
    await lin.writes("放弃")
    match = {"bot": lin.sandbox.bot, "method": "deleteMessages"}
    await lin.sandbox.call("POST", "faults", provider="telegram", effect="status_5xx", count=1, match=match)
    before = len(await lin.shown())
    await lin.presses("删除")
    assert len(await lin.shown()) == before
    lin.world.office.clock.advance(timedelta(minutes=10))  # type: ignore[attr-defined]
    await lin.settles()
    assert len(await lin.shown()) == 1
