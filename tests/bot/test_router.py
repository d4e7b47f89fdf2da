"""What a message gets when nothing is open: consent, help, a person, near-misses, hints, the fallback; and limits."""

import re
from datetime import timedelta

import pytest

from bot import visit
from messaging import consent
from models.inbound import Inbound, OpenQuestion
from models.outgoing import Message
from models.record import Record
from tests.bot.conftest import Cast, keys

ONE_REPLY = [
    # who, what he writes, the reply, its language
    ("wang", "帮助", "T-HELP-PUBLIC", "zh-Hans"),
    ("wang", "幫助", "T-HELP-PUBLIC", "zh-Hant"),
    ("wang", "help", "T-HELP-PUBLIC", "en"),
    ("wang", "?", "T-HELP-PUBLIC", "zh-Hans"),
    ("lin_sms", "帮助", "T-HELP-STAFF", "zh-Hans"),
    ("lin_chat", "/start", "T-HELP-STAFF", "zh-Hans"),
    ("lee", "/start", "T-HELP-PUBLIC", "zh-Hans"),
    ("lee", "/unknown", "T-HELP-PUBLIC", "zh-Hans"),
    ("wang", "人工", "T-HUMAN", "zh-Hans"),
    ("wang", "talk to a human", "T-HUMAN", "en"),
    ("wang", "退订", "T-OPTOUT-ALL", "zh-Hans"),
    ("wang", "TD", "T-OPTOUT-ALL", "zh-Hans"),
    ("wang", "no more", "T-OPTOUT-ALL", "en"),
    ("lin_sms", "退订", "T-OPTOUT-DUTY", "zh-Hans"),
    ("wang", "恢复", "T-OPTIN", "zh-Hans"),
    ("wang", "怎么退订", "T-OPTOUT-ASK", "zh-Hans"),
    ("wang", "怎么投诉", "T-HELP-PUBLIC", "zh-Hans"),
    ("wang", "说情", "T-BIND-FIRST", "zh-Hans"),
    ("wang", "零报告", "T-BIND-FIRST", "zh-Hans"),
    ("lin_sms", "婉拒", "T-REFUSAL-LINE", "zh-Hans"),
    ("lin_sms", "报复", "ask.retaliation.what", "zh-Hans"),
    ("ho_sms", "舉報", "bot.not_yet", "zh-Hant"),
    ("wang", "suggestion: open the gate earlier", "bot.not_yet", "en"),
    ("wang", "等了三个钟头没人理，货还在码头晒着", "T-SUGGEST-COMPLAINT", "zh-Hans"),
    ("wang", "we waited 4 hours at the counter and nobody came", "T-SUGGEST-COMPLAINT", "en"),
    ("lin_sms", "他跟我打招呼让我放行", "T-SUGGEST-SQ", "zh-Hans"),
    ("wang", "海關說明天放行", "T-FALLBACK", "zh-Hant"),
    ("wang", "退单了怎么重新申报", "T-FALLBACK", "zh-Hans"),
    ("lin_sms", "收到", "T-ACK-NONE", "zh-Hans"),
    ("wang", "收到", "T-FALLBACK", "zh-Hans"),
    ("wang", "继续", "dialog.nothing_open", "zh-Hans"),
    ("lin_chat", "绑定", "bot.bound_already", "zh-Hans"),
    ("wang", "查询", "bot.status_none", "zh-Hans"),
    ("wang", "TS26091400130 进度", "exchange.status.code", "zh-Hans"),
]


async def test_one_message_one_reply(cast: Cast) -> None:
    got = [(who, text, await reply(cast, at, who, text)) for at, (who, text, *_) in enumerate(ONE_REPLY)]
    assert got == [(who, text, [(key, lang)]) for who, text, key, lang in ONE_REPLY]


async def reply(cast: Cast, at: int, who: str, text: str) -> list[tuple[str, str]]:
    """Send from a fresh number or chat of the same person."""
    phone = getattr(cast, who)
    person = {"lin_sms": cast.lin, "lin_chat": cast.lin, "ho_sms": cast.ho}.get(who)
    fresh = await cast.world.phone(phone.channel, f"{phone.identity[:-2]}{at:02}9", person)
    return [(each.key, each.lang) for each in await fresh.sends(text)]


async def test_sms_is_signed_and_chat_is_not(cast: Cast) -> None:
    assert (await cast.wang.sends("帮助"))[0].text.startswith("【星澜海关】")
    assert not (await cast.lee.sends("帮助"))[0].text.startswith("【")


async def test_an_outsider_leaves_everything_an_officer_keeps_duty(cast: Cast) -> None:
    await cast.wang.sends("退订")
    await cast.lin_sms.sends("退订")
    assert await consent.is_withdrawn(cast.wang.address_id, "family")
    assert await consent.is_withdrawn(cast.lin_sms.address_id, "education")
    assert not await consent.is_withdrawn(cast.lin_sms.address_id, "family")
    await cast.wang.sends("恢复")
    assert not await consent.is_withdrawn(cast.wang.address_id, "family")


async def test_nothing_fitting_is_helped_once_a_day_and_read_by_a_person(cast: Cast) -> None:
    assert keys(await cast.wang.sends("今天天气不错")) == ["T-FALLBACK"]
    assert keys(await cast.wang.sends("明天呢")) == []
    assert (await cast.wang.inbound()).for_person
    cast.world.office.clock.advance(timedelta(days=1))  # type: ignore[attr-defined]
    assert keys(await cast.wang.sends("后天呢")) == ["T-FALLBACK"]


async def test_a_second_hint_of_the_day_is_only_noted(cast: Cast) -> None:
    assert keys(await cast.wang.sends("俺跑了三趟都没办成")) == ["T-SUGGEST-COMPLAINT"]
    first = await cast.wang.inbound()
    assert keys(await cast.wang.sends("窗口那个女的爱理不理")) == []
    second = await cast.wang.inbound()
    assert (first.for_person, second.for_person) == (False, True)


async def test_danger_is_flagged_besides_whatever_happens(cast: Cast) -> None:
    said = await cast.wang.sends("救救我们，仓库里有人拿刀")
    assert "T-EMERGENCY" in keys(said)
    assert keys(await cast.wang.sends("他还拿刀")) == []
    row = await cast.wang.inbound()
    assert (row.urgent, row.for_person) == (True, True)


async def test_words_that_became_a_report_after_a_question_are_not_kept_with_the_message(cast: Cast) -> None:
    assert keys(await cast.wang.sends("俺跑了三趟都没办成")) == ["T-SUGGEST-COMPLAINT"]
    assert (await cast.wang.inbound()).body is not None
    assert "T-TS-RECEIPT" in keys(await cast.wang.sends("1"))
    assert not await Inbound.filter(body__isnull=False, intent__isnull=True).exists()
    assert [row.body for row in await Inbound.all().order_by("id").limit(1)] == [None]


async def test_a_query_code_is_not_kept_with_the_message(cast: Cast) -> None:
    filed = await cast.wang.sends("投诉 窗口一直没人")
    code = next(found[0] for said in filed if (found := re.search(r"(?<!\d)\d{6}(?!\d)", said.text)))
    number = (await Record.get()).number
    await cast.lee.sends(f"查询#{number}#{code}")
    assert (await cast.lee.inbound()).body is None


async def test_what_has_no_function_yet_goes_to_a_person(cast: Cast) -> None:
    await cast.wang.sends("咨询 手册怎么备案")
    row = await cast.wang.inbound()
    assert (row.intent, row.for_person) == ("INQUIRY", True)
    assert row.body is not None


async def test_the_digits_of_the_menu_are_answers(cast: Cast) -> None:
    await cast.wang.sends("帮助")
    assert keys(await cast.wang.sends("9")) == ["T-HUMAN"]
    assert keys(await cast.wang.sends("9")) == ["T-FALLBACK"]


async def test_a_suggestion_answered_no_does_nothing(cast: Cast) -> None:
    await cast.wang.sends("俺跑了三趟都没办成")
    assert keys(await cast.wang.sends("2")) == ["bot.fine"]
    assert not await OpenQuestion.filter(closed_at=None).exists()
    assert not await OpenQuestion.filter(payload__isnull=False).exists()


async def test_a_thousand_messages_do_not_get_a_thousand_replies(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visit, "MOST_REPLIES_A_DAY", 5)
    said = []
    for _ in range(10):
        said += keys(await cast.wang.sends("帮助"))
    assert said == ["T-HELP-PUBLIC"] * 5 + ["T-RATE-LIMIT"]
    assert await Inbound.filter(state="handled").count() == 10


async def test_what_the_provider_reports_is_not_answered(cast: Cast) -> None:
    assert keys(await cast.wang.sends("STOP", opt="out")) == []
    assert keys(await cast.wang.sends("START", opt="in")) == ["T-OPTIN"]


async def test_a_picture_is_refused_once(cast: Cast) -> None:
    assert keys(await cast.lee.sends(None, "other")) == ["error.no_file"]
    assert keys(await cast.lee.sends(None, "other")) == []


async def test_a_button_of_nobody_is_answered_politely(cast: Cast) -> None:
    for data in ("", "x", "q:1:1:1", "q:ffffffffffff:0:1", "ack:999999", "ack:x", "q:1:1:" + "9" * 60):
        said = await cast.lee.presses_data(data)
        assert said[0].press is not None, data
        assert said[0].edits is None


async def test_a_failure_leaves_nothing_half_done_and_is_tried_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr("bot.step.inbox.note", broken)
    await cast.wang.leaves("退订")
    await cast.world.settle()
    assert not await Message.exists()
    assert not await consent.is_withdrawn(cast.wang.address_id, "education")
    assert (await cast.wang.inbound()).state == "new"
    monkeypatch.undo()
    cast.world.office.clock.advance(timedelta(minutes=5))  # type: ignore[attr-defined]
    await cast.world.settle()
    assert keys(await cast.wang.reads()) == ["T-OPTOUT-ALL"]
    assert await Inbound.filter(state="handled").count() == 1
