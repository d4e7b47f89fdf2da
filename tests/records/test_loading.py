"""A wrong file of a kind is refused with its line and the reason."""

import shutil
from pathlib import Path

import pytest

from core.errors import InvalidData
from core.limits import Limits
from core.texts import Texts
from records.kind import Kinds
from records.loading import FOLDER, load_kinds
from tests.conftest import SIGNATURE

WRONG = [
    ("complaint", "by: [clerk], needs: [category, unit]", "by: [cleric], needs: [category, unit]",
     "cleric is neither"),
    ("complaint", "needs: [category, unit], limit", "needs: [category, units], limit", "units is no field"),
    ("complaint", "limit: complaint.assign,", "limit: complaint.asign,", "no such limit: complaint.asign"),
    ("complaint", "text: T-REFUSED", "text: T-REFUSE", "no such text: T-REFUSE"),
    ("complaint", "to: signed, act: 签收", "to: singed, act: 签收", "the state singed is not declared"),
    ("complaint", "sets: {refuse_reason: n6}", "sets: {refuse_reason: n9}", "refuse_reason has no choice n9"),
    ("complaint", "{is: redone_before}", "{is: redone_often}", "no such predicate: redone_often"),
    ("complaint", "op: lt, value", "op: less, value", "no such operator: less"),
    ("complaint", "shown: status.refused", "shown: status.refuse", "no such text: status.refuse"),
    ("complaint", "source: filing_time", "source: some_time", "no such source"),
    ("complaint", "type: choice, choices: channel", "type: choice, choices: chanel", "no such choice set"),
    ("complaint", "visible: P5_identity", "visible: P6_all", "no such visibility class"),
    ("complaint", "type: text, max: 2000", "type: text", "a text needs max"),
    ("complaint", "store: fact, sms: true}", "store: fact, match: true}", "match belongs to sealed fields"),
    ("complaint", "filed_by: [anyone]", "filed_by: [everyone]", "everyone is neither"),
    ("complaint", "neutral: false", "neutral: maybe", "neutral is true or false"),
    ("complaint", "    - {field: doc_no}",
     "    - {field: doc_no}\n    - {field: wish, text: ask.complaint.unit}",
     "more than three questions"),
    ("complaint", "    - {field: doc_no}", "    - {field: paper}", "asks paper, which is no field"),
    ("complaint", "when: {all: [{is: answer_names_no_staff}]}, limit: complaint.review_reply",
     "limit: complaint.review_reply",
     "sends an answer without looking for names"),
    ("complaint", "content: 窗口一直没人}, then: filed", "content: 窗口没人}, then: filed", "differs in content"),
    ("complaint", "- {id: archived,",
     "- {id: lost, zh: 丢, hant: 丟, en: lost, shown: status.done}\n  - {id: archived,",
     "lost cannot be reached"),
    ("complaint", "asks: rating", "asks: raiting", "asks is one of"),
    ("complaint", "purpose:", "purposes:", "unknown key purposes"),
    ("complaint", "kind: complaint\n", "kind: complaints\n", "kind and file name differ"),
    ("intercession", "prefix: SQ", "prefix: TS", "used twice"),
    ("intercession", "reach: above, named", "reach: above, names", "unknown key names"),
    ("intercession", "zh: 核实中, hant: 核實中, en: being verified", "zh: 核实中, en: being verified",
     "hant is missing"),
    ("intercession", "{to: owner, text: T-RETURNED, asks: supply}", "{to: owner, text: T-SUGGEST-SQ}",
     "must not stand in an SMS"),
    ("intercession", "{field: effect, op: eq, value: \"3\"}", "{field: request, op: eq, value: \"3\"}",
     "request is sealed"),
    ("intercession", "error: error.bad_choice, at: 4", "error: error.bad_choice, at: 3",
     "error error.bad_choice at 4"),
    ("gift", "begins_at: reported", "begins_at: reportd", "the state reportd is not declared"),
    ("gift", "begin: [{state: awaited}]", "begin: [{state: held}]", "awaited cannot be reached"),
    ("gift", "begin: [{state: awaited}]", "begin: [{state: awaited, when: {all: [{is: giver_known}]}}]",
     "the last state of `begin`"),
    ("gift", "act: 致函, by: [integrity_officer]", "act: 办结, by: [integrity_officer]", "another machine"),
    ("gift", "two_persons: [custodian], needs: [custody_no", "two_persons: [custodians], needs: [custody_no",
     "custodians is neither"),
    ("gift", "received_or_back_at_office: [back_at,", "received_or_back_at_office: [officer,", "is no date"),
    ("gift", "same: [giver_org, giver_name]", "same: [place]", "keeps no hash"),
    ("gift", "reason: r2, field", "reason: r9, field", "has no choice r9"),
    ("gift", 'at_least: "5000"', "at_least: many", "a number in quotes"),
    ("gift", "published_from: \"@today\"", "published_from: \"@gift.today\"", "no such limit: gift.today"),
    ("gift", "text: T-HB-HELD, date: today", "text: T-HB-HELD, date: now", "date is today"),
    ("intercession", "sequence: random", "sequence: fibonacci", "counter or random"),
    ("intercession", "{fields: [matter_no], alert: urgent}", "{fields: [matter], alert: urgent}", "is no sealed field"),
    ("intercession", "{fields: [matter_no], alert: urgent}", "{fields: [matter_no], alert: late}", "late is no alert"),
    ("intercession", "{fields: [matter_no], alert: urgent}", "{fields: [matter_no]}", "either states or an alert"),
    ("intercession", "checks: [bulletin_is_approved]", "checks: [is_nice]", "nothing does what is_nice"),
    ("complaint", "handler_field: assignee", "handler_field: content", "content is no field of type person"),
    ("bulletin", "begins_at: issued", "begins_at: approved", "approved is not among the states"),
    ("bulletin", "  shows: [title, text,", "  shows: [reason, text,", "reason is sealed and not in flight"),
    ("bulletin", "remind_after: bulletin.remind", "remind_after: bulletin.later", "no such limit: bulletin.later"),
    ("bulletin", "  call: T-BULLETIN\n", "  call: T-BULLETINS\n", "no such text: T-BULLETINS"),
    ("transfer", "makes: {parcel: sealed_parcel}", "makes: {parcel: wax}", "nothing makes what wax says"),
    ("transfer", "makes: {parcel: sealed_parcel}", "makes: {box: sealed_parcel}", "box is no field"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "right", "wrong", "reason"), WRONG, ids=[row[3] for row in WRONG])
def test_wrong_files(
    tmp_path: Path, texts: Texts, limits: Limits, kind: str, right: str, wrong: str, reason: str
) -> None:
    named = {"gift": ("intercession",), "complaint": ()}.get(kind, ())
    beside = {"used twice": ("complaint",)}.get(reason, named)
    registers = ("bulletin", "transfer") if "intercession" in (kind, *beside) else ()
    names = ("common", kind, *beside, *registers)
    for name in names:
        shutil.copy(FOLDER / f"{name}.yaml", tmp_path)
    path = tmp_path / f"{kind}.yaml"
    text = path.read_text()
    assert right in text
    path.write_text(text.replace(right, wrong, 1))
    with pytest.raises(InvalidData) as caught:
        load_kinds(texts, limits, tmp_path, signature=SIGNATURE)
    assert reason in str(caught.value)
    assert caught.value.file in (f"{kind}.yaml", "common.yaml")
    assert caught.value.place.startswith("line ")


def test_a_source_without_a_function_is_refused(tmp_path: Path, texts: Texts, limits: Limits) -> None:
    path = Path(shutil.copy(FOLDER / "common.yaml", tmp_path))
    path.write_text(path.read_text().replace("  filing_time:", "  filling_time:"))
    with pytest.raises(InvalidData, match="nothing does what filling_time says"):
        load_kinds(texts, limits, tmp_path)


def test_what_the_kinds_are(kinds: Kinds) -> None:
    assert kinds.groups() == ("complaint_centre", "integrity_office", "retaliation")
    complaint, intercession = kinds.get("complaint"), kinds.get("intercession")
    assert (complaint.signing_code, intercession.signing_code) == (False, True)
    assert len(complaint.transitions) == 26
    assert kinds.of_number("sq26091500079") is intercession
    assert kinds.of_number("LX26091500079") is None
