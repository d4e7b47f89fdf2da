"""Questions and answers of both kinds as tables, and every one-line example of the files; nothing here needs rows."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from core.text import Language
from records.answers import Problem, Read, Reading, read_answer, read_line
from records.forms import menu_line, next_question, open_count, options_of, question_at
from records.kind import Kind, Kinds, Stage
from records.known import named_before_filing
from records.loading import example_fault, what_next
from records.menus import menu_of
from records.unit_names import UnitNames
from tests.records.conftest import INTERCESSION, UNITS

TODAY = dt.date(2026, 9, 14)
NAMES = UnitNames.of((code, name, english) for code, _, name, english in UNITS)
READING = Reading(TODAY, "zh-Hans", NAMES)
NAMED = named_before_filing()


def asked(kind: Kind, values: Mapping[str, Any], stage: Stage, skipped: set[str] = set(), **named: bool) -> str | None:  # noqa: B006
    question = next_question(kind, values, stage, skipped, {**NAMED, **named}, "zh-Hans")
    return question.fields[0] if question else None


NEXT: list[tuple[str, str, Stage, dict[str, str], set[str], str | None]] = [
    ("nothing said yet", "complaint", "first", {}, set(), "content"),
    ("said", "complaint", "first", {"content": "x"}, set(), None),
    ("three more at most", "complaint", "later", {}, set(), "unit"),
    ("one skipped", "complaint", "later", {}, {"unit"}, "doc_no"),
    ("the company alone will do", "complaint", "later", {"unit": "U10", "doc_no": "…", "sender_org": "…"}, set(), None),
    ("all skipped", "complaint", "later", {}, {"unit", "doc_no", "sender_name"}, None),
    ("begin", "intercession", "first", {}, set(), "occurred_at"),
    ("the unit is no name", "intercession", "first", {"occurred_at": "x", "asker_unit_post": "y"}, set(), "asker_name"),
    ("the last", "intercession", "first", {**INTERCESSION, "response": ""}, set(), None),
    ("after a line", "intercession", "later", INTERCESSION, set(), "asker_identity"),
    ("manner is asked late", "intercession", "later", {}, {"asker_unit_post", "asker_identity", "relation",
        "on_behalf_of", "effect", "benefit"}, "manner"),
    ("through whom", "intercession", "later", {"manner": "6"}, {"asker_unit_post", "asker_identity", "relation",
        "on_behalf_of", "effect", "benefit"}, "via_person"),
    ("no place for a call", "intercession", "later", {"manner": "2"}, {"asker_unit_post", "asker_identity", "relation",
        "on_behalf_of", "effect", "benefit"}, "matter_no"),
    ("a place for a meal", "intercession", "later", {"manner": "7"}, {"asker_unit_post", "asker_identity", "relation",
        "on_behalf_of", "effect", "benefit"}, "place"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "kind", "stage", "values", "skipped", "expected"), NEXT, ids=[row[0] for row in NEXT])
def test_next_question(
    kinds: Kinds, why: str, kind: str, stage: Stage, values: dict[str, str], skipped: set[str], expected: str | None
) -> None:
    assert asked(kinds.get(kind), values, stage, skipped) == expected


def test_why_late_is_asked_of_the_late(kinds: Kinds) -> None:
    kind = kinds.get("intercession")
    done = {name: "…" for entry in kind.form.later for name in entry.fields if name not in ("late_reason", "evidence")}
    assert asked(kind, {**done, "manner": "2"}, "later") == "evidence"
    assert asked(kind, {**done, "manner": "2"}, "later", filed_late=True) == "late_reason"


def test_questions_know_their_place(kinds: Kinds) -> None:
    kind = kinds.get("intercession")
    question = next_question(kind, {"occurred_at": "2026-09-14"}, "first", set(), NAMED, "en")
    assert question is not None
    assert (question.index, question.total, question.optional) == (2, 5, False)
    assert (question.text_key, question.parser) == ("ask.intercession.asker_name", "name_and_unit")
    third = question_at(kind, {}, "first", 3, NAMED, "en")
    assert third is not None
    assert menu_line(third.options, "en").startswith("1 clearance 2 duty 3 processing trade")
    assert third.options[0].title == "clearance and inspection"
    assert question_at(kind, {}, "first", 6, NAMED, "en") is None
    assert open_count(kinds.get("complaint"), {}, "later", {"unit"}, NAMED) == 2


def test_every_menu_of_a_form_has_a_short_line(kinds: Kinds) -> None:
    languages: tuple[Language, ...] = ("zh-Hans", "zh-Hant", "en")
    for kind in kinds.by_id.values():
        for entry in (*kind.form.first, *kind.form.later):
            field = kind.fields[entry.fields[0]]
            for lang in languages if field.choices else ():
                assert menu_line(options_of(field, lang), lang) == menu_of(field.choices or {}).line(lang)


ANSWERS: list[tuple[str, str, str, dict[str, str]]] = [
    ("complaint", "unit", "鹭鸣港海关", {"unit": "U10"}),
    ("complaint", "unit", "鷺鳴港海關", {"unit": "U10"}),
    ("complaint", "unit", "Luming Port", {"unit": "U10"}),
    ("complaint", "unit", "u10c", {"unit": "U10C"}),
    ("complaint", "unit", "石桥口海关的大厅", {"unit": "U12"}),
    ("complaint", "unit", "二楼那个窗口", {"content": "二楼那个窗口"}),
    ("complaint", "sender_name", "周既望 晨雾贸易", {"sender_name": "周既望", "sender_org": "晨雾贸易"}),
    ("complaint", "sender_name", "周既望、晨雾贸易", {"sender_name": "周既望", "sender_org": "晨雾贸易"}),
    ("complaint", "sender_name", "周既望", {"sender_name": "周既望"}),
    ("intercession", "occurred_at", "昨天", {"occurred_at": "2026-09-13"}),
    ("intercession", "occurred_at", "0912", {"occurred_at": "2026-09-12"}),
    ("intercession", "asker_name", "周某，素舸货代经理", {"asker_name": "周某", "asker_unit_post": "素舸货代经理"}),
    ("intercession", "asker_name", "不详", {"asker_name": "unknown", "asker_unit_post": "unknown"}),
    ("intercession", "asker_name", "不詳 貿易公司", {"asker_name": "unknown", "asker_unit_post": "貿易公司"}),
    (
        "intercession",
        "asker_name",
        "Lee, Sample Forwarding",
        {"asker_name": "Lee", "asker_unit_post": "Sample Forwarding"},
    ),
    ("intercession", "matter", "1", {"matter": "1"}),
    ("intercession", "matter", "１", {"matter": "1"}),
    ("intercession", "matter", "0", {"matter": "0"}),
    ("intercession", "matter", "通关查验", {"matter": "1"}),
    ("intercession", "matter", "通關查驗", {"matter": "1"}),
    ("intercession", "matter", "Clearance and inspection", {"matter": "1"}),
    ("intercession", "matter", "加贸审批", {"matter": "3"}),
    ("intercession", "request", "让先放\u202e两个柜\x1b[31m", {"request": "让先放两个柜"}),
    ("intercession", "request", "{0.__class__} %s =HYPERLINK(", {"request": "{0.__class__} %s =HYPERLINK("}),
    ("intercession", "on_behalf_of", "UNKNOWN", {"on_behalf_of": "unknown"}),
]


def question_of(kind: Kind, name: str) -> Any:
    """Return the question of a form whose first field has a name."""
    for stage, entries in (("first", kind.form.first), ("later", kind.form.later)):
        others = {entry.fields[0] for entry in entries if entry.fields[0] != name}
        if name in {entry.fields[0] for entry in entries}:
            return next_question(kind, {}, stage, others, NAMED, "zh-Hans")  # type: ignore[arg-type]
    raise AssertionError(name)


@pytest.mark.parametrize(("kind", "name", "text", "expected"), ANSWERS, ids=[f"{row[1]} {row[2]}" for row in ANSWERS])
def test_answers(kinds: Kinds, kind: str, name: str, text: str, expected: dict[str, str]) -> None:
    got = read_answer(kinds.get(kind), question_of(kinds.get(kind), name), text, READING)
    assert isinstance(got, Read)
    assert got.values == expected
    assert (name in got.values) != (name in got.skipped)


WRONG: list[tuple[str, str, str, dict[str, Any]]] = [
    ("occurred_at", "1305", "error.bad_date", {}),
    ("occurred_at", "20260915", "error.future_date", {}),
    ("matter", "11", "error.bad_choice", {"i": 3, "range": "0到9"}),
    ("response", "7", "error.bad_choice", {"i": 5, "range": "1到6"}),
    ("request", "  \u200b ", "error.invalid", {}),
]


@pytest.mark.parametrize(("name", "text", "key", "expected"), WRONG, ids=[f"{row[0]} {row[1]}" for row in WRONG])
def test_answers_that_cannot_be_taken(kinds: Kinds, name: str, text: str, key: str, expected: dict[str, Any]) -> None:
    kind = kinds.get("intercession")
    got = read_answer(kind, question_of(kind, name), text, READING)
    assert isinstance(got, Problem)
    assert got.text_key == key
    assert expected.items() <= got.vars.items()


def test_too_long_an_answer_keeps_its_beginning_and_says_so(kinds: Kinds) -> None:
    kind = kinds.get("intercession")
    got = read_answer(kind, question_of(kind, "request"), "长" * 501, READING)
    assert isinstance(got, Read)
    assert (len(got.values["request"]), got.note) == (500, ("error.too_long", {"max": 500}))


@pytest.mark.parametrize("kind", ["complaint", "intercession"])
def test_every_one_line_example(kinds: Kinds, kind: str) -> None:
    one_line = kinds.get(kind).one_line
    assert one_line is not None
    assert len(one_line.examples) >= 4
    for example in one_line.examples:
        assert example_fault(kinds.get(kind), example) is None, example["in"]


LINES: list[tuple[str, str, dict[str, str], str]] = [
    ("complaint", "投诉#鹭鸣港海关#0912#窗口上午十点无人受理",
     {"unit": "U10", "occurred_at": "2026-09-12", "content": "窗口上午十点无人受理"}, "filed"),
    ("complaint", "COMPLAINT#Luming Port#12.9#nobody at the counter", {}, ""),
    ("complaint", "投诉#二号窗口##一直没人", {"content": "二号窗口\n一直没人"}, "filed"),
    ("intercession", "说情#0914#周某#素舸货代经理#2#1#让先放两个柜明天补单#1", INTERCESSION, "sign"),
    ("intercession", "SQ#昨天##不详#4#5#打听处罚#2",
     {"occurred_at": "2026-09-13", "asker_unit_post": "unknown", "manner": "4", "matter": "5", "request": "打听处罚",
      "response": "2"}, "asker_name"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "values", "then"), LINES, ids=[row[1][:24] for row in LINES])
def test_one_line_forms(kinds: Kinds, kind: str, text: str, values: dict[str, str], then: str) -> None:
    got = read_line(kinds.get(kind), text, READING)
    if not values:
        assert isinstance(got, Read | Problem)
        return
    assert isinstance(got, Read)
    assert got.values == values
    assert what_next(kinds.get(kind), got) == then


UNIT_WORDS = [
    ("窗口", None),
    ("海", None),
    ("海关", None),
    ("纪检监察处", "U08"),
    ("Xinglan Customs District", "U00"),
    ("通关科", "U10C"),
    ("查验一科", "U10A"),
    ("", None),
]


@pytest.mark.parametrize(("text", "code"), UNIT_WORDS)
def test_units_by_name(text: str, code: str | None) -> None:
    assert NAMES.find(text) == code
