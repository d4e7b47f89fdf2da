"""The transitions of a kind, read from its file."""

from typing import Final

from records.kind import Notice, Transition
from records.spot import Spot
from records.world import World

_KEYS: Final = frozenset(
    [
        "from",
        "to",
        "act",
        "by",
        "needs",
        "takes",
        "sets",
        "when",
        "notify",
        "limit",
        "until",
        "not_before",
        "after",
        "remind",
        "supplies",
    ]
)
_LIMITS: Final = ("limit", "until", "not_before", "after")
ASKS: Final = ("rating", "supply")
"""The open questions that a notice may leave."""


def read_transitions(spot: Spot, world: World) -> tuple[Transition, ...]:
    """Return the transitions in the order of the file. Raises InvalidData with the line and the reason."""
    return tuple(_transition(each, world) for each in spot.each("transitions"))


def _transition(spot: Spot, world: World) -> Transition:
    spot.only(_KEYS)
    _check(spot, world)
    return Transition(
        sources=spot.texts("from"),
        to=spot.text("to"),
        act=spot.text("act"),
        by=spot.texts("by"),
        needs=spot.texts("needs"),
        takes=spot.texts("takes"),
        sets=dict(spot.sub("sets").node) if "sets" in spot.node else None,
        when=spot.condition("when"),
        notify=tuple(_notice(each, world) for each in spot.each("notify")),
        limit=spot.maybe("limit"),
        until=spot.maybe("until"),
        not_before=spot.maybe("not_before"),
        after=spot.maybe("after"),
        supplies=spot.flag("supplies"),
    )


def _check(spot: Spot, world: World) -> None:
    by = spot.texts("by")
    for party in by:
        if party not in world.parties:
            spot.refuse(f"{spot.text('act')}: {party} is neither a party nor a role", "by")
    if not by or ("system" in by and by != ("system",)):
        spot.refuse(f"{spot.text('act')}: what the system does is a transition of its own", "by")
    if "after" in spot.node and by != ("system",):
        spot.refuse(f"{spot.text('act')}: `after` is for the system alone", "after")
    for key in _LIMITS:
        if key in spot.node and spot.text(key) not in world.limits:
            spot.refuse(f"{spot.text('act')}: no such limit: {spot.text(key)}", key)


def _notice(spot: Spot, world: World) -> Notice:
    spot.only(frozenset({"to", "text", "when", "asks"}))
    if spot.text("to") not in world.parties:
        spot.refuse(f"tells {spot.text('to')}, which is neither a party nor a role", "to")
    if spot.text("text") not in world.texts.by_key:
        spot.refuse(f"no such text: {spot.text('text')}", "text")
    if spot.node.get("asks") not in (None, *ASKS):
        spot.refuse(f"asks is one of {', '.join(ASKS)}", "asks")
    return Notice(spot.text("to"), spot.text("text"), spot.condition("when"), spot.maybe("asks"))
