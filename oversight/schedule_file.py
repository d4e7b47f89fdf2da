"""Reading data/schedule.yaml: which reports print themselves and when, and when the weekly digest is told."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, cast

from core.yaml_file import read, refuse
from people.roles import roles

TABLE: Final = Path(__file__).parent / "data" / "schedule.yaml"
Every = Literal["month", "quarter", "half", "year"]
_EVERY: Final = ("month", "quarter", "half", "year")
_ENTRY_KEYS: Final = {"report", "every", "working_day", "at", "readers"}
_MOST_WORKING_DAYS: Final = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """A report that prints itself on the n-th working day after each period's end, at a local time."""

    report: str
    every: Every
    working_day: int
    at: dt.time
    readers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Schedule:
    """Everything that prints itself. `digest_weekday` is 1 for Monday to 7 for Sunday."""

    entries: tuple[Entry, ...]
    digest_weekday: int
    digest_at: dt.time

    def check_reports(self, known: Collection[str], path: Path = TABLE) -> None:
        """Raise InvalidData where an entry names a report that is not there."""
        for entry in self.entries:
            if entry.report not in known:
                refuse(path, {}, f"no such report: {entry.report}")


@cache
def schedule() -> Schedule:
    """Return the schedule that the program was started with; read once."""
    return load(TABLE)


def load(path: Path) -> Schedule:
    """Read and check a schedule. Raises InvalidData with its line."""
    data = read(path)
    if not isinstance(data.get("reports"), list):
        refuse(path, data, "needs a list of reports")
    entries = tuple(_entry(path, node) for node in data["reports"])
    if len({(entry.report, entry.every) for entry in entries}) < len(entries):
        refuse(path, data, "a report stands twice for the same sort of period")
    digest = data.get("digest")
    if not isinstance(digest, dict) or digest.get("weekday") not in range(1, 8):
        refuse(path, data, 'digest: write {weekday: 1, at: "09:00"}, 1 for Monday')
    return Schedule(entries, digest["weekday"], _time(path, digest))


def _entry(path: Path, node: Any) -> Entry:
    if not isinstance(node, dict) or set(node) != _ENTRY_KEYS:
        refuse(path, node, f"write {', '.join(sorted(_ENTRY_KEYS))}")
    if node["every"] not in _EVERY:
        refuse(path, node, f"every is one of {', '.join(_EVERY)}")
    day = node["working_day"]
    if not isinstance(day, int) or isinstance(day, bool) or not 1 <= day <= _MOST_WORKING_DAYS:
        refuse(path, node, f"working_day is a whole number from 1 to {_MOST_WORKING_DAYS}")
    readers = node["readers"]
    if not isinstance(readers, list) or not readers:
        refuse(path, node, "readers is a list of roles")
    if strange := [role for role in readers if role not in roles().by_id]:
        refuse(path, node, f"no such role: {strange[0]}")
    return Entry(str(node["report"]), cast(Every, node["every"]), day, _time(path, node), tuple(readers))


def _time(path: Path, node: Any) -> dt.time:
    try:
        return dt.time.fromisoformat(str(node["at"]))
    except (KeyError, ValueError):
        refuse(path, node, "at: write a time as 08:00")
