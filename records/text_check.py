"""What the messages of a kind may show: by SMS only fields that may stand there; neutral kinds stay neutral."""

from core.texts import Text
from records.kind import Kind, State, Transition
from records.spot import Spot
from records.world import World


def check_notices(spot: Spot, kind: Kind, world: World) -> None:
    """Refuse a notice that would show what must not be shown. Raises InvalidData."""
    for move in kind.moves:
        place = spot.find("transitions", "act", move.act)
        for notice in move.notices:
            text = world.texts.get(notice.text)
            _check_variables(place, kind, move, text, world)
            _check_neutral(place, kind, text, world)
    for key in (*kind.form.receipt, *(state.shown for state in (*kind.states.values(), *_beside(kind)))):
        _check_neutral(spot, kind, world.texts.get(key), world)
    for alert in kind.alerts:
        _check_neutral(spot.find("alerts", "id", alert.id), kind, world.texts.get(alert.text), world)


def _beside(kind: Kind) -> tuple[State, ...]:
    return tuple(state for track in kind.tracks.values() for state in track.states.values())


def _check_variables(spot: Spot, kind: Kind, move: Transition, text: Text, world: World) -> None:
    given = {*move.needs, *move.takes, *(move.sets or {})}
    for variable in sorted(text.variables & world.shown_by.keys()):
        behind = [name for name in world.shown_by[variable] if name in kind.fields]
        if not behind:
            spot.refuse(f"{move.act}: {{{variable}}} of {text.key} has no field")
        shown = [name for name in behind if name in given] or behind
        if text.sms and not any(kind.fields[name].sms for name in shown):
            spot.refuse(f"{move.act}: {shown[0]} may not stand in an SMS, but {text.key} shows it")


def _check_neutral(spot: Spot, kind: Kind, text: Text, world: World) -> None:
    if text.key in world.menus or not (text.sms and (kind.neutral or "no" in text.variables)):
        return
    for lang, words in world.neutral.items():
        if lang == "en" and not kind.neutral:
            continue
        if found := next((word for word in words if word in text.says[lang].lower()), None):
            spot.refuse(f"{text.key} holds {found} in {lang}, which must not stand in an SMS")
