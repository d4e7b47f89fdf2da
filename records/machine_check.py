"""What must hold in the machines of a kind: the states of the record itself, and those of its tracks."""

from collections.abc import Mapping, Sequence, Set

from records.kind import Kind, State, Transition
from records.spot import Spot
from records.world import World


def place_of(spot: Spot, move: Transition) -> Spot:
    """Return the place in the file at which a transition stands."""
    home = spot.sub("tracks").sub(move.track) if move.track else spot
    return home.find("transitions", "act", move.act)


def check_machine(spot: Spot, starts: Set[str], states: Mapping[str, State], moves: Sequence[Transition]) -> None:
    """Refuse a state that is not declared, not reached, or has no way out where it should. Raises InvalidData."""
    ends = {*starts, *(state for move in moves for state in (*move.sources, move.to))}
    if missing := sorted(ends - states.keys()):
        spot.refuse(f"the state {missing[0]} is not declared", "states")
    reached, front = set(starts), list(starts)
    while front:
        here = front.pop()
        after = {move.to for move in moves if here in move.sources} - reached
        reached |= after
        front += sorted(after)
    for state in states.values():
        place = spot.find("states", "id", state.id)
        if state.id not in reached:
            place.refuse(f"{state.id} cannot be reached from the start")
        if state.terminal == any(state.id in move.sources for move in moves):
            place.refuse(
                f"{state.id}: "
                + ("is terminal, but a transition leads out of it" if state.terminal else "no way out and not terminal")
            )


def check_tracks(spot: Spot, kind: Kind, world: World) -> None:
    """Refuse tracks that do not hold together, or whose acts could be taken for others. Raises InvalidData."""
    main = {move.act for move in kind.transitions}
    for track in kind.tracks.values():
        place = spot.sub("tracks").sub(track.id)
        if track.begins_at not in kind.states:
            place.refuse(f"the state {track.begins_at} is not declared", "begins_at")
        check_machine(place, {state for _, state in track.begin}, track.states, track.transitions)
        acts = {move.act for move in track.transitions}
        if twice := sorted(acts & main):
            place.refuse(f"the act {twice[0]} stands in another machine of the kind too")
        main |= acts
    if kind.tracks and kind.pauses_in:
        spot.refuse("limits that stand still and tracks do not go together", "tracks")
    _check_counted(spot, kind)
    _check_publishing(spot, kind)


def _check_counted(spot: Spot, kind: Kind) -> None:
    for name, fields in kind.counts_from.items():
        for each in fields:
            if each not in kind.fields or kind.fields[each].type not in ("date", "moment"):
                spot.refuse(f"counts_from: {name} names {each}, which is no date", "counts_from")


def _check_publishing(spot: Spot, kind: Kind) -> None:
    rule = kind.publishing
    if rule and (strange := sorted(set(rule.without) - kind.states.keys())):
        spot.refuse(f"publishing names {strange[0]}, which is no state", "publishing")
