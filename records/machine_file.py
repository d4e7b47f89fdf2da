"""The transitions of a kind, read from its file."""

from typing import Final

from records.checks import CHECKS
from records.kind import Notice, Reminder, State, Track, Transition
from records.makers import MAKERS
from records.spot import LANGUAGES, Spot
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
        "two_persons",
        "checks",
        "makes",
        "does",
    ]
)
_LIMITS: Final = ("limit", "until", "not_before", "after")
TODAY: Final = "@today"
"""What an act sets a date to where it is the day of the act; `@limit` is the day on which a limit from then on ends."""
ACTOR: Final = "@actor"
"""What an act sets a person to where it is who does the act."""
DONE_BESIDES: Final = frozenset({"publish", "take_down", "number_letter", "keep_letter_number"})
"""What an act may do besides, each a function of that name in `records.effects`."""
ASKS: Final = ("rating", "supply", "choice", "return")
"""The open questions that a notice may leave."""


def read_transitions(spot: Spot, world: World) -> tuple[Transition, ...]:
    """Return the transitions in the order of the file. Raises InvalidData with the line and the reason."""
    return tuple(_transition(each, world) for each in spot.each("transitions"))


def read_states(spot: Spot, world: World) -> dict[str, State]:
    """Return the states by id. Raises InvalidData with the line and the reason."""
    states: dict[str, State] = {}
    for each in spot.each("states"):
        each.only(frozenset({"id", *LANGUAGES, "shown", "terminal", "promise"}))
        state = State(each.text("id"), each.titles(), each.text("shown"), each.flag("terminal"), each.maybe("promise"))
        if state.id in states:
            each.refuse(f"the state {state.id} stands twice")
        if state.shown not in world.texts.by_key:
            each.refuse(f"no such text: {state.shown}", "shown")
        if state.promise and not state.promise.startswith("@") and state.promise not in world.limits:
            each.refuse(f"no such limit: {state.promise}", "promise")
        states[state.id] = state
    return states


def read_tracks(spot: Spot, world: World) -> dict[str, Track]:
    """Return the tracks by id, none where the kind has none. Raises InvalidData with the line and the reason."""
    tracks = spot.sub("tracks") if "tracks" in spot.node else None
    return {name: _track(tracks.sub(name), name, world) for name in tracks.node} if tracks else {}


def _track(spot: Spot, name: str, world: World) -> Track:
    spot.only(frozenset({"begins_at", "begin", "states", "transitions"}))
    begin = tuple((each.condition("when"), each.text("state")) for each in spot.each("begin"))
    if not begin or begin[-1][0] is not None:
        spot.refuse("the last state of `begin` has no condition", "begin")
    moves = tuple(_transition(each, world, name) for each in spot.each("transitions"))
    return Track(name, spot.text("begins_at"), begin, read_states(spot, world), moves)


def _transition(spot: Spot, world: World, track: str | None = None) -> Transition:
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
        two_persons=spot.texts("two_persons"),
        track=track,
        checks=spot.texts("checks"),
        makes=dict(spot.sub("makes").node) if "makes" in spot.node else None,
        does=spot.maybe("does"),
        reminders=tuple(_reminder(spot, each, world) for each in _reminders(spot)),
    )


def _reminders(move: Spot) -> tuple[Spot, ...]:
    """What stands under `remind`: one mapping or a list of them."""
    if "remind" in move.node and not {"after", "limit"} & move.node.keys():
        move.refuse(f"{move.text('act')}: only what has its time is reminded of", "remind")
    return (move.sub("remind"),) if isinstance(move.node.get("remind"), dict) else tuple(move.each("remind"))


def _reminder(move: Spot, spot: Spot, world: World) -> Reminder:
    spot.only(frozenset({"limit", "text", "notify", "when"}))
    if spot.text("limit") not in world.limits:
        spot.refuse(f"{move.text('act')}: no such limit: {spot.text('limit')}", "limit")
    owner = spot.maybe("text")
    if owner is not None and owner not in world.texts.by_key:
        spot.refuse(f"no such text: {owner}", "text")
    told = (Notice("owner", owner),) if owner else ()
    notices = (*told, *(_notice(each, world) for each in spot.each("notify")))
    return Reminder(spot.text("limit"), notices, spot.condition("when"))


def _check(spot: Spot, world: World) -> None:
    by = spot.texts("by")
    for party in (*by, *spot.texts("two_persons")):
        if party not in world.parties:
            spot.refuse(f"{spot.text('act')}: {party} is neither a party nor a role", "by")
    if not by or ("system" in by and by != ("system",)):
        spot.refuse(f"{spot.text('act')}: what the system does is a transition of its own", "by")
    if "after" in spot.node and by != ("system",):
        spot.refuse(f"{spot.text('act')}: `after` is for the system alone", "after")
    _check_functions(spot)
    if "two_persons" in spot.node and {"system", "owner"} & {*by, *spot.texts("two_persons")}:
        spot.refuse(f"{spot.text('act')}: an act of two persons is one of staff", "two_persons")
    if spot.node.get("does") not in {None, *DONE_BESIDES}:
        spot.refuse(f"{spot.text('act')}: nothing does what {spot.text('does')} says", "does")
    for key in _LIMITS:
        if key in spot.node and spot.text(key) not in world.limits:
            spot.refuse(f"{spot.text('act')}: no such limit: {spot.text(key)}", key)


def _check_functions(spot: Spot) -> None:
    """What an act names as a function must be one."""
    for name in spot.sub("makes").node.values() if "makes" in spot.node else ():
        if name not in MAKERS:
            spot.refuse(f"{spot.text('act')}: nothing makes what {name} says", "makes")
    for name in spot.texts("checks"):
        if name not in CHECKS:
            spot.refuse(f"{spot.text('act')}: nothing does what {name} says", "checks")


def _notice(spot: Spot, world: World) -> Notice:
    spot.only(frozenset({"to", "text", "when", "asks", "date", "once"}))
    if spot.text("to") not in world.parties:
        spot.refuse(f"tells {spot.text('to')}, which is neither a party nor a role", "to")
    if spot.text("text") not in world.texts.by_key:
        spot.refuse(f"no such text: {spot.text('text')}", "text")
    if spot.node.get("asks") not in (None, *ASKS):
        spot.refuse(f"asks is one of {', '.join(ASKS)}", "asks")
    if spot.node.get("date") not in (None, "today") and spot.text("date") not in world.limits:
        spot.refuse("date is today, a limit, or is left out", "date")
    return Notice(
        spot.text("to"),
        spot.text("text"),
        spot.condition("when"),
        spot.maybe("asks"),
        spot.maybe("date"),
        spot.maybe("once"),
    )
