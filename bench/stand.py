"""What every experiment is given: a database of its own, a provider that only answers, an office at midday."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import bot
import campaigns
import people
from bench.processes import Child
from bench.store import Store
from core.clock import SystemClock
from core.crypto import create_key_file, load_key_file
from core.limits import Limits
from core.office import Office
from core.texts import Texts
from core.workdays import Calendar

LATENCY_MS = 5


def zone_of_midday() -> str:
    """Name a zone in which it is about midday now: bulk messages rest at night."""
    ahead = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}"


@dataclass(frozen=True)
class Stand:
    """The place of a measurement. `sink_url` is the provider, `key_file` holds the key of `office`."""

    store: Store
    sink_url: str
    office: Office
    key_file: Path
    folder: Path


@asynccontextmanager
async def open_stand(store: Store, folder: Path) -> AsyncIterator[Stand]:
    """Start the sink, make key and office."""
    key_file = folder / "service.key"
    if not key_file.exists():
        create_key_file(key_file)
    async with Child.printing_url("bench.sink", "--latency-ms", str(LATENCY_MS)) as sink:
        yield Stand(store, sink.url, _office(key_file), key_file, folder)


def _office(key_file: Path) -> Office:
    return Office(
        clock=SystemClock(),
        key=load_key_file(key_file),
        texts=Texts.load(people.TEXTS, campaigns.TEXTS, bot.TEXTS),
        calendar=Calendar(),
        limits=Limits.load(),
        zone=ZoneInfo(zone_of_midday()),
        locale="zh-Hans",
        signature={"zh-Hans": "【星澜海关】", "zh-Hant": "【星瀾海關】", "en": "Xinglan Customs: "},
        public_url="http://127.0.0.1:8080",
    )
