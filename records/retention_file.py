"""The schedule of retention: records/data/retention.yaml, checked when it is read."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from core.yaml_file import read, refuse

TABLE: Final = Path(__file__).parent / "data" / "retention.yaml"
_KEYS: Final = frozenset({"version", "records", "other_records", "texts"})
MOST_YEARS: Final = 200


@dataclass(frozen=True, slots=True)
class Schedule:
    """Years that records of each kind, and texts of messages, are kept."""

    records: Mapping[str, int]
    other_records: int
    texts: int

    def years(self, kind_id: str) -> int:
        """Return how many years after its end a record of a kind is kept."""
        return self.records.get(kind_id, self.other_records)

    @classmethod
    def load(cls, path: Path = TABLE) -> "Schedule":
        """Read and check a schedule. Raises InvalidData with its line."""
        data = read(path)
        if unknown := sorted(set(data) - _KEYS):
            refuse(path, data, f"does not know the key {unknown[0]}", unknown[0])
        records = data.get("records")
        if not isinstance(records, dict):
            refuse(path, data, "needs the years of each kind under records")
        years = {str(kind): _years(path, records, kind) for kind in records}
        return cls(years, _years(path, data, "other_records"), _years(path, data, "texts"))

    def unknown(self, kinds: Collection[str]) -> list[str]:
        """Return the kinds that the schedule names and that are not installed."""
        return sorted(set(self.records) - set(kinds))


def _years(path: Path, node: Any, key: str) -> int:
    given = node.get(key)
    if not isinstance(given, int) or isinstance(given, bool) or not 1 <= given <= MOST_YEARS:
        refuse(path, node, f"{key} needs whole years, 1 to {MOST_YEARS}", key if key in node else None)
    return given


@cache
def schedule() -> Schedule:
    """Return the schedule that the program was started with; read once."""
    return Schedule.load()
