"""What tests/data/scenarios.yaml says: days in the life, step by step, with what must happen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

FILE = Path(__file__).parents[1] / "data" / "scenarios.yaml"
ZONE = ZoneInfo("Asia/Shanghai")
END = "end"


@dataclass(frozen=True)
class Step:
    """One step. `name` is its number, or `end` for what is looked at when the day is over."""

    name: str
    who: str
    by: str
    kind: str
    at: datetime | None
    sends: tuple[str, ...]
    expect: Mapping[str, Any]


@dataclass(frozen=True)
class Scenario:
    """One day: its steps in order, the kind that they are about."""

    id: str
    start: datetime
    kind: str
    steps: tuple[Step, ...]


def moment(text: str) -> datetime:
    """Read 2026-09-14T10:12 in Shanghai; T24:00 is the midnight that ends the day. What follows it is a remark."""
    day, _, clock = text.split(" ")[0].partition("T")
    ends = clock == "24:00"
    at = datetime.fromisoformat(f"{day}T{'00:00' if ends else clock or '00:00'}").replace(tzinfo=ZONE)
    return at + timedelta(days=1) if ends else at


def _sends(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(" ; ")) if text else ()


def _step(of: Mapping[str, Any], given: Mapping[str, Any]) -> Step:
    return Step(
        name=str(given["n"]),
        who=str(given["who"]),
        by=given.get("by", ""),
        kind=given.get("kind", of.get("kind", "")),
        at=moment(given["at"]) if "at" in given else None,
        sends=_sends(given.get("sends")),
        expect=given.get("expect", {}),
    )


def _scenario(given: Mapping[str, Any]) -> Scenario:
    steps = [_step(given, each) for each in given["steps"]]
    if end := given.get("end_check"):
        steps.append(Step(END, "system", "", given["kind"], None, (), end))
    return Scenario(given["id"], moment(given["start"]), given["kind"], tuple(steps))


@cache
def scenarios() -> Mapping[str, Scenario]:
    """Return every scenario by its id."""
    told = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {each["id"]: _scenario({"kind": ""} | each) for each in told["scenarios"]}
