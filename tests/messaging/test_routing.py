"""Which lane sends what: prefixes, weights, lanes that cannot be used; how processes share lanes. Pure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging import processes, routing
from messaging.routing import LaneFacts
from models.claim_queries import Share

NOW = datetime(2026, 9, 14, tzinfo=UTC)
CHINA, HONG_KONG, REST = LaneFacts(1, "sms", "+86"), LaneFacts(2, "sms", "+852"), LaneFacts(3, "sms")


def takers(lanes: list[LaneFacts], number: str, address_id: int = 1) -> list[int]:
    """The lanes whose share holds a number that nobody at home asks about."""
    found = []
    for lane_id, share in routing.shares(lanes).items():
        if share is None:
            found.append(lane_id)
        elif share.prefix is not None and number.startswith(share.prefix):
            narrower = any(number.startswith(each) for each in share.longer)
            if not narrower and share.low <= address_id % share.total < share.high:
                found.append(lane_id)
    return found


def test_one_lane_takes_everything_without_looking() -> None:
    assert routing.shares([REST]) == {3: None}
    assert routing.shares([]) == {}


@pytest.mark.parametrize(
    ("number", "lane"), [("+86138", 1), ("+85291", 2), ("+44770", 3), ("10690", 3), ("", 3), ("+8", 3)]
)
def test_a_number_goes_to_the_longest_prefix(number: str, lane: int) -> None:
    assert takers([CHINA, HONG_KONG, REST], number) == [lane]


@pytest.mark.parametrize(
    "trouble",
    [{"enabled": False}, {"alive": False}, {"room": 0}, {"held": timedelta(seconds=51)}],
)
def test_where_no_lane_of_a_prefix_can_be_used_the_next_shorter_one_takes_its_numbers(trouble: dict[str, bool]) -> None:
    mobile = LaneFacts(4, "sms", "+86138")
    assert takers([CHINA, REST, mobile], "+86138") == [4]
    assert takers([CHINA, REST, replace(mobile, **trouble)], "+86138") == [1]
    assert takers([replace(CHINA, **trouble), REST, replace(mobile, **trouble)], "+86138") == [3]


def test_a_short_pause_changes_nothing() -> None:
    assert takers([replace(CHINA, held=timedelta(seconds=40)), REST], "+86138") == [1]
    assert routing.hold_of(NOW, NOW + timedelta(seconds=60), NOW - timedelta(seconds=1)) == timedelta(seconds=61)
    assert routing.hold_of(NOW, NOW, NOW - timedelta(hours=1)) == timedelta(0)
    assert routing.hold_of(NOW, None, NOW) == timedelta(0)


def test_addresses_are_divided_by_weight_and_stay_where_they_are() -> None:
    lanes = [LaneFacts(1, "sms", weight=3), LaneFacts(2, "sms", weight=1)]
    whose = [takers(lanes, "+86138", address_id) for address_id in range(400)]
    assert sum(each == [1] for each in whose) == 300
    assert sum(each == [2] for each in whose) == 100


def test_nothing_can_be_used() -> None:
    off = [replace(CHINA, enabled=False), replace(REST, alive=False)]
    assert takers(off, "+86138") == []
    assert all(share == Share(lane_id, homes=()) for lane_id, share in routing.shares(off).items())


def test_a_chat_belongs_to_its_bot_and_the_first_bot_has_those_without_one() -> None:
    shares = routing.shares([LaneFacts(5, "telegram"), LaneFacts(8, "telegram", enabled=False)])
    assert shares == {5: Share(5, by_home=True, is_first=True), 8: Share(8, by_home=True)}


FACTS = st.builds(
    LaneFacts,
    id=st.integers(1, 9),
    channel=st.just("sms"),
    prefix=st.sampled_from(["", "+8", "+86", "+852", "+86138"]),
    weight=st.integers(1, 5),
    enabled=st.booleans(),
    alive=st.booleans(),
)


@given(st.lists(FACTS, max_size=6, unique_by=lambda each: each.id), st.sampled_from(["+86138", "+85291", "+44", ""]))
def test_a_number_is_never_for_two_lanes_and_for_none_only_where_none_fits(lanes: list[LaneFacts], number: str) -> None:
    fits = [each for each in lanes if each.is_usable and number.startswith(each.prefix)]
    for address_id in range(20):
        whose = takers(lanes, number, address_id)
        assert len(whose) == (1 if fits or len(lanes) == 1 else 0)


def shared_out(names: list[str], lanes: int, start: dict[str, int] | None = None) -> dict[str, int]:
    """Let processes take and give up until nothing changes."""
    held = dict.fromkeys(names, 0) | (start or {})
    for _ in range(100):
        before = dict(held)
        for name in names:
            if sum(held.values()) < lanes and processes.may_take(name, held):
                held[name] += 1
            elif processes.has_surplus(name, held):
                held[name] -= 1
        if held == before:
            return held
    raise AssertionError("it never ends")


def test_two_and_three_processes_share_lanes_evenly_and_come_to_rest() -> None:
    assert shared_out(["a", "b"], 4) == {"a": 2, "b": 2}
    assert sorted(shared_out(["a", "b", "c"], 4, {"a": 4}).values()) == [1, 1, 2]
    assert sorted(shared_out(["a", "b"], 1, {"a": 1}).values()) == [0, 1]
    assert shared_out(["a"], 3) == {"a": 3}
    assert sorted(shared_out(["a", "b", "c"], 2, {"b": 2}).values()) == [0, 1, 1]
    assert sorted(shared_out(["a", "b"], 3, {"a": 3}).values()) == [1, 2]
