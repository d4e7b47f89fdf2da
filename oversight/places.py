"""Names that conditions and dates of a report may use, and where their values stand in a record.

A field that is a fact; `state`; `track.NAME`; `entered.STATE` and `entered.TRACK.STATE` (when it was entered last);
`late` (the acts done after their limit); `filed` and `ended` (moments of the row). Predicates: `filed_late`,
`still_open`.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from core.conditions import Comparison, Condition, Predicate
from models.report_queries import Place, Sort, Test
from records.kind import Field, Kind

TRUE: Final = ("true", "1")
FALSE: Final = ("false", "0")
_FILED_LATE: Final = Place("facts", ("@course", "filed_late"))
_ENDED: Final = Place("closed_at", sort="stored")
_FIXED: Final[Mapping[str, Place]] = {
    "state": Place("state"),
    "filed": Place("filed_at", sort="stored"),
    "ended": _ENDED,
    "filed_late": _FILED_LATE,
    "late": Place("facts", ("@course", "late"), "list"),
}
_SORTS: Final[Mapping[str, Sort]] = {
    "date": "day",
    "moment": "day",
    "period": "month",
    "money": "number",
    "int": "number",
    "choices": "list",
    "refs": "list",
}
PREDICATES: Final = ("filed_late", "still_open")


def place_in(kind: Kind, name: str) -> Place | None:
    """Return where a name of a kind stands; None for one that does not exist or is sealed."""
    if name in _FIXED:
        return _FIXED[name]
    head, _, rest = name.partition(".")
    if head == "track" and rest in kind.tracks:
        return Place("tracks", (rest,))
    if head == "entered":
        known = rest in kind.states or any(
            rest == f"{track.id}.{state}" for track in kind.tracks.values() for state in track.states
        )
        return Place("facts", ("@course", "entered", rest), "moment") if known else None
    field = kind.fields.get(name)
    return Place("facts", (name,), _sort(field)) if field is not None and field.fact else None


def _sort(field: Field) -> Sort:
    """A moment that the engine filled in stands in UTC; one that somebody told, on his local day."""
    return "moment" if field.type == "moment" and field.source else _SORTS.get(field.type, "text")


def faults_in(kind: Kind, condition: Condition) -> Iterable[str]:
    """Yield what a condition of a report may not say of a kind."""
    for item in condition.items:
        if isinstance(item, Predicate):
            if item.name not in PREDICATES:
                yield f"no such predicate: {item.name}"
        elif place_in(kind, item.field) is None:
            yield f"{kind.id} has no fact {item.field}"
        else:
            yield from _bad_values(kind, item)


def _bad_values(kind: Kind, item: Comparison) -> Iterable[str]:
    allowed = _allowed(kind, item.field)
    if allowed is not None:
        yield from (f"{item.field} is never {value}" for value in item.values if value not in allowed)


def _allowed(kind: Kind, name: str) -> Iterable[str] | None:
    if name == "state":
        return kind.states
    if name.startswith("track."):
        return kind.tracks[name.removeprefix("track.")].states
    if name == "late":
        return {move.act for move in kind.moves}
    field = kind.fields.get(name)
    return field.choices if field is not None and field.choices else None


def tests_of(kind: Kind, condition: Condition) -> tuple[Test, ...]:
    """Return the tests of a condition that has no fault."""
    return tuple(_test(kind, item) for item in condition.items)


def _test(kind: Kind, item: Comparison | Predicate) -> Test:
    if isinstance(item, Predicate):
        if item.name == "still_open":
            return Test(_ENDED, "absent" if item.expected else "present")
        return Test(_FILED_LATE, "in" if item.expected else "ne", TRUE)
    place = place_in(kind, item.field)
    assert place is not None
    field = kind.fields.get(item.field)
    values = item.values
    if field is not None and field.type == "flag":
        values = tuple(each for value in values for each in (TRUE if value == "true" else FALSE))
    return Test(place, item.op, values)
