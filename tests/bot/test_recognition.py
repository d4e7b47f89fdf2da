"""Every keyword case and every message as people text them, whole; then what the tables do not say."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.recognition import Context, Recognizer

DATA = Path(__file__).parents[1] / "data"
RECOGNIZER = Recognizer.load()
CONTEXTS = {
    "none": Context(),
    "ack_waiting": Context(ack_waiting=True),
    "zero_waiting": Context(zero_waiting=True),
    "footer_R": Context(footer="R"),
    "digits_waiting": Context(answers=frozenset("123456789")),
    "dialog": Context(dialog=True),
    "collecting": Context(dialog=True, collecting=True),
}


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def context_of(row: dict[str, str]) -> Context:
    return replace(CONTEXTS[row["context"]], sender="staff" if row["sender"] == "staff" else "public")


ROWS = [*rows("keyword_cases.csv"), *rows("keyword_positives.csv")]


def test_the_tables_are_whole() -> None:
    assert len(rows("keyword_cases.csv")) == 131
    assert len(rows("keyword_positives.csv")) == 67


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_keyword_case(row: dict[str, str]) -> None:
    intent = RECOGNIZER.recognise(row["text"], context_of(row))
    name = f"CMD_{intent.name}" if intent.step == "command" else intent.name
    if row["expect"] == "EMERGENCY":
        assert RECOGNIZER.is_emergency(row["text"])
    else:
        assert name == row["expect"], (intent, row["why"])
        assert not RECOGNIZER.is_emergency(row["text"])


RESTS = [
    ("我要投诉，今天上午在鹭鸣港", "COMPLAINT", "今天上午在鹭鸣港"),
    ("投訴貴關查驗排期，講好星期三", "COMPLAINT", "貴關查驗排期，講好星期三"),
    ("您好，反映个问题：12号窗口", "COMPLAINT", "12号窗口"),
    ("Complaint: Officer was RUDE", "COMPLAINT", "Officer was RUDE"),
    ("【星澜海关】投诉 窗口没人", "COMPLAINT", "窗口没人"),
    ("投诉窗口\n没人理🙏", "COMPLAINT", "窗口\n没人理🙏"),
    ("投诉", "COMPLAINT", ""),
    ("你好，投诉", "COMPLAINT", ""),
    ("投诉!!", "COMPLAINT", ""),
    ("投诉\n发自我的iPhone", "COMPLAINT", ""),
    ("投诉科长态度差", "COMPLAINT", "科长态度差"),
    ("我要举报人事科科长收钱", "TIP", "人事科科长收钱"),
    ("ＴＳ＃鹭鸣港海关＃0912＃无人受理", "COMPLAINT", "鹭鸣港海关＃0912＃无人受理"),
    ("投诉###窗口一直没人", "COMPLAINT", "##窗口一直没人"),
    ("zero report #202608", "BIND_FIRST", "202608"),
    ("查询 TS26091400130", "STATUS", "TS26091400130"),
    ("我的 ts26091400130 到哪了", "STATUS", "TS26091400130"),
    ("请问：排队", "INQUIRY", "排队"),
    ("查询税率 85171300", "INQUIRY", "查询税率 85171300"),
]


@pytest.mark.parametrize(("text", "name", "rest"), RESTS)
def test_what_follows_the_head_word_is_kept_as_sent(text: str, name: str, rest: str) -> None:
    intent = RECOGNIZER.recognise(text, Context())
    assert (intent.name, intent.rest) == (name, rest)


MORE = [
    ("投诉科在哪", "public", "NONE", "an office"),
    ("举报人的信息会保密吗", "public", "NONE", "the one who reports"),
    ("有人打招呼", "public", "BIND_FIRST", "an outsider cannot register"),
    ("能不能通融一下", "public", "NONE", "a hint at intercession says nothing of an outsider"),
    ("能不能通融一下，他说", "staff", "SUGGEST_INTERCESSION", "a hint"),
    ("上报红包以后科长针对我", "staff", "SUGGEST_RETALIATION", "the gravest hint goes first"),
    ("没人受理，科长还要好处费", "public", "SUGGEST_TIP", "a tip goes before a complaint"),
    ("红包", "staff", "GIFT", "an officer registers"),
    ("HB#昨天#不详", "public", "SUGGEST_TIP", "a form of an outsider"),
    ("0 还有事吗", "staff", "NONE", "not the whole message"),
    ("hi, i want to complain about hall b", "public", "COMPLAINT", "an English opener"),
    ("status", "public", "STATUS", "exact"),
    ("我的举报怎么样了", "public", "STATUS", "words only"),
    ("我要退订", "public", "OPT_OUT", "said in full"),
    ("我要退訂", "public", "OPT_OUT", "said in full"),
    ("我要退订单", "public", "NONE", "an order"),
    ("status of the market", "public", "NONE", "no number and nothing of ours"),
    ("status of my complaint", "public", "STATUS", "of my"),
    ("complaints department?", "public", "NONE", "a longer word"),
    ("complaint nobody at counter 4", "public", "SUGGEST_COMPLAINT", "without the colon it only asks"),
    (
        "我要投诉，" + "排队很久没有人理我" * 8 + "，怎么投诉都没人管",
        "public",
        "COMPLAINT",
        "a long message is no question",
    ),
    ("说情登记怎么登记说情", "staff", "INFO_INTERCESSION", "a question"),
    ("", "public", "NONE", "nothing"),
    ("🙏", "public", "NONE", "nothing that is seen"),
]


@pytest.mark.parametrize(("text", "sender", "expected", "why"), MORE)
def test_more(text: str, sender: str, expected: str, why: str) -> None:
    context = Context(sender="staff" if sender == "staff" else "public")
    assert RECOGNIZER.recognise(text, context).name == expected, why


COMMANDS = [
    ("取消", False, "DROP"),
    ("算了吧。", False, "DROP"),
    ("Back", False, "BACK"),
    ("跳過", False, "SKIP"),
    ("继续", False, "CONTINUE"),
    ("更多", False, "MORE"),
    ("?", False, "HELP"),
    ("STOP", False, "OPT_OUT"),
    ("退訂", False, "OPT_OUT"),
    ("完", True, "DONE"),
    ("完", False, None),
    ("td", False, None),
    ("quit", False, None),
    ("取消报关单", False, None),
]


@pytest.mark.parametrize(("text", "collecting", "expected"), COMMANDS)
def test_commands_inside_a_dialog(text: str, collecting: bool, expected: str | None) -> None:
    assert RECOGNIZER.dialog_command(text, collecting=collecting) == expected


DANGER = [
    ("救命", True),
    ("救命啊！", True),
    ("对方拿刀了", True),
    ("他說要殺我，威脅我家人", True),
    ("I received death threats", True),
    ("救命稻草", False),
    ("the wait is killing me", False),
    ("打死也不说", False),
]


@pytest.mark.parametrize(("text", "danger"), DANGER)
def test_danger_is_seen_in_any_message(text: str, danger: bool) -> None:
    assert RECOGNIZER.is_emergency(text) is danger


def test_a_word_of_an_intent_whatever_waits() -> None:
    assert RECOGNIZER.means("ACK", "收到！")
    assert not RECOGNIZER.means("ACK", "收到货物")


def test_an_answer_goes_before_every_keyword_but_not_before_opting_out() -> None:
    context = Context(answers=frozenset({"1", "说情", "stop"}))
    assert RECOGNIZER.recognise("说情", context).name == "ANSWER"
    assert RECOGNIZER.recognise("stop", context).name == "OPT_OUT"


@given(st.text(max_size=200), st.booleans(), st.booleans())
def test_anything_has_an_intent(text: str, staff: bool, dialog: bool) -> None:
    intent = RECOGNIZER.recognise(text, Context(sender="staff" if staff else "public", dialog=dialog))
    assert intent.name
    assert len(intent.rest) <= len(text) + 14


def test_what_decided_is_a_word_of_ours_and_never_a_piece_of_the_message() -> None:
    intent = RECOGNIZER.recognise("officer Zhang was very rude", Context())
    assert intent.name == "SUGGEST_COMPLAINT"
    assert "zhang" not in intent.via.lower()
    assert RECOGNIZER.recognise("5", Context(answers=frozenset("5"))).via == ""
