"""The risk rules, read from their file and checked against the kinds; a wrong one is refused with line and reason."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from core.conditions import Comparison, Condition
from core.limits import Limits
from core.money import parse_money
from core.yaml_file import read
from oversight.rule import AllQuiet, Count, Counted, InARow, Level, Pair, Rule, Rules, Shape, Single, counted_of
from records.kind import Field, Kind, Kinds
from records.matching import FOUND
from records.predicates import HEAVY, PREDICATES
from records.spot import LANGUAGES, Spot

FILE: Final = Path(__file__).parent / "data" / "risk_rules.yaml"
ALERT: Final = "risk_alert"
"""The kind as which an alert is filed."""
HIDDEN: Final = frozenset({"intercession", "gift", "tip", "retaliation"})
"""Kinds of which the head of a unit must not know; a rule that reads one never reaches him."""
_FILE_KEYS: Final = frozenset({"version", "may_lack", "rules"})
RULE_KEYS: Final = frozenset({"id", "level", "stage", *LANGUAGES, "reach", "to", "about", "meaning", "when"})
_COUNTED: Final = frozenset({"of", "where", "same", "day"})
SHAPE_KEYS: Final[Mapping[str, frozenset[str]]] = {
    "single": frozenset({"of", "where", "at_least", "filed_after"}),
    "count": _COUNTED | {"distinct", "within", "at_least"},
    "pair": frozenset({"one", "other", "within"}),
    "in_a_row": _COUNTED | {"times"},
    "all_quiet": _COUNTED | {"quiet", "months", "size"},
}
_ID: Final = re.compile(r"[A-Z]{2}\d{2,3}")
_DAYS: Final = ("date", "moment", "period")


@dataclass(frozen=True, slots=True)
class _World:
    kinds: Kinds
    limits: Limits
    may_lack: frozenset[str]


def load_rules(kinds: Kinds, limits: Limits, path: Path = FILE) -> Rules:
    """Return the rules of a file, checked. Raises InvalidData with file, line and reason."""
    spot = Spot(path, read(path))
    spot.only(_FILE_KEYS)
    world = _World(kinds, limits, frozenset(spot.texts("may_lack")))
    if ALERT not in kinds.by_id:
        spot.refuse(f"there is no kind {ALERT} as which an alert could be filed")
    rules: list[Rule] = []
    for each in spot.each("rules"):
        rule = _rule(each, world)
        if any(rule.id == other.id for other in rules):
            each.refuse(f"the rule {rule.id} stands twice", "id")
        rules.append(rule)
    return Rules(tuple(rules), hashlib.sha256(path.read_bytes()).hexdigest()[:16])


def _rule(spot: Spot, world: _World) -> Rule:
    spot.only(RULE_KEYS)
    if not _ID.fullmatch(spot.text("id")):
        spot.refuse("an id is two capital letters and a number, such as RK01", "id")
    shapes = tuple(_shape(each, world) for each in spot.each("when"))
    if not shapes:
        spot.refuse("a rule needs at least one shape", "when")
    reads = _reads(shapes, world)
    _check_choices(spot, world, reads)
    return Rule(
        id=spot.text("id"),
        level=cast(Level, spot.text("level")),
        stage=spot.text("stage"),
        titles=spot.titles(),
        shapes=shapes,
        reads=reads,
        reaches_head="reach" in spot.node,
        to_head_office="to" in spot.node,
        about_owner="about" in spot.node,
        meaning=spot.sub("meaning").titles() if "meaning" in spot.node else None,
        lacks=tuple(kind for kind in reads if kind not in world.kinds.by_id),
    )


def _check_choices(spot: Spot, world: _World, reads: Iterable[str]) -> None:
    alert = world.kinds.get(ALERT)
    for key in ("level", "stage"):
        choices = alert.fields[key].choices or {}
        if spot.text(key) not in choices:
            spot.refuse(f"{key} is one of {', '.join(choices)}", key)
    for key, only in (("reach", "head"), ("to", "integrity_head"), ("about", "owner")):
        if spot.node.get(key) not in (None, only):
            spot.refuse(f"{key} is {only}, or is left out", key)
    if "reach" in spot.node and (hidden := sorted(HIDDEN & set(reads))):
        spot.refuse(f"a rule that reads {hidden[0]} must not reach the head of a unit", "reach")


def _shape(spot: Spot, world: _World) -> Shape:
    name = next(iter(spot.node), "")
    if len(spot.node) != 1 or name not in SHAPE_KEYS:
        spot.refuse(f"a shape is one of {', '.join(SHAPE_KEYS)}")
    inside = spot.sub(name)
    inside.only(SHAPE_KEYS[name])
    return _READERS[name](inside, world)


def _single(spot: Spot, world: _World) -> Single:
    kind = _kind(spot, "of", world)
    least = spot.sub("at_least") if "at_least" in spot.node else None
    after = spot.maybe("filed_after")
    if after and after not in world.limits:
        spot.refuse(f"no such limit: {after}", "filed_after")
    if not {"where", "at_least", "filed_after"} & set(spot.node):
        spot.refuse("one record by itself needs where, at_least or filed_after")
    amounts = {name: _amount(least, name, kind) for name in least.node} if least else {}
    return Single(spot.text("of"), _condition(spot, "where", kind), amounts, after)


def _amount(spot: Spot, name: str, kind: Kind | None) -> int:
    field = _field(spot, name, kind, name)
    if field and not field.fact:
        spot.refuse(f"{name} is sealed, a rule cannot look into it", name)
    try:
        return parse_money(spot.text(name)).minor if field and field.type == "money" else int(spot.text(name))
    except ValueError:
        spot.refuse("an amount is a number in quotes", name)


def _count(spot: Spot, world: _World) -> Count:
    kind, distinct = _kind(spot, "of", world), spot.maybe("distinct")
    if distinct:
        _comparable(spot, distinct, kind, "distinct")
    return Count(_counted(spot, world), distinct, _number(spot, "within", 0), _number(spot, "at_least", 2))


def _pair(spot: Spot, world: _World) -> Pair:
    sides = spot.sub("one"), spot.sub("other")
    for side in sides:
        side.only(_COUNTED)
    one, other = (_counted(side, world) for side in sides)
    if one.kind == other.kind:
        spot.refuse("a pair is of two kinds; several of one kind are a count", "other")
    return Pair(one, other, _number(spot, "within", 0))


def _in_a_row(spot: Spot, world: _World) -> InARow:
    return InARow(_counted(spot, world, months=True), _number(spot, "times", 2))


def _all_quiet(spot: Spot, world: _World) -> AllQuiet:
    quiet = _condition(spot, "quiet", _kind(spot, "of", world))
    if quiet is None:
        spot.refuse("quiet is missing")
    size = _number(spot, "size", 1)
    return AllQuiet(_counted(spot, world, months=True), quiet, _number(spot, "months", 1), size)


_READERS: Final[Mapping[str, Callable[[Spot, _World], Shape]]] = {
    "single": _single,
    "count": _count,
    "pair": _pair,
    "in_a_row": _in_a_row,
    "all_quiet": _all_quiet,
}


def _counted(spot: Spot, world: _World, *, months: bool = False) -> Counted:
    kind = _kind(spot, "of", world)
    day = _field(spot, spot.text("day"), kind, "day")
    wanted = ("period",) if months else _DAYS[:2]
    if day and (not day.fact or day.type not in wanted):
        spot.refuse(f"{day.id} is no fact of type {' or '.join(wanted)}", "day")
    same = tuple(_names(spot, each) for each in spot.need("same"))
    for name in (name for names in same for name in names):
        _comparable(spot, name, kind, "same")
    return Counted(spot.text("of"), _condition(spot, "where", kind), same, spot.text("day"))


def _names(spot: Spot, given: object) -> tuple[str, ...]:
    if not isinstance(given, list) or not given or not all(isinstance(one, str) for one in given):
        spot.refuse("same is a list of lists of fields", "same")
    return tuple(given)


def _number(spot: Spot, key: str, least: int) -> int:
    value = spot.need(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        spot.refuse(f"{key} is a whole number, at least {least}", key)
    return int(value)


def _kind(spot: Spot, key: str, world: _World) -> Kind | None:
    """Return an installed kind; None for one that may be lacking, of which nothing can be checked."""
    name = spot.text(key)
    if name not in world.kinds.by_id and name not in world.may_lack:
        spot.refuse(f"there is no kind {name}, nor is it one that may be lacking", key)
    return world.kinds.by_id.get(name)


def _field(spot: Spot, name: str, kind: Kind | None, key: str) -> Field | None:
    if kind is None:
        return None
    if name not in kind.fields:
        spot.refuse(f"{kind.id} has no field {name}", key)
    return kind.fields[name]


def _comparable(spot: Spot, name: str, kind: Kind | None, key: str) -> None:
    """A field by which records are compared is a fact, or keeps a keyed hash."""
    field = _field(spot, name.removesuffix(FOUND), kind, key)
    if field is None:
        return
    if name.endswith(FOUND) and not field.lookup:
        spot.refuse(f"{field.id} is looked up nowhere", key)
    if not (field.fact or field.match):
        spot.refuse(f"{name} is sealed and keeps no hash by which it could be compared", key)


def _condition(spot: Spot, key: str, kind: Kind | None) -> Condition | None:
    condition = spot.condition(key)
    if condition is None or kind is None:
        return condition
    choices = {field.id: frozenset(field.choices) for field in kind.fields.values() if field.choices is not None}
    choices["state"] = frozenset(kind.states)
    fields = {name for name, field in kind.fields.items() if field.fact} | {"state"}
    for track in kind.tracks.values():
        choices[f"track.{track.id}"] = frozenset(track.states)
        fields.add(f"track.{track.id}")
    for item in condition.items:
        named = item.field if isinstance(item, Comparison) else ""
        if named in kind.fields and named not in fields:
            spot.refuse(f"{named} is sealed, a rule cannot look into it", key)
    if faults := condition.faults(fields, PREDICATES.keys() - HEAVY, choices):
        spot.refuse(faults[0], key)
    return condition


def _reads(shapes: Iterable[Shape], world: _World) -> dict[str, tuple[str, ...]]:
    """Return the fields that shapes read, by kind, in the order in which they are named."""
    found: dict[str, dict[str, None]] = {}
    for shape in shapes:
        for kind, names in _fields_of(shape, world):
            found.setdefault(kind, {}).update(dict.fromkeys(name for name in names if name))
    return {kind: tuple(names) for kind, names in found.items()}


def _fields_of(shape: Shape, world: _World) -> list[tuple[str, list[str]]]:
    if isinstance(shape, Single):
        filed = list(_late_fields(shape, world)) if shape.filed_after else []
        return [(shape.kind, [*_compared(shape.where), *shape.at_least, *filed])]
    more = [shape.distinct or ""] if isinstance(shape, Count) else []
    more += _compared(shape.quiet) if isinstance(shape, AllQuiet) else []
    return [(side.kind, [*_same_fields(side), *more, side.day, *_compared(side.where)]) for side in counted_of(shape)]


def _same_fields(side: Counted) -> list[str]:
    return [name.removesuffix(FOUND) for names in side.same for name in names]


def _late_fields(shape: Single, world: _World) -> tuple[str, ...]:
    kind = world.kinds.by_id.get(shape.kind)
    counted_from = world.limits.get(str(shape.filed_after)).counted_from or ""
    return ("filed_at", *(kind.counts_from.get(counted_from, ()) if kind else ()))


def _compared(condition: Condition | None) -> list[str]:
    return [item.field for item in condition.items if isinstance(item, Comparison)] if condition else []
