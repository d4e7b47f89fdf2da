"""Conditions as data: `{all: [...]}` or `{any: [...]}` over fields and named predicates; nothing is evaluated as code.

An item is `{field, op, value}`, `{is: predicate}` or `{is_not: predicate}`. `eq` and `ne` compare as text (an absent
field is
`ne` anything), `in` takes a list, `lt` and `gt` compare numbers or dates (false where a side is absent or of another
sort), `present` and `absent` take no value. A field that holds a list of choices is `eq` to one that is in it.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal

Operator = Literal["eq", "ne", "in", "lt", "gt", "present", "absent"]
_OPERATORS: Final[dict[str, Operator]] = {
    "eq": "eq", "ne": "ne", "in": "in", "lt": "lt", "gt": "gt", "present": "present", "absent": "absent",
}  # fmt: skip


class BadCondition(ValueError):
    """What a file gives as a condition is none; the message is the reason, the loader adds file and line."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One field compared with the values given (none for present and absent, several for `in`)."""

    field: str
    op: Operator
    values: tuple[str, ...]

    def holds(self, facts: Mapping[str, Any], predicates: Callable[[str], bool]) -> bool:
        """Whether it is true of the facts."""
        held = _as_texts(facts.get(self.field))
        match self.op:
            case "present" | "absent":
                return bool(held) == (self.op == "present")
            case "eq" | "in":
                return any(one in self.values for one in held)
            case "ne":
                return self.values[0] not in held
            case _:
                return any(_ordered(one, self.values[0], self.op) for one in held)


@dataclass(frozen=True, slots=True)
class Predicate:
    """A named predicate, or its opposite."""

    name: str
    expected: bool

    def holds(self, facts: Mapping[str, Any], predicates: Callable[[str], bool]) -> bool:
        """Whether the predicate answers as expected."""
        return predicates(self.name) is self.expected


@dataclass(frozen=True, slots=True)
class Condition:
    """All or any of its items."""

    every: bool
    items: tuple[Comparison | Predicate, ...]

    def holds(self, facts: Mapping[str, Any], predicates: Callable[[str], bool] | Mapping[str, bool]) -> bool:
        """Whether it is true of the facts; `predicates` answers a name, and is asked only for names that matter."""
        answer = predicates if callable(predicates) else predicates.__getitem__
        results = (item.holds(facts, answer) for item in self.items)
        return all(results) if self.every else any(results)

    def faults(
        self, fields: Collection[str], predicates: Collection[str], choices: Mapping[str, Collection[str]]
    ) -> list[str]:
        """What a loader refuses: unknown fields and predicates, and values that are no choice of their field.

        `choices` holds, for each field that has them, the keys that it may take.
        """
        return [fault for item in self.items for fault in _faults(item, fields, predicates, choices)]


def parse_condition(data: Any) -> Condition:
    """The condition that a file gives. Raises BadCondition with the reason."""
    if not isinstance(data, Mapping) or len(data) != 1 or not set(data) <= {"all", "any"}:
        raise BadCondition("a condition is {all: [...]} or {any: [...]}")
    ((key, items),) = data.items()
    if not isinstance(items, list) or not items:
        raise BadCondition(f"{key} needs a list with at least one item")
    return Condition(key == "all", tuple(_item(item) for item in items))


def _item(item: Any) -> Comparison | Predicate:
    if not isinstance(item, Mapping):
        raise BadCondition("an item is {field, op, value}, {is: name} or {is_not: name}")
    if set(item) in ({"is"}, {"is_not"}):
        ((key, name),) = item.items()
        return Predicate(str(name), key == "is")
    return _comparison(item)


def _comparison(item: Mapping[str, Any]) -> Comparison:
    if not {"field", "op"} <= set(item) <= {"field", "op", "value"}:
        raise BadCondition("an item is {field, op, value}, {is: name} or {is_not: name}")
    op = _OPERATORS.get(str(item["op"]))
    if op is None:
        raise BadCondition(f"no such operator: {item['op']}")
    if ("value" in item) == (op in ("present", "absent")):
        raise BadCondition(f"{op} takes {'a' if 'value' not in item else 'no'} value")
    value = item.get("value")
    if isinstance(value, list) != (op == "in"):
        raise BadCondition("a list of values belongs to the operator in, and to no other")
    values = value if isinstance(value, list) else [value] if "value" in item else []
    return Comparison(str(item["field"]), op, tuple(_as_text(one) for one in values))


def _faults(
    item: Comparison | Predicate,
    fields: Collection[str],
    predicates: Collection[str],
    choices: Mapping[str, Collection[str]],
) -> list[str]:
    if isinstance(item, Predicate):
        return [] if item.name in predicates else [f"no such predicate: {item.name}"]
    if item.field not in fields:
        return [f"no such field: {item.field}"]
    allowed = choices.get(item.field)
    if allowed is None:
        return []
    return [f"{item.field} has no choice {value}" for value in item.values if value not in allowed]


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _as_texts(value: Any) -> tuple[str, ...]:
    if value is None or value == "":
        return ()
    if isinstance(value, list | tuple | set | frozenset):
        return tuple(_as_text(one) for one in value)
    return (_as_text(value),)


def _ordered(held: str, wanted: str, op: Operator) -> bool:
    left, right = _rank(held), _rank(wanted)
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return left < right if op == "lt" else left > right
    if isinstance(left, str) and isinstance(right, str):
        return left < right if op == "lt" else left > right
    return False


def _rank(text: str) -> Decimal | str | None:
    """Numbers by value, ISO dates and moments as they stand; anything else has no order."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text if text[:4].isdigit() and text[4:5] == "-" else None
    return number if number.is_finite() else None
