"""A wrong file of reports is refused with its line and the reason; a register added by one file has its statistics."""

import shutil
from pathlib import Path

import pytest

from core.errors import InvalidData
from core.limits import Limits
from core.texts import Texts
from oversight.reports import load_reports
from oversight.survey_index import TABLE as SURVEY
from oversight.survey_index import Weights
from records.kind import Kinds
from records.loading import FOLDER, load_kinds

HEAD = """version: 1
least: 5
small_kinds: [gift]
later_kinds: [visit]
reports:
  - id: X1
    zh: 表
    hant: 表
    en: table
    audience: [leader]
    columns:
      - {id: unit, zh: 单位, hant: 單位, en: unit, shape: unit}
"""
COUNT = "      - {id: many, zh: 数, hant: 數, en: many, shape: count, "
WRONG = [
    ("of: gifts}", 13, "no such kind or imported table: gifts"),
    ("of: gift, by: received}", 13, "gift has no fact received"),
    ("of: gift, by: giver_name}", 13, "gift has no fact giver_name"),
    ("of: gift, sum: amount_cny}", 13, "an amount of this kind says with which count it goes_with"),
    ('of: gift, when: {all: [{field: handling, op: eq, value: "9"}]}}', 13, "when: handling is never 9"),
    ("of: gift, when: {all: [{field: state, op: eq, value: gone}]}}", 13, "state is never gone"),
    ("of: gift, when: {all: [{is: sunny}]}}", 13, "no such predicate: sunny"),
    ("of: gift, when: {all: [{field: handling, op: like, value: x}]}}", 13, "no such operator: like"),
    ("of: sanctions, when: {all: [{field: kind, op: eq, value: jail}]}}", 13, "kind has no choice jail"),
    ("of: sanctions, by: day}", 13, "sanctions has no column day"),
    ("of: gift, plus: [nothing]}", 11, "columns names nothing, which is no column"),
    ("of: gift, wrong: 1}", 13, "unknown key wrong"),
]


@pytest.mark.parametrize(("rest", "line", "reason"), WRONG)
def test_a_wrong_column_is_refused(kinds: Kinds, tmp_path: Path, rest: str, line: int, reason: str) -> None:
    path = tmp_path / "reports.yaml"
    path.write_text(HEAD + COUNT + rest + "\n", encoding="utf-8")
    with pytest.raises(InvalidData) as refused:
        load_reports(kinds, path)
    assert refused.value.file == "reports.yaml"
    assert refused.value.place == f"line {line}"
    assert reason.removeprefix("when: ") in refused.value.reason


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("audience: [leader]", "audience: [king]", "no such role: king"),
        ("least: 5", "least: few", "least is a whole number"),
        ("audience: [leader]", "audience: [leader]\n    rows: magic", "there is none called magic"),
        ("audience: [leader]", "audience: [leader]\n    of: gifts", "no such kind: gifts"),
        ("shape: unit}", "shape: round}", "no such shape: round"),
    ],
)
def test_a_wrong_report_is_refused(kinds: Kinds, tmp_path: Path, old: str, new: str, reason: str) -> None:
    path = tmp_path / "reports.yaml"
    path.write_text((HEAD + COUNT + "of: gift}\n").replace(old, new), encoding="utf-8")
    with pytest.raises(InvalidData, match=reason):
        load_reports(kinds, path)


def test_what_counts_a_kind_that_is_still_to_come_is_left_out(kinds: Kinds, tmp_path: Path) -> None:
    path = tmp_path / "reports.yaml"
    path.write_text(HEAD + COUNT + "of: visit}\n", encoding="utf-8")
    assert [cell.column.id for cell in load_reports(kinds, path).get("X1").cells] == ["unit"]


def test_a_wrong_survey_is_refused(tmp_path: Path) -> None:
    text = SURVEY.read_text(encoding="utf-8")
    for old, new, reason in (
        ("q6: 10", "q7: ten", "questions maps names to whole numbers"),
        (", q6: 10", "", "there are six questions"),
        ('satisfied: ["5"', 'satisfied: ["6"', "satisfied names 6"),
        ("least_entries: 5", "least: 5", "registering and at_least_answered"),
        ("points:", "marks:", "points is missing"),
    ):
        path = tmp_path / "survey.yaml"
        path.write_text(text.replace(old, new), encoding="utf-8")
        with pytest.raises(InvalidData, match=reason):
            Weights.load(path)


def test_a_register_added_by_one_file_has_statistics(texts: Texts, limits: Limits, tmp_path: Path) -> None:
    folder = tmp_path / "kinds"
    shutil.copytree(FOLDER, folder)
    complaint = (folder / "complaint.yaml").read_text(encoding="utf-8")
    added = complaint.replace("kind: complaint\n", "kind: remark\n").replace("prefix: TS", "prefix: QQ")
    added = added.replace("title: {zh: 投诉, hant: 投訴, en: Complaint}", "title: {zh: 意见, hant: 意見, en: Remark}")
    form = "form:\n  later_until: complaint.complete_later\n  first: [{field: content, text: ask.complaint.content}]\n"
    added = added[: added.index("form:")] + form + added[added.index("start: received") :]
    (folder / "remark.yaml").write_text(added, encoding="utf-8")
    report = load_reports(load_kinds(texts, limits, folder)).get("R00-remark")
    assert report.titles["en"] == "Remark: statistics"
    assert {"entries", "open", "state.received", "category.c01"} <= report.ids
    assert report.audience == ("clerk", "handler", "unit_head", "integrity_officer", "integrity_head")
