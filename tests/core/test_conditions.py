"""Conditions hold, fail and are refused."""

import pytest

from core.conditions import BadCondition, parse_condition

FACTS = {
    "manner": "6",
    "amount": 200000,
    "day": "2026-09-14",
    "flag": True,
    "reasons": ["a", "b"],
    "empty": "",
    "nothing": None,
}

HOLDS = [
    ({"field": "manner", "op": "eq", "value": "6"}, True),
    ({"field": "manner", "op": "eq", "value": 6}, True),
    ({"field": "manner", "op": "ne", "value": "6"}, False),
    ({"field": "absent", "op": "ne", "value": "6"}, True),
    ({"field": "absent", "op": "eq", "value": "6"}, False),
    ({"field": "manner", "op": "in", "value": ["5", "6"]}, True),
    ({"field": "manner", "op": "in", "value": ["5"]}, False),
    ({"field": "manner", "op": "gt", "value": "5"}, True),
    ({"field": "manner", "op": "lt", "value": "10"}, True),
    ({"field": "amount", "op": "gt", "value": 99999}, True),
    ({"field": "absent", "op": "lt", "value": "1"}, False),
    ({"field": "absent", "op": "gt", "value": "1"}, False),
    ({"field": "day", "op": "lt", "value": "2026-10-01"}, True),
    ({"field": "day", "op": "gt", "value": "5"}, False),
    ({"field": "flag", "op": "eq", "value": "true"}, True),
    ({"field": "flag", "op": "ne", "value": "true"}, False),
    ({"field": "reasons", "op": "eq", "value": "b"}, True),
    ({"field": "reasons", "op": "present"}, True),
    ({"field": "empty", "op": "present"}, False),
    ({"field": "nothing", "op": "absent"}, True),
    ({"is": "by_sms"}, True),
    ({"is_not": "by_sms"}, False),
    ({"is_not": "filed_late"}, True),
]
PREDICATES = {"by_sms": True, "filed_late": False}


@pytest.mark.parametrize(("item", "expected"), HOLDS)
def test_one_item(item: dict[str, object], expected: bool) -> None:
    assert parse_condition({"all": [item]}).holds(FACTS, PREDICATES) is expected
    assert parse_condition({"any": [item]}).holds(FACTS, PREDICATES.__getitem__) is expected


def test_all_and_any() -> None:
    yes, no = {"is": "by_sms"}, {"is": "filed_late"}
    assert not parse_condition({"all": [yes, no]}).holds({}, PREDICATES)
    assert parse_condition({"any": [no, yes]}).holds({}, PREDICATES)


def test_a_predicate_that_does_not_matter_is_not_asked() -> None:
    first = {"field": "manner", "op": "eq", "value": "1"}
    assert not parse_condition({"all": [first, {"is": "costly"}]}).holds(FACTS, {})


REFUSED = [
    ("owner is present", "a condition is"),
    ({"all": [], "any": []}, "a condition is"),
    ({"none": []}, "a condition is"),
    ({"all": []}, "at least one item"),
    ({"all": ["x"]}, "an item is"),
    ({"all": [{"field": "a"}]}, "an item is"),
    ({"all": [{"field": "a", "op": "like", "value": "x"}]}, "no such operator: like"),
    ({"all": [{"field": "a", "op": "eq"}]}, "eq takes a value"),
    ({"all": [{"field": "a", "op": "present", "value": "x"}]}, "present takes no value"),
    ({"all": [{"field": "a", "op": "in", "value": "x"}]}, "a list of values"),
    ({"all": [{"field": "a", "op": "eq", "value": ["x"]}]}, "a list of values"),
    ({"all": [{"is": "a", "is_not": "b"}]}, "an item is"),
]


@pytest.mark.parametrize(("data", "reason"), REFUSED)
def test_what_is_no_condition(data: object, reason: str) -> None:
    with pytest.raises(BadCondition, match=reason):
        parse_condition(data)


def test_faults_that_a_loader_names() -> None:
    items = [
        {"is": "unheard_of"},
        {"field": "colour", "op": "present"},
        {"field": "manner", "op": "eq", "value": "77"},
        {"field": "manner", "op": "in", "value": ["1", "x"]},
        {"field": "place", "op": "eq", "value": "anything"},
    ]
    faults = parse_condition({"any": items}).faults({"manner", "place"}, {"by_sms"}, {"manner": {"1", "2"}})
    assert faults == [
        "no such predicate: unheard_of",
        "no such field: colour",
        "manner has no choice 77",
        "manner has no choice x",
    ]
