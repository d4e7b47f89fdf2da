"""Which things of a kind are kept in a store: in which states of which track, and what who counts them may know."""

from dataclasses import dataclass

from records.spot import Spot


@dataclass(frozen=True, slots=True)
class Store:
    """Things lie there while `track` stands in one of `kept`; `shows` are clear fields."""

    track: str
    kept: tuple[str, ...]
    shows: tuple[str, ...]


def read_store(kind: Spot, facts: frozenset[str]) -> Store:
    """Return what stands under `store`; `facts` are the clear fields. Raises InvalidData with the line."""
    spot = kind.sub("store")
    spot.only(frozenset({"track", "kept", "shows"}))
    if spot.text("track") not in kind.node.get("tracks", {}):
        spot.refuse(f"there is no track {spot.text('track')}", "track")
    if strange := sorted(set(spot.texts("shows")) - facts):
        spot.refuse(f"{strange[0]} is no clear field", "shows")
    return Store(spot.text("track"), spot.texts("kept"), spot.texts("shows"))
