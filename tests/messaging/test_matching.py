"""Which of the provider's messages belongs to which try: a table of stories about one number."""

from datetime import UTC, datetime, timedelta

import pytest

from messaging.channel import Report, Sent
from messaging.matching import Try, judge
from models.states import MessageState

NOON = datetime(2026, 9, 14, 12, tzinfo=UTC)
DAY = 86_400


def tried(number: int, text: str = "x", at: float = 0, took: float = 12) -> Try:
    return Try(number, text, NOON + timedelta(seconds=at), NOON + timedelta(seconds=at + took))


def sent(name: str, text: str = "x", at: float = 0, *, ours: bool = True) -> Sent:
    return Sent(name, text, NOON + timedelta(seconds=at), ours, Report("sent", MessageState.SENT))


STORIES = [
    # what was tried, what is unclaimed (newest first), what is said: an id, None (absent), or nothing (in doubt)
    ("there", [tried(1)], [sent("A")], {1: "A"}),
    ("not there", [tried(1)], [], {1: None}),
    ("another text near it", [tried(1)], [sent("A", "y")], {}),
    ("another text long ago", [tried(1)], [sent("A", "y", -3 * DAY)], {1: None}),
    ("the same text at a wrong time", [tried(1)], [sent("A", "x", 400 * DAY)], {}),
    ("the same text under another sender", [tried(1)], [sent("A", ours=False)], {}),
    ("just inside the window", [tried(1)], [sent("A", at=-5)], {1: "A"}),
    ("just outside the window", [tried(1)], [sent("A", at=-6)], {}),
    ("as long after as a request may travel", [tried(1)], [sent("A", at=312)], {1: "A"}),
    ("two for one", [tried(1)], [sent("B", at=2), sent("A")], {}),
    ("two alike, both there", [tried(1), tried(2, at=1)], [sent("B", at=1), sent("A")], {1: "A", 2: "B"}),
    ("two alike in one second", [tried(1), tried(2)], [sent("B"), sent("A")], {1: "A", 2: "B"}),
    ("two alike, one there", [tried(1), tried(2, at=1)], [sent("A")], {}),
    ("two alike, none there", [tried(1), tried(2, at=1)], [], {1: None, 2: None}),
    ("two alike, an hour apart", [tried(1), tried(2, at=3600)], [sent("A", at=3601)], {1: None, 2: "A"}),
    ("two texts, one there", [tried(1), tried(2, "y")], [sent("A", "y")], {1: None, 2: "A"}),
    ("two texts, one in doubt", [tried(1), tried(2, "y")], [sent("B", "y"), sent("A", "y")], {}),
]


@pytest.mark.parametrize(("tries", "unclaimed", "said"), [s[1:] for s in STORIES], ids=[s[0] for s in STORIES])
def test_judge(tries: list[Try], unclaimed: list[Sent], said: dict[int, str | None]) -> None:
    judged = judge(tries, unclaimed)
    assert {number: one and one.provider_id for number, one in judged.items()} == said
    assert judge(list(reversed(tries)), unclaimed) == judged
