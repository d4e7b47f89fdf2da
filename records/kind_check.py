"""What must hold in a kind as a whole: each name exists, each state is reached, each required field is given.

Each rule refuses with file, line and reason. Source: the format of the kinds.
"""

from collections.abc import Iterator, Mapping, Sequence

from core.conditions import Condition
from records.kind import Field, Kind, Transition
from records.predicates import PREDICATES
from records.spot import Spot
from records.text_check import check_notices
from records.world import World


def check_kind(spot: Spot, kind: Kind, world: World) -> None:
    """Refuse a kind that does not hold together. Raises InvalidData."""
    _check_names(spot, kind)
    _check_states(spot, kind)
    for move in kind.transitions:
        _check_move(spot.find("transitions", "act", move.act), kind, move)
    _check_conditions(spot, kind)
    _check_required(spot, kind)
    _check_answers(spot, kind, world)
    _check_neutral_fields(spot, kind)
    check_notices(spot, kind, world)


def _check_names(spot: Spot, kind: Kind) -> None:
    named: Mapping[str, Sequence[str | None]] = {
        "unit_field": [kind.unit_field],
        "statement": [kind.statement],
        "rating": [kind.rating, kind.rating_why],
        "limit_to_file": [kind.late_from],
        "answers_in_text": [kind.answers_in_text],
        "readers": [name for reader in kind.readers for name in reader.sealed or ()],
        "act_views": [name for view in kind.views for name in view.sees],
    }
    for key, names in named.items():
        if missing := [name for name in names if name and name not in kind.fields]:
            spot.refuse(f"{key} names {missing[0]}, which is no field", key)
    if unknown := sorted({state for reader in kind.readers for state in reader.hidden_in} - kind.states.keys()):
        spot.refuse(f"readers names {unknown[0]}, which is no state", "readers")
    acts = {move.act for move in kind.transitions}
    for view in kind.views:
        if missing := sorted(view.acts - acts):
            spot.refuse(f"act_views names {missing[0]}, which is no act", "act_views")
    if kind.filing_act and not any(kind.filing_act == move.act for move in kind.moves_from(kind.start)):
        spot.refuse(f"no act {kind.filing_act} leads out of {kind.start}", "filing_act")


def _check_states(spot: Spot, kind: Kind) -> None:
    ends = {kind.start, *(state for move in kind.transitions for state in (*move.sources, move.to))}
    if missing := sorted(ends - kind.states.keys()):
        spot.refuse(f"the state {missing[0]} is not declared", "states")
    reached, front = {kind.start}, [kind.start]
    while front:
        for move in kind.moves_from(front.pop()):
            if move.to not in reached:
                reached.add(move.to)
                front.append(move.to)
    for state in kind.states.values():
        place = spot.find("states", "id", state.id)
        if state.id not in reached:
            place.refuse(f"{state.id} cannot be reached from the start")
        if state.terminal == bool(kind.moves_from(state.id)):
            place.refuse(
                f"{state.id}: "
                + ("is terminal, but a transition leads out of it" if state.terminal else "no way out and not terminal")
            )


def _check_move(spot: Spot, kind: Kind, move: Transition) -> None:
    for name in (*move.needs, *move.takes, *(move.sets or {})):
        if name not in kind.fields:
            spot.refuse(f"{move.act}: {name} is no field")
    for name, value in (move.sets or {}).items():
        choices = kind.fields[name].choices
        if choices is not None and value not in choices:
            spot.refuse(f"{move.act}: {name} has no choice {value}", "sets")


def _conditions(kind: Kind) -> Iterator[tuple[str, str, str, Condition | None]]:
    """Yield every condition with the list, key and value by which its place is found."""
    for move in kind.transitions:
        yield "transitions", "act", move.act, move.when
        for notice in move.notify:
            yield "transitions", "act", move.act, notice.when
    for field in kind.fields.values():
        yield "fields", "id", field.id, field.when
    for alert in kind.alerts:
        yield "alerts", "id", alert.id, alert.when
    for entry in (*kind.form.first, *kind.form.later):
        yield "fields", "id", entry.fields[0], entry.ask_if
        for condition, _ in entry.variants:
            yield "fields", "id", entry.fields[0], condition


def _check_conditions(spot: Spot, kind: Kind) -> None:
    choices = {field.id: frozenset(field.choices) for field in kind.fields.values() if field.choices is not None}
    for place, key, value, condition in _conditions(kind):
        if condition is None:
            continue
        where = spot.find(place, key, value)
        if faults := condition.faults(kind.fields, PREDICATES, choices):
            where.refuse(f"{value}: {faults[0]}")
        for item in condition.items:
            name, op = getattr(item, "field", None), getattr(item, "op", "")
            if name and not kind.fields[name].fact and op not in ("present", "absent"):
                where.refuse(f"{value}: {name} is sealed, a condition cannot look into it")


def _check_required(spot: Spot, kind: Kind) -> None:
    first = {name for entry in kind.form.first for name in entry.fields}
    later = {name for entry in kind.form.later for name in entry.fields}
    acts = {name for move in kind.transitions for name in (*move.needs, *move.takes, *(move.sets or {}))}
    for field in kind.fields.values():
        if not _given(field, first, later, acts):
            place = spot.find("fields", "id", field.id)
            place.refuse(f"{field.id} is required at {field.required}, but nobody asks or sets it")


def _given(field: Field, first: set[str], later: set[str], acts: set[str]) -> bool:
    by_itself = field.source is not None or field.default is not None
    if field.required == "filing":
        return by_itself or field.id in first
    if field.required == "completion":
        return by_itself or field.id in first | later | acts
    return field.required == "never" or field.id in acts


def _check_answers(spot: Spot, kind: Kind, world: World) -> None:
    """The answer leaves as text, and only by acts that look for names of staff in it first."""
    if kind.answers_in_text is None:
        return
    sends = [
        move for move in kind.transitions if any("answer" in world.texts.get(n.text).variables for n in move.notify)
    ]
    if not sends:
        spot.refuse("no act sends the answer as text", "answers_in_text")
    for move in sends:
        asked = {getattr(item, "name", "") for item in move.when.items} if move.when else set()
        if "answer_names_no_staff" not in asked and move.by != ("system",):
            spot.find("transitions", "act", move.act).refuse(f"{move.act} sends an answer without looking for names")


def _check_neutral_fields(spot: Spot, kind: Kind) -> None:
    for field in kind.fields.values():
        if kind.neutral and field.sms and field.type in {"text", "line", "person", "persons"}:
            spot.find("fields", "id", field.id).refuse(f"{field.id}: free text or a name in an SMS of a neutral kind")
