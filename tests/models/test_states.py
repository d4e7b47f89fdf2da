"""The drawings of docs/states.md and the allowed moves are the same thing."""

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import pytest

from core.errors import Conflict
from models.states import CAMPAIGN_MOVES, MESSAGE_MOVES, RUN_MOVES, MessageState, Outcome, Reason, check_move

DOC = (Path(__file__).parents[2] / "docs" / "states.md").read_text()


def drawn(title: str) -> set[tuple[str, str]]:
    section = DOC.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    return set(re.findall(r"^    (\w+) --> (\w+)$", section, re.MULTILINE))


@pytest.mark.parametrize(
    ("title", "moves"), [("Message", MESSAGE_MOVES), ("Run", RUN_MOVES), ("Campaign", CAMPAIGN_MOVES)]
)
def test_the_drawing_is_the_code(title: str, moves: Mapping[StrEnum, frozenset[StrEnum]]) -> None:
    assert drawn(title) == {(str(old), str(new)) for old, allowed in moves.items() for new in allowed}


def test_every_state_outcome_and_reason_is_described() -> None:
    for word in [*MessageState, *Outcome, *Reason]:
        assert f"`{word}`" in DOC, word


def test_a_forbidden_move_is_refused() -> None:
    check_move(MESSAGE_MOVES, MessageState.QUEUED, MessageState.SENDING)
    with pytest.raises(Conflict):
        check_move(MESSAGE_MOVES, MessageState.DELIVERED, MessageState.QUEUED)
