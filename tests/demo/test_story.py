"""The demo's calendar."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.workdays import Calendar
from service.demo.story import Story, day_zero

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("today", "zero"),
    [
        ("2026-09-14T07:00:00+08:00", "2026-09-14"),
        ("2026-09-20T23:59:00+08:00", "2026-09-14"),
        ("2026-11-21T12:00:00+08:00", "2026-11-16"),
        ("2026-10-07T12:00:00+08:00", "2026-09-28"),  # Monday 5 October is in the National Day week
    ],
)
def test_day_zero_is_a_working_monday_not_after_today(today: str, zero: str) -> None:
    found = day_zero(datetime.fromisoformat(today), ZONE, Calendar())
    assert (found.date().isoformat(), found.hour) == (zero, 8)


def test_the_clock_survives_a_new_process_and_only_moves_forward(tmp_path: Path) -> None:
    story = Story(tmp_path / "story.json", ZONE, Calendar())
    assert story.local_now().hour == 8
    story.move_to(story.next_morning())
    again = Story(tmp_path / "story.json", ZONE, Calendar())
    assert again.local_now().hour == 9
    assert again.local_now().date() > again.start.date()
    with pytest.raises(ValueError, match="forward"):
        again.move_to(again.start)


def test_mornings_and_month_ends_are_working_days_to_come(tmp_path: Path) -> None:
    story = Story(tmp_path / "story.json", ZONE, Calendar())
    for _ in range(4):
        for moment in (story.next_morning(), story.month_end()):
            assert Calendar().is_working(moment.date())[0]
        assert story.month_end() > story.local_now()
        story.move_to(story.month_end())
