"""The drawing of docs/states.md and the kind are the same thing."""

import re
from pathlib import Path

from oversight.returns_roll import STANDINGS
from records.kind import Kinds

DOC = (Path(__file__).parents[3] / "docs" / "states.md").read_text()


def test_the_drawing_is_the_kind(kinds: Kinds) -> None:
    kind = kinds.the_return()
    assert kind is not None
    section = DOC.split("\n## Monthly return\n", 1)[1]
    drawn = set(re.findall(r"^    (\w+) --> (\w+)$", section, re.MULTILINE))
    assert drawn == {(source, move.to) for move in kind.transitions for source in move.sources}
    assert [state for state in kind.states if f"`{state}`" not in section] == []
    assert STANDINGS.keys() == kind.states.keys()
