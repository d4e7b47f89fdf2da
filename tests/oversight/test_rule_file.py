"""The file of the risk rules: what it says of the product's rules, and how a wrong one is refused."""

import re
from pathlib import Path

import pytest

from core.errors import InvalidData
from core.limits import Limits
from oversight.rule import Rules
from oversight.rule_file import FILE, HIDDEN, RULE_KEYS, SHAPE_KEYS, load_rules
from records.kind import Kinds

HEAD = "version: 3\nmay_lack: [tip]\nrules:\n"
COUNT = "{of: gift, same: [[giver_org]], day: received_at, within: 9, at_least: 2}"
FULL = "  - id: RK01\n    level: red\n    stage: after\n    zh: 甲\n    hant: 甲\n    en: a\n"
WRONG = [
    ("when: []", "at least one shape"),
    ("when:\n      - sum: {of: gift}", "a shape is one of single, count"),
    ("when:\n      - single: {of: gift}", "needs where, at_least or filed_after"),
    ("when:\n      - single: {of: gift, at_least: {place: '1'}}", "place is sealed"),
    ("when:\n      - single: {of: gift, at_least: {amount_cny: many}}", "a number in quotes"),
    ("when:\n      - single: {of: gift, filed_after: gift.never}", "no such limit: gift.never"),
    ("when:\n      - single: {of: parcel, at_least: {a: '1'}}", "no kind parcel"),
    ("when:\n      - single: {of: gift, where: {all: [{field: state, op: eq, value: lost}]}}", "lost"),
    ("when:\n      - single: {of: gift, where: {all: [{field: place, op: present}]}}", "place is sealed"),
    ("when:\n      - single: {of: gift, where: {all: [{is: answer_names_no_staff}]}}", "answer_names_no_staff"),
    ("when:\n      - single: {of: gift, where: {all: [{field: handling, op: eq, value: '9'}]}}", "9"),
    (f"when:\n      - count: {COUNT.replace('giver_org', 'place')}", "place is sealed and keeps no hash"),
    (f"when:\n      - count: {COUNT.replace('giver_org', 'shoe_size')}", "has no field shoe_size"),
    (f"when:\n      - count: {COUNT.replace('giver_org', 'giver_name@found')}", "looked up nowhere"),
    (f"when:\n      - count: {COUNT.replace('received_at', 'amount')}", "amount is no fact of type date or moment"),
    (f"when:\n      - count: {COUNT.replace('within: 9', 'within: soon')}", "within is a whole number"),
    (f"when:\n      - count: {COUNT.replace('at_least: 2', 'at_least: 1')}", "at_least is a whole number, at least 2"),
    (f"when:\n      - count: {COUNT.replace('[[giver_org]]', '[giver_org]')}", "same is a list of lists"),
    (f"when:\n      - count: {COUNT.replace('within', 'score')}", "unknown key score"),
    (f"reach: head\n    when:\n      - count: {COUNT}", "must not reach the head"),
    (f"reach: all\n    when:\n      - count: {COUNT}", "reach is head"),
    (f"to: everybody\n    when:\n      - count: {COUNT}", "to is integrity_head"),
    (f"weight: '7'\n    when:\n      - count: {COUNT}", "unknown key weight"),
]


def load(tmp_path: Path, kinds: Kinds, limits: Limits, rules: str, head: str = HEAD) -> Rules:
    path = tmp_path / "risk_rules.yaml"
    path.write_text(head + rules, encoding="utf-8")
    return load_rules(kinds, limits, path)


@pytest.mark.parametrize(("wrong", "reason"), WRONG, ids=[reason for _, reason in WRONG])
def test_a_wrong_rule_is_refused_with_its_line(
    wrong: str, reason: str, tmp_path: Path, kinds: Kinds, limits: Limits
) -> None:
    with pytest.raises(InvalidData) as refused:
        load(tmp_path, kinds, limits, f"{FULL}    {wrong}\n")
    said = str(refused.value)
    assert "risk_rules.yaml" in said
    assert reason in said
    line = int(said.split("line ")[1].split()[0].strip(":,;"))
    assert 4 <= line <= 13


def test_the_file_as_a_whole(tmp_path: Path, kinds: Kinds, limits: Limits) -> None:
    right = f"{FULL}    when:\n      - count: {COUNT}\n"
    assert load(tmp_path, kinds, limits, right).get("RK01").active
    for rules, reason in ((right + right, "stands twice"), (right.replace("red", "pink"), "level is one of")):
        with pytest.raises(InvalidData, match=reason):
            load(tmp_path, kinds, limits, rules)
    less = Kinds({name: kind for name, kind in kinds.by_id.items() if name != "risk_alert"}, {}, {})
    with pytest.raises(InvalidData, match="no kind risk_alert"):
        load(tmp_path, less, limits, right)


def test_a_rule_on_a_kind_that_may_be_lacking_is_not_active(tmp_path: Path, kinds: Kinds, limits: Limits) -> None:
    rule = f"{FULL}    when:\n      - single: {{of: tip, at_least: {{x: '1'}}}}\n      - count: {COUNT}\n"
    rules = load(tmp_path, kinds, limits, rule)
    assert (rules.get("RK01").active, rules.get("RK01").lacks) == (False, ("tip",))
    assert rules.reading("gift") == ()
    with pytest.raises(KeyError):
        rules.get("RK99")


def test_the_rules_of_the_product(rules: Rules, kinds: Kinds) -> None:
    begun = {"RK01", "RK04", "RK05", "RK06", "RK15", "RK02", "RK03", "RK14", "RK22", "RK09"}
    assert begun <= {rule.id for rule in rules.all if rule.active}
    assert {"RK07", "RK08", "RK21"} <= {rule.id for rule in rules.all}
    for rule in rules.all:
        assert not (rule.reaches_head and HIDDEN & rule.reads.keys())
        assert set(rule.lacks) == rule.reads.keys() - kinds.by_id.keys()
    assert "score" not in FILE.read_text().split("rules:")[1]


def test_every_key_of_a_rule_is_described() -> None:
    page = (Path(__file__).parents[2] / "docs" / "kinds.md").read_text(encoding="utf-8")
    described = page.split("## How a risk rule is written")[1].split("\n## ")[0]
    keys = RULE_KEYS | SHAPE_KEYS.keys() | {key for inside in SHAPE_KEYS.values() for key in inside}
    assert sorted(key for key in keys - {"hant"} if not re.search(rf"\b{key}\b", described)) == []
