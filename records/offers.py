"""What is offered to the owner once a form is done: to go on with another one, of which some answers are known."""

from collections.abc import Mapping, Set
from dataclasses import dataclass

from core.conditions import Condition
from records.spot import Spot

NUMBER = "@number"
"""Stands in `fills` for the number of the record that was filed."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Where the condition holds a form of `kind` is offered by `text`; `fills` maps its fields to answers given here.

    Where no such kind is installed nothing is offered.
    """

    when: Condition
    kind: str
    text: str
    fills: Mapping[str, str]


def read_offers(kind: Spot, facts: Set[str], texts: Set[str]) -> tuple[Offer, ...]:
    """Return what stands under `offers`. Raises InvalidData with the line and the reason."""
    return tuple(_offer(each, facts, texts) for each in kind.each("offers"))


def _offer(spot: Spot, facts: Set[str], texts: Set[str]) -> Offer:
    spot.only(frozenset({"when", "kind", "text", "fills"}))
    when, fills = spot.condition("when"), dict(spot.sub("fills").node) if "fills" in spot.node else {}
    if when is None:
        spot.refuse("an offer needs a condition", "when")
    if spot.text("text") not in texts:
        spot.refuse(f"no such text: {spot.text('text')}", "text")
    if strange := sorted(set(fills.values()) - facts - {NUMBER}):
        spot.refuse(f"{strange[0]} is no clear field: what is sealed is not known any more", "fills")
    return Offer(when, spot.text("kind"), spot.text("text"), fills)
