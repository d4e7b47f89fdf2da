"""The keyword file: whole, and refused with its line where it is wrong."""

from pathlib import Path

import pytest

from bot.recognition import Recognizer
from bot.recognition_data import FILE, load_keywords
from core.answers import UNKNOWN_WORDS
from core.errors import InvalidData
from core.text import fold
from core.texts import CARRIER_WORDS
from core.yaml_file import read

KEYWORDS = load_keywords()
SOURCE = FILE.read_text(encoding="utf-8")


def test_all_intents_load_and_say_what_they_may_do() -> None:
    assert len(KEYWORDS.intents) == 26
    assert KEYWORDS.effects["COMPLAINT"] == "acting"
    assert KEYWORDS.effects["INFO_TIP"] == "answering"
    assert KEYWORDS.effects["SUGGEST_TIP"] == "asking"
    assert set(KEYWORDS.hints.values()) <= set(KEYWORDS.effects)


def test_the_order_of_the_file_is_the_order_of_the_router() -> None:
    steps = ("seen", "consent", "open", "form", "keyword", "number", "near_miss", "hint", "fallback")
    assert KEYWORDS.steps == steps


def test_words_that_stand_in_two_places_agree() -> None:
    data = read(FILE)
    assert {fold(word) for word in data["answer_words"]["UNKNOWN"]} == UNKNOWN_WORDS
    listed = {word.upper() for key in ("stop", "start") for word in data["carrier_words"][key]}
    assert listed == set(CARRIER_WORDS)


WRONG = [
    ("pinyin: {exact: [sq, shuoqing]", "pinyin: {head: [sq], exact: [shuoqing]", "initials collide"),
    ("blocks: [RETALIATION]", "blocks: [REVENGE]", "no such intent: REVENGE"),
    ('{re: "求情况"', '{re: "求情况("', "no pattern"),
    ("    head_needs: number", "    head_needs: luck", "head_needs is topic or number"),
    ("head_stop: [性关税", "head_stops: [性关税", "unknown key head_stops"),
    ("english: {exact: [bind]", "english: {exact: [track]", "exact track belongs to STATUS and to BIND"),
    ("BACK: [上一步", "BACK: [quit, 上一步", "carriers take the word quit away"),
    ("SKIP: [跳过", "SKIP: [取消, 跳过", "取消 is a command of DROP and of SKIP"),
    ("SAYING, HANDLER, HUMAN]", "SAYING, HUMAN]", "effects say nothing of HANDLER"),
    ("  TIP: SUGGEST_TIP\n", "", "TIP has hints"),
    ('head_free: [监督员意见, "suggestion:"]', "head_free: [高见]", "高见, which is no head"),
    ("  - {intent: ZERO_REPORT, sender: unbound", "  - {intent: ZERO_REPORT, sender: staff", "a rule is"),
]


@pytest.mark.parametrize(("old", "new", "reason"), WRONG, ids=[row[2] for row in WRONG])
def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path, old: str, new: str, reason: str) -> None:
    assert SOURCE.count(old) >= 1
    path = tmp_path / "keywords.yaml"
    path.write_text(SOURCE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InvalidData, match=reason) as caught:
        Recognizer.load(path)
    assert caught.value.file == "keywords.yaml"
    assert int(caught.value.place.removeprefix("line ")) > 1
