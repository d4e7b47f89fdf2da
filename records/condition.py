"""Conditions on the fields of a record: all or any of comparisons and named predicates. Nothing is evaluated as code.

Source: FORMAT of the kinds. An absent field is `ne` anything; `lt` and `gt` are false on an absent field.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

OPERATORS: Final = ("eq", "ne", "in", "lt", "gt", "present", "absent")


@dataclass(frozen=True, slots=True)
class Compare:
    """One comparison of a field; `value` is a list for `in` and None for `present` and `absent`."""

    field: str
    op: str
    value: Any = None

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Return whether the values satisfy it."""
        mine = values.get(self.field)
        if self.op in ("present", "absent"):
            return (mine not in (None, "")) == (self.op == "present")
        if self.op == "in":
            return mine in self.value
        if self.op in ("lt", "gt"):
            return mine not in (None, "") and _ordered(mine, self.value, self.op)
        return bool(mine == self.value) == (self.op == "eq")


def _ordered(mine: Any, other: Any, op: str) -> bool:
    try:
        left, right = float(mine), float(other)
    except ValueError:
        return str(mine) < str(other) if op == "lt" else str(mine) > str(other)
    return left < right if op == "lt" else left > right


@dataclass(frozen=True, slots=True)
class Named:
    """A named predicate that must hold, or must not."""

    predicate: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """All or any of its items."""

    mode: Literal["all", "any"]
    items: tuple[Compare | Named, ...]

    def predicates(self) -> frozenset[str]:
        """Return the names of the predicates that it asks."""
        return frozenset(item.predicate for item in self.items if isinstance(item, Named))

    def fields(self) -> frozenset[str]:
        """Return the ids of the fields that it looks at."""
        return frozenset(item.field for item in self.items if isinstance(item, Compare))

    def holds(self, values: Mapping[str, Any], named: Mapping[str, bool]) -> bool:
        """Return whether it holds for values and predicates. Raises KeyError for a predicate that was not decided."""
        results = (
            item.holds(values) if isinstance(item, Compare) else named[item.predicate] == item.wanted
            for item in self.items
        )
        return all(results) if self.mode == "all" else any(results)


def holds(condition: Condition | None, values: Mapping[str, Any], named: Mapping[str, bool]) -> bool:
    """Return whether a condition holds; no condition always does."""
    return condition is None or condition.holds(values, named)
