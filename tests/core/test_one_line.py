"""One-line forms and single answers, with the examples of the kinds."""

import datetime as dt

import pytest

from core.answers import AnswerError, AnswerField, read_answer
from core.one_line import parse_line

TODAY = dt.date(2026, 9, 14)
DIGITS = tuple("1234567890")
INTERCESSION = (
    AnswerField("occurred_at", "moment", not_future=True),
    AnswerField("asker_name", "line", unknown=True, max=40),
    AnswerField("asker_unit_post", "line", unknown=True, max=80),
    AnswerField("manner", "choice", choices=tuple("12345678")),
    AnswerField("matter", "choice", choices=DIGITS),
    AnswerField("request", "text", max=500),
    AnswerField("response", "choice", choices=tuple("123456")),
)
COMPLAINT = (
    AnswerField("unit", "unit"),
    AnswerField("occurred_at", "moment", not_future=True),
    AnswerField("content", "text", max=2000),
)
GIFT = (
    AnswerField("received_at", "date", not_future=True),
    AnswerField("giver_name", "line", unknown=True),
    AnswerField("giver_org", "line", unknown=True),
    AnswerField("kind", "choice", choices=DIGITS),
    AnswerField("amount", "money", unknown=True),
    AnswerField("handling", "choice", choices=DIGITS),
    AnswerField("description", "text"),
)
OUTING = (
    AnswerField("company", "line"),
    AnswerField("officers", "line"),
    AnswerField("planned_from", "moment", range_to="planned_to"),
    AnswerField("task", "line"),
    AnswerField("secret", "choice", choices=("1", "2")),
)
PERIOD = (AnswerField("period", "period"),)
FEEDBACK = (AnswerField("answers", "digits", pattern="[12]{5}"), AnswerField("remark", "text"))

Fields = tuple[AnswerField, ...]
READ: list[tuple[Fields, str, dict[str, str]]] = [
    (
        INTERCESSION,
        "说情#0912#周某#某某物流经理#2#1#让今晚先放两个柜#1",
        {
            "occurred_at": "2026-09-12",
            "asker_name": "周某",
            "asker_unit_post": "某某物流经理",
            "manner": "2",
            "matter": "1",
            "request": "让今晚先放两个柜",
            "response": "1",
        },
    ),
    (
        INTERCESSION,
        "SQ#昨天##不详#4#5#打听处罚金额能不能少#2",
        {
            "occurred_at": "2026-09-13",
            "asker_unit_post": "unknown",
            "manner": "4",
            "matter": "5",
            "request": "打听处罚金额能不能少",
            "response": "2",
        },
    ),
    (
        INTERCESSION,
        "說情*9.12*陳某*貿易公司*1*2*想改歸類*1",
        {
            "occurred_at": "2026-09-12",
            "asker_name": "陳某",
            "asker_unit_post": "貿易公司",
            "manner": "1",
            "matter": "2",
            "request": "想改歸類",
            "response": "1",
        },
    ),
    (
        INTERCESSION,
        "说情#昨天#周某####催放行#",
        {"occurred_at": "2026-09-13", "asker_name": "周某", "request": "催放行"},
    ),
    (
        COMPLAINT,
        "投诉＃鹭鸣港海关＃0912＃窗口上午十点\n无人受理",
        {"unit": "鹭鸣港海关", "occurred_at": "2026-09-12", "content": "窗口上午十点\n无人受理"},
    ),
    (COMPLAINT, "投诉###窗口一直没人", {"content": "窗口一直没人"}),
    (COMPLAINT, "投诉###号柜#2号门", {"content": "号柜#2号门"}),
    (
        COMPLAINT,
        "COMPLAINT#Luming Port#12.9#nobody at the counter",
        {"unit": "Luming Port", "occurred_at": "2025-12-09", "content": "nobody at the counter"},
    ),
    (
        GIFT,
        "GIFT#yesterday#Lee#Sample Forwarding#3#500HKD#2#card returned",
        {
            "received_at": "2026-09-13",
            "giver_name": "Lee",
            "giver_org": "Sample Forwarding",
            "kind": "3",
            "amount": "500.00",
            "currency": "HKD",
            "handling": "2",
            "description": "card returned",
        },
    ),
    (
        GIFT,
        "红包#0912#不详#某行#1#1.2万#1",
        {
            "received_at": "2026-09-12",
            "giver_name": "unknown",
            "giver_org": "某行",
            "kind": "1",
            "amount": "12000.00",
            "handling": "1",
        },
    ),
    (
        OUTING,
        "外出#SLC003#9021038#0915 9:30到11:30#稽查#1",
        {
            "company": "SLC003",
            "officers": "9021038",
            "planned_from": "2026-09-15T09:30",
            "planned_to": "2026-09-15T11:30",
            "task": "稽查",
            "secret": "1",
        },
    ),
    (PERIOD, "LBG#202608", {"period": "2026-08"}),
    (FEEDBACK, "反馈#11211#在我们食堂吃了午饭", {"answers": "11211", "remark": "在我们食堂吃了午饭"}),
]


@pytest.mark.parametrize(("fields", "line", "expected"), READ)
def test_lines_that_are_read(fields: Fields, line: str, expected: dict[str, str]) -> None:
    read = parse_line(line, fields, TODAY)
    assert read is not None
    assert (read.values, read.error) == (expected, None)


WRONG: list[tuple[Fields, str, str, int]] = [
    (INTERCESSION, "说情#0912#周某#某公司#11#1#催放行#1", "error.bad_choice", 4),
    (INTERCESSION, "说情#1305#周某#某公司#2#1#催放行#1", "error.bad_date", 1),
    (INTERCESSION, "说情#20260915#周某#某公司#2#1#催放行#1", "error.future_date", 1),
    (INTERCESSION, f"说情#0912#{'周' * 41}#某公司#2#1#催放行#1", "error.too_long", 2),
    (GIFT, "红包#0912#吴某#某行#1#不少#1", "error.bad_amount", 5),
    (OUTING, "外出#SLC003#9021038#0912#稽查#3", "error.bad_choice", 5),
    (PERIOD, "零报告#202612", "error.future_period", 1),
    (PERIOD, "零报告#202613", "error.bad_date", 1),
    (FEEDBACK, "反馈#1111", "error.bad_pattern", 1),
]


@pytest.mark.parametrize(("fields", "line", "error", "at"), WRONG)
def test_the_first_error_and_its_field(fields: Fields, line: str, error: str, at: int) -> None:
    read = parse_line(line, fields, TODAY)
    assert read is not None
    assert (read.values, read.error, read.at) == ({}, error, at)


@pytest.mark.parametrize("line", ["说情 0912 周某 电话催放行", "投诉:窗口工作人员态度很差", "#", "举报某科某某收卡"])
def test_what_is_no_form(line: str) -> None:
    assert parse_line(line, COMPLAINT, TODAY) is None


def test_too_many_fields_join_the_last_and_say_so() -> None:
    read = parse_line("投诉#港#0912#一#二", COMPLAINT, TODAY)
    assert read is not None
    assert (read.values["content"], read.joined) == ("一#二", True)


def test_a_keyword_of_two_words_opens_a_form() -> None:
    read = parse_line("zero report #202608", PERIOD, TODAY)
    assert read is not None
    assert read.values == {"period": "2026-08"}


@pytest.mark.parametrize(
    ("field", "answer", "values"),
    [
        (INTERCESSION[1], " 不清楚。", {"asker_name": "unknown"}),
        (INTERCESSION[4], "０", {"matter": "0"}),
        (INTERCESSION[4], "1️⃣", {"matter": "1"}),
        (INTERCESSION[0], "昨天下午3点", {"occurred_at": "2026-09-13T15:00"}),
        (COMPLAINT[2], "  窗口没人 ", {"content": "窗口没人"}),
    ],
)
def test_single_answers(field: AnswerField, answer: str, values: dict[str, str]) -> None:
    assert read_answer(field, answer, TODAY) == values


def test_unknown_is_an_answer_only_where_the_field_says_so() -> None:
    with pytest.raises(AnswerError, match=r"error\.bad_date"):
        read_answer(INTERCESSION[0], "不详", TODAY)
