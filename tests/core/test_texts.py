"""The catalogue: complete in three languages, short enough, neutral over SMS, inert."""

import re
from pathlib import Path

import pytest

from core.errors import InvalidData
from core.texts import Texts, UnknownText, fill, sign, variables_of

TEXTS = Texts.load()
SIGNATURE = {"zh-Hans": "【星澜海关】", "zh-Hant": "【星瀾海關】", "en": "Xinglan Customs: "}
NEUTRAL_ZH = ("举报", "说情", "投诉", "红包", "线索", "舉報", "說情", "投訴", "紅包", "線索")
HEADER = "key,zh_hans,zh_hant,en,used_by,sms,parts,category\n"


def test_say_in_three_languages() -> None:
    values = {"no": "TS26091400015", "code": "204817", "date": "9月16日"}
    assert TEXTS.say("T-TS-RECEIPT", "zh-Hans", **values) == (
        "已收到，受理号TS26091400015，查询码204817。9月16日前告知是否受理。"
    )
    assert TEXTS.say("T-TS-RECEIPT", "zh-Hant", **values).startswith("已收到，受理號TS26091400015")
    assert TEXTS.say("T-ACK-OK", "en") == "Acknowledged, thank you."


def test_values_are_never_read_as_templates() -> None:
    said = TEXTS.say("T-REPLIED", "en", no="{code}", answer="{0.__class__} %s {{x}} {no}")
    assert said == "Answer to {code}: {0.__class__} %s {{x}} {no}"
    assert fill("{a}{b}", {"a": "{b}", "b": "2"}) == "{b}2"


@pytest.mark.parametrize(
    ("key", "lang", "values", "reason"),
    [
        ("T-NONE", "en", {}, "no text T-NONE"),
        ("T-ACK-OK", "fr", {}, "no language fr"),
        ("T-TS-RECEIPT", "en", {"no": "1"}, "T-TS-RECEIPT needs code, date"),
    ],
)
def test_what_cannot_be_said(key: str, lang: str, values: dict[str, object], reason: str) -> None:
    with pytest.raises(UnknownText, match=reason):
        TEXTS.say(key, lang, **values)


def test_every_text_fits_with_signature_and_longest_values() -> None:
    assert TEXTS.lengths(SIGNATURE) == []
    assert TEXTS.lengths({"en": "x" * 150})


def test_texts_with_a_number_are_neutral_over_sms() -> None:
    exposed = [text for text in TEXTS.by_key.values() if text.sms and "no" in text.variables]
    assert len(exposed) > 20
    assert not [text.key for text in exposed for word in NEUTRAL_ZH if word in "".join(text.says.values())]


def test_traditional_texts_hold_no_simplified_characters() -> None:
    for key in ("T-TS-RECEIPT", "ask.complaint.content", "T-ACK-OK"):
        assert not re.search("[类号应该办时间谢阅补诉]", TEXTS.say(key, "zh-Hant", no="1", code="2", date="3"))


def test_the_signature_comes_from_outside() -> None:
    assert sign("已收到。", "zh-Hans", SIGNATURE) == "【星澜海关】已收到。"
    assert sign("Received.", "en", {}) == "Received."
    assert variables_of("{name}，节日安康 {n}") == {"name", "n"}


def test_a_further_file_rewords_and_adds(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(HEADER + "T-ACK-OK,好,好,Fine.,x,y,1,reply\nown.x,一,一,one,x,n,,reply\n", encoding="utf-8-sig")
    texts = Texts.load(path)
    assert (texts.say("T-ACK-OK", "en"), texts.say("own.x", "zh-Hans")) == ("Fine.", "一")


WRONG = [
    ("x,一,一,one {n},x,y,1,reply", "its variables differ"),
    ("x,一{q},一{q},one{q},x,y,1,reply", "no such variable: q"),
    ("x,一,,one,x,y,1,reply", "says nothing in zh_hant"),
    ("x,一,一,one,x,y,9,reply", "parts 1 to 4"),
    ("x,一,一,one,x,y,1,chat", "no such category"),
    ("x,一,一,Reply STOP to leave,x,y,1,reply", "asks for STOP"),
    ("ok,一,一,one,x,y,1,reply", "stands twice"),
]


@pytest.mark.parametrize(("row", "reason"), WRONG)
def test_a_wrong_row_is_named(tmp_path: Path, row: str, reason: str) -> None:
    path = tmp_path / "own.csv"
    path.write_text(f"{HEADER}ok,一,一,one,x,y,1,reply\n{row}\n", encoding="utf-8")
    with pytest.raises(InvalidData, match=reason) as caught:
        Texts.load(path)
    assert (caught.value.file, caught.value.place) == ("own.csv", "line 3")


def test_a_rewording_keeps_the_variables(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(HEADER + "T-HUMAN,一{n},一{n},one {n},x,y,1,reply\n", encoding="utf-8")
    with pytest.raises(InvalidData, match="variables differ from those"):
        Texts.load(path)
