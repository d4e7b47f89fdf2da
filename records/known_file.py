"""What of a record is kept in flight, and how it is made known, read from the file of its kind."""

from typing import Final

from records.kind import Kind
from records.kind_known import Flight, MadeKnown
from records.spot import Spot
from records.world import World

_FLIGHT_KEYS: Final = frozenset({"fields", "states", "alert"})
_KNOWN_KEYS: Final = frozenset(
    {"begins_at", "states", "readers", "unit", "shows", "call", "remind", "remind_after", "public_when"}
)


def read_flights(kind: Spot) -> tuple[Flight, ...]:
    """Return the rules of `in_flight`, none where the kind has none. Raises InvalidData with line and reason."""
    return tuple(_flight(each) for each in kind.each("in_flight"))


def _flight(spot: Spot) -> Flight:
    spot.only(_FLIGHT_KEYS)
    if ("states" in spot.node) == ("alert" in spot.node):
        spot.refuse("either states or an alert say how long")
    return Flight(spot.texts("fields"), frozenset(spot.texts("states")), spot.maybe("alert"))


def read_made_known(kind: Spot, world: World) -> MadeKnown:
    """Return how records are made known. Raises InvalidData with the line and the reason."""
    spot = kind.sub("made_known")
    spot.only(_KNOWN_KEYS)
    for key in ("call", "remind"):
        if key in spot.node and spot.text(key) not in world.texts.by_key:
            spot.refuse(f"no such text: {spot.text(key)}", key)
    after = spot.maybe("remind_after")
    if after is not None and after not in world.limits:
        spot.refuse(f"no such limit: {after}", "remind_after")
    if ("remind" in spot.node) != (after is not None):
        spot.refuse("remind and remind_after go together")
    return MadeKnown(
        begins_at=spot.text("begins_at"),
        states=frozenset(spot.texts("states")),
        readers=spot.maybe("readers"),
        unit=spot.maybe("unit"),
        shows=spot.texts("shows"),
        call=spot.maybe("call"),
        remind=spot.maybe("remind"),
        remind_after=after,
        public_when=spot.condition("public_when"),
    )


def check_known(spot: Spot, kind: Kind, world: World) -> None:
    """Refuse what names no field, state or alert, or would show what is not kept in flight. Raises InvalidData."""
    for name in (kind.handler_field, kind.named_field):
        if name is not None and (name not in kind.fields or kind.fields[name].type != "person"):
            spot.refuse(f"{name} is no field of type person")
    for place, rule in zip(spot.each("in_flight"), kind.flights, strict=True):
        _check_flight(place, kind, rule)
    if kind.made_known is not None:
        _check_made_known(spot.sub("made_known"), kind, kind.made_known)


def _check_flight(spot: Spot, kind: Kind, rule: Flight) -> None:
    for name in rule.fields:
        if name not in kind.fields or kind.fields[name].fact:
            spot.refuse(f"{name} is no sealed field", "fields")
    if strange := sorted(rule.states - kind.states.keys()):
        spot.refuse(f"{strange[0]} is no state", "states")
    if rule.alert is not None and rule.alert not in {alert.id for alert in kind.alerts}:
        spot.refuse(f"{rule.alert} is no alert", "alert")


def _check_made_known(spot: Spot, kind: Kind, known: MadeKnown) -> None:
    if strange := sorted({known.begins_at, *known.states} - kind.states.keys()):
        spot.refuse(f"{strange[0]} is no state", "states")
    if known.begins_at not in known.states:
        spot.refuse(f"{known.begins_at} is not among the states", "begins_at")
    flying = {name for rule in kind.flights if known.states <= rule.states for name in rule.fields}
    for name in (*known.shows, *filter(None, (known.readers, known.unit))):
        if name not in kind.fields:
            spot.refuse(f"{name} is no field")
        if not kind.fields[name].fact and name not in flying:
            spot.refuse(f"{name} is sealed and not in flight in these states")
    if known.public_when and (faults := known.public_when.faults(kind.fields, frozenset(), {})):
        spot.refuse(faults[0], "public_when")
