"""Limits by name, and what a wrong file is told."""

import datetime as dt
from pathlib import Path

import pytest

from core.errors import InvalidData
from core.limits import Limits, Span

LIMITS = Limits.load()

KNOWN = [
    ("complaint.accept_or_refuse", Span(2, "wd"), Span(15, "cd"), None),
    ("complaint.handle", Span(10, "wd"), Span(60, "cd"), "accepted"),
    ("complaint.rate_wait", Span(7, "cd"), None, None),
    ("intercession.register_when_effect", None, Span(2, "h"), None),
    ("intercession.complete_later", Span(3, "wd"), None, "filed"),
    ("dialog.expire", Span(72, "h"), None, "last_message"),
    ("campaign.unconfirmed_after", Span(72, "h"), None, "accepted"),
]


@pytest.mark.parametrize(("name", "soft", "hard", "counted_from"), KNOWN)
def test_limits_by_name(name: str, soft: Span | None, hard: Span | None, counted_from: str | None) -> None:
    limit = LIMITS.get(name)
    assert (limit.soft, limit.hard, limit.counted_from) == (soft, hard, counted_from)
    assert limit.span == (soft or hard)


def test_levels_rows_and_rules() -> None:
    assert LIMITS.get("risk.explain").levels["red"] == Span(1, "wd")
    assert LIMITS.get("retaliation.second_look").span == Span(180, "cd")
    with pytest.raises(ValueError, match=r"zero_report\.due is no single length"):
        _ = LIMITS.get("zero_report.due").span
    assert "complaint.handle" in LIMITS
    assert "complaint.sleep" not in LIMITS
    assert LIMITS.closing == dt.time(17, 30)


@pytest.mark.parametrize(
    ("time", "quiet"), [("20:59", False), ("21:00", True), ("23:59", True), ("07:59", True), ("08:00", False)]
)
def test_quiet_hours_run_over_midnight(time: str, quiet: bool) -> None:
    assert LIMITS.quiet_hours.holds_at(dt.time.fromisoformat(time)) is quiet


FRAME = 'clock_rules: {closing: "17:30"}\nquiet_hours: {from: "21:00", to: "08:00"}\nlimits:\n  complaint:\n'
WRONG = [
    ("    x: {soft: {n: two, unit: wd}}\n", "line 5", "n is a whole number"),
    ("    x: {n: 2, unit: weeks}\n", "line 5", "unit one of"),
    ("    y: {n: 2, unit: wd}\n    x: 3 days\n", "line 6", "write {n, unit}"),
    ("    x: {}\n", "line 5", "says no length"),
    ("    x: {n: 2, unit: wd, often: 3}\n", "line 5", "unknown keys"),
]


@pytest.mark.parametrize(("row", "place", "reason"), WRONG)
def test_wrong_limits_are_refused_with_their_line(tmp_path: Path, row: str, place: str, reason: str) -> None:
    path = tmp_path / "d.yaml"
    path.write_text(FRAME + row, encoding="utf-8")
    with pytest.raises(InvalidData, match=reason) as caught:
        Limits.load(path)
    assert caught.value.place == place
