"""The tree of units, read with one query and asked in memory: it has some hundreds of rows at most."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from models import people_queries


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit as it stands in the tree."""

    id: int
    code: str
    parent_id: int | None
    name_zh: str
    name_en: str
    kind: str
    active: bool

    def name(self, lang: str) -> str:
        """Return its name in a language; the Chinese one where it has no English."""
        return (self.name_en if lang == "en" else self.name_zh) or self.name_zh


@dataclass(frozen=True, slots=True)
class UnitTree:
    """All units by id."""

    by_id: Mapping[int, UnitRow]

    def with_sub_units(self, ids: Iterable[int]) -> frozenset[int]:
        """Return the units and everything below them; ids that do not exist are left out."""
        below: dict[int | None, list[int]] = {}
        for unit in self.by_id.values():
            below.setdefault(unit.parent_id, []).append(unit.id)
        found: set[int] = set()
        waiting = [each for each in ids if each in self.by_id]
        while waiting:
            unit_id = waiting.pop()
            if unit_id not in found:
                found.add(unit_id)
                waiting += below.get(unit_id, [])
        return frozenset(found)

    def ids_of(self, codes: Iterable[str]) -> frozenset[int]:
        """Return the ids of units by their codes; codes that do not exist are left out."""
        wanted = set(codes)
        return frozenset(unit.id for unit in self.by_id.values() if unit.code in wanted)

    def above(self, unit_id: int) -> list[int]:
        """Return the unit and everything above it, nearest first."""
        chain: list[int] = []
        here: int | None = unit_id
        while here is not None and here in self.by_id and here not in chain:
            chain.append(here)
            here = self.by_id[here].parent_id
        return chain


async def load_tree() -> UnitTree:
    """Read every unit, with one query."""
    rows = [UnitRow(**(row | {"active": bool(row["active"])})) for row in await people_queries.units()]
    return UnitTree({row.id: row for row in rows})
