"""The rule of a kind by which a record is proposed for publication, read from its file."""

from collections.abc import Mapping
from typing import Final

from core.money import parse_money
from records.kind import Field
from records.kind_publishing import EarlierFields, PublishRule, Threshold
from records.spot import Spot

_OF_STAFF: Final = frozenset({"person", "persons", "unit", "files", "ref", "refs"})
_KEYS: Final = frozenset({"reason", "times", "field", "at_least", "equals"})


def read_publishing(kind: Spot, fields: Mapping[str, Field]) -> PublishRule:
    """Return the rule under `publishing`. Raises InvalidData with the line and the reason."""
    spot = kind.sub("publishing")
    spot.only(frozenset({"field", "same", "without", "thresholds", "shows", "kept", "days", "letters", "earlier"}))
    for name in (spot.text("field"), *spot.texts("same")):
        if name not in fields:
            spot.refuse(f"publishing names {name}, which is no field")
    for name in spot.texts("same"):
        if not fields[name].match:
            spot.refuse(f"{name} keeps no hash by which another is found", "same")
    thresholds = tuple(_threshold(each, fields, spot.text("field")) for each in spot.each("thresholds"))
    _check_shown(spot, fields)
    return PublishRule(
        spot.text("field"),
        spot.texts("same"),
        spot.texts("without"),
        thresholds,
        spot.texts("shows"),
        spot.text("kept"),
        spot.texts("days"),
        spot.texts("letters"),
        _earlier(spot.sub("earlier"), fields) if "earlier" in spot.node else None,
    )


def _earlier(spot: Spot, fields: Mapping[str, Field]) -> EarlierFields:
    spot.only(frozenset({"records", "amount", "of"}))
    for key, sort in (("records", "refs"), ("amount", "money"), ("of", "money")):
        if spot.text(key) not in fields or fields[spot.text(key)].type != sort:
            spot.refuse(f"{key} names a field of type {sort}", key)
    return EarlierFields(spot.text("records"), spot.text("amount"), spot.text("of"))


def _check_shown(spot: Spot, fields: Mapping[str, Field]) -> None:
    """What the public reads never says who filed it, and what it read stays sealed in the record."""
    for name in spot.texts("shows"):
        if name not in fields:
            spot.refuse(f"shows names {name}, which is no field", "shows")
        if fields[name].type in _OF_STAFF or (fields[name].source or "").startswith("owner"):
            spot.refuse(f"{name} tells of staff, and the public must not read it", "shows")
    for key, types in (("days", ["date", "date"]), ("letters", ["date", "money"])):
        if [fields[name].type for name in spot.texts(key) if name in fields] != types:
            spot.refuse(f"{key} names two fields: {' and '.join(types)}", key)
    kept = fields.get(spot.text("kept"))
    if kept is None or kept.fact or kept.type != "text":
        spot.refuse("kept is a sealed text", "kept")


def _threshold(spot: Spot, fields: Mapping[str, Field], kept_in: str) -> Threshold:
    spot.only(_KEYS)
    reason, name = spot.text("reason"), spot.maybe("field")
    if reason not in (fields[kept_in].choices or {}):
        spot.refuse(f"{kept_in} has no choice {reason}", "reason")
    times = spot.node.get("times")
    if (name is None) == (times is None) or not isinstance(times, int | None):
        spot.refuse("a threshold is so many times, or a field with at_least or equals")
    if name is None:
        return Threshold(reason, times=times)
    if name not in fields or not fields[name].fact:
        spot.refuse(f"{name} is no fact", "field")
    return Threshold(reason, field=name, at_least=_least(spot, fields[name]), equals=spot.maybe("equals"))


def _least(spot: Spot, field: Field) -> int | None:
    if "at_least" not in spot.node:
        return None
    try:
        return parse_money(spot.text("at_least")).minor if field.type == "money" else int(spot.text("at_least"))
    except ValueError:
        spot.refuse("at_least is a number in quotes", "at_least")
