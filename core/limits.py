"""Time limits by name, such as `complaint.accept_or_refuse`, from core/data/deadlines.yaml or an agency's own file.

A limit says how long; `core.workdays.Calendar.limit_end` says when that is.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from core import yaml_file
from core.workdays import UNITS, Calendar, LimitEnd, Unit
from core.yaml_file import refuse

TABLE: Final = Path(__file__).parent / "data" / "deadlines.yaml"
_KEYS: Final = {
    "n",
    "unit",
    "soft",
    "hard",
    "from",
    "before",
    "after",
    "levels",
    "repeat",
    "rule",
    "max_times",
    "basis",
    "at",
}


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: n of a unit."""

    n: int
    unit: Unit

    def end(self, calendar: Calendar, start: dt.datetime, tz: ZoneInfo) -> LimitEnd:
        """When it ends if it begins at an aware time."""
        return calendar.limit_end(start, self.n, self.unit, tz)


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit. `soft` is our default, `hard` a rule of law; `counted_from` is the entry into the state when None.

    `at` is the local time of the day on which it ends, 24:00 when None.
    """

    name: str
    soft: Span | None = None
    hard: Span | None = None
    counted_from: str | None = None
    before: str | None = None
    after: str | None = None
    levels: Mapping[str, Span] = field(default_factory=dict)
    repeat: tuple[Span, ...] = ()
    rule: str | None = None
    max_times: int | None = None
    basis: str = ""
    at: dt.time | None = None

    @property
    def span(self) -> Span:
        """What is promised and shown: the soft limit, else the hard one. Raises ValueError where it has neither."""
        span = self.soft or self.hard
        if span is None:
            raise ValueError(f"the limit {self.name} is no single length of time")
        return span

    def span_at(self, level: str | None) -> Span:
        """What holds at a level where the limit has levels, else its one length. Raises as `span` does."""
        return self.levels[level] if level is not None and level in self.levels else self.span


@dataclass(frozen=True, slots=True)
class QuietHours:
    """The hours of a local day in which only the excepted categories of cause go out; they may run over midnight."""

    begin: dt.time
    end: dt.time
    exceptions: frozenset[str]

    def holds_at(self, local: dt.time) -> bool:
        """Whether a local time lies in the quiet hours; the end itself does not."""
        if self.begin <= self.end:
            return self.begin <= local < self.end
        return local >= self.begin or local < self.end


class Limits:
    """All limits of a profile, its quiet hours and its closing time."""

    def __init__(self, limits: Mapping[str, Limit], quiet_hours: QuietHours, closing: dt.time) -> None:
        self.by_name, self.quiet_hours, self.closing = limits, quiet_hours, closing

    @classmethod
    def load(cls, path: Path = TABLE) -> "Limits":
        """The limits of a file. Raises InvalidData with file, line and reason."""
        data = yaml_file.read(path)
        for key in ("limits", "quiet_hours", "clock_rules"):
            if not isinstance(data.get(key), dict):
                refuse(path, data, f"{key} is missing")
        limits = {}
        for group, members in data["limits"].items():
            if not isinstance(members, dict):
                refuse(path, data["limits"], f"{group} holds no limits", group)
            for key in members:
                limits[f"{group}.{key}"] = _limit(path, members, key, f"{group}.{key}")
        quiet, rules = data["quiet_hours"], data["clock_rules"]
        begin, end = _time(path, quiet, "from"), _time(path, quiet, "to")
        hours = QuietHours(begin, end, frozenset(quiet.get("exceptions", ())))
        return cls(limits, hours, _time(path, rules, "closing"))

    def get(self, name: str) -> Limit:
        """The limit of a name. Raises KeyError for one that no file declares."""
        return self.by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self.by_name


def _limit(path: Path, members: Any, key: str, name: str) -> Limit:
    given = members[key]
    if not isinstance(given, dict):
        refuse(path, members, f"{name}: write {{n, unit}}, or soft and hard", key)
    if strange := set(given) - _KEYS:
        refuse(path, members, f"{name}: unknown keys {sorted(strange)}", key)
    spans = {one: _span(path, given, one, name) for one in ("soft", "hard") if one in given}
    if "n" in given or "unit" in given:
        spans["soft"] = _span(path, members, key, name)
    levels = given.get("levels", {})
    repeat = given.get("repeat", [])
    if not (spans or levels or repeat or "rule" in given):
        refuse(path, members, f"{name}: says no length of time", key)
    return Limit(
        name,
        soft=spans.get("soft"),
        hard=spans.get("hard"),
        counted_from=given.get("from"),
        before=given.get("before"),
        after=given.get("after"),
        levels={level: _span(path, levels, level, name) for level in levels},
        repeat=tuple(_span(path, repeat, at, name) for at in range(len(repeat))),
        rule=given.get("rule"),
        max_times=given.get("max_times"),
        basis=given.get("basis", ""),
        at=_time(path, given, "at") if "at" in given else None,
    )


def _span(path: Path, holder: Any, key: str | int, name: str) -> Span:
    given = holder[key]
    n, unit = (given.get("n"), given.get("unit")) if isinstance(given, dict) else (None, None)
    if not isinstance(n, int) or isinstance(n, bool) or n < 0 or unit not in UNITS:
        refuse(path, holder, f"{name}: n is a whole number, unit one of {', '.join(UNITS)}", key)
    return Span(n, unit)


def _time(path: Path, holder: Any, key: str) -> dt.time:
    try:
        return dt.time.fromisoformat(str(holder[key]))
    except (KeyError, ValueError):
        refuse(path, holder, f"{key}: write a time as 17:30", key)
