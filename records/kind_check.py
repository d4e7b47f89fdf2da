"""What must hold in a kind as a whole: each name exists, each state is reached, each required field is given.

Each rule refuses with file, line and reason. Source: the format of the kinds.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from core.conditions import Condition
from records.evidence import FILES
from records.kind import Field, Kind, Transition
from records.known_file import check_known
from records.machine_check import check_machine, check_tracks, place_of
from records.machine_file import ACTOR, TODAY
from records.predicates import PREDICATES
from records.spot import Spot
from records.text_check import check_notices
from records.world import World

RETURN_FIELDS: Final = (
    "reply",
    "nothing_else",
    "none_yet",
    "which",
    "answer",
    "answered_at",
    "channel",
    "proof",
    "raw_text",
)
RETURN_SOURCES: Final = ("period", "owner", "entries_of_period", "computed_late", "computed_amended")


def check_kind(spot: Spot, kind: Kind, world: World) -> None:
    """Refuse a kind that does not hold together. Raises InvalidData."""
    _check_names(spot, kind)
    _check_states(spot, kind)
    check_tracks(spot, kind, world)
    for move in kind.moves:
        _check_move(place_of(spot, move), kind, move, world)
    _check_conditions(spot, kind)
    _check_required(spot, kind)
    _check_answers(spot, kind, world)
    _check_neutral_fields(spot, kind)
    _check_files(spot, kind)
    _check_returns(spot, kind)
    check_notices(spot, kind, world)
    check_known(spot, kind, world)


def _check_names(spot: Spot, kind: Kind) -> None:
    named: Mapping[str, Sequence[str | None]] = {
        "unit_field": [kind.unit_field],
        "statement": [kind.statement],
        "rating": [kind.rating, kind.rating_why],
        "limit_to_file": kind.counts_from.get(kind.late_from or "", (kind.late_from,)),
        "answers_in_text": [kind.answers_in_text],
        "limits_by": [kind.limits_by],
        "readers": [name for reader in kind.readers for name in reader.sealed or ()],
        "act_views": [name for view in kind.views for name in view.sees],
    }
    for key, names in named.items():
        if missing := [name for name in names if name and name not in kind.fields]:
            spot.refuse(f"{key} names {missing[0]}, which is no field", key)
    if unknown := sorted({state for reader in kind.readers for state in reader.hidden_in} - kind.states.keys()):
        spot.refuse(f"readers names {unknown[0]}, which is no state", "readers")
    acts = {move.act for move in kind.moves}
    if kind.owner_left and kind.owner_left not in acts:
        spot.refuse(f"owner_left names {kind.owner_left}, which is no act", "owner_left")
    for view in kind.views:
        if missing := sorted(view.acts - acts):
            spot.refuse(f"act_views names {missing[0]}, which is no act", "act_views")
    if kind.filing_act and not any(kind.filing_act == move.act for move in kind.moves_from(kind.start)):
        spot.refuse(f"no act {kind.filing_act} leads out of {kind.start}", "filing_act")


def _check_returns(spot: Spot, kind: Kind) -> None:
    """A return has the questions and the sources that `oversight.returns_answer` works with."""
    if kind.returns is None:
        return
    if missing := [name for name in RETURN_FIELDS if name not in kind.fields]:
        spot.refuse(f"a return needs the field {missing[0]}", "returns")
    if missing := [source for source in RETURN_SOURCES if kind.with_source(source) is None]:
        spot.refuse(f"a return needs a field with the source {missing[0]}", "returns")
    if strange := sorted(kind.returns.opens.keys() ^ (kind.fields["which"].choices or {}).keys()):
        spot.refuse(f"opens and the choices of which differ in {strange[0]}", "returns")


def _check_states(spot: Spot, kind: Kind) -> None:
    check_machine(spot, {kind.start}, kind.states, kind.transitions)


def _check_move(spot: Spot, kind: Kind, move: Transition, world: World) -> None:
    for name in (*move.needs, *move.takes, *(move.sets or {}), *(move.makes or {})):
        if name not in kind.fields:
            spot.refuse(f"{move.act}: {name} is no field")
    for name, value in (move.sets or {}).items():
        choices = kind.fields[name].choices
        if choices is not None and value not in choices:
            spot.refuse(f"{move.act}: {name} has no choice {value}", "sets")
        if value.startswith("@") and value not in (TODAY, ACTOR) and value[1:] not in world.limits:
            spot.refuse(f"{move.act}: no such limit: {value[1:]}", "sets")
    for limit in (move.limit, move.until, move.not_before, move.after):
        _check_levels(spot, kind, move, world.limits.get(limit).levels if limit else {})


def _check_levels(spot: Spot, kind: Kind, move: Transition, levels: Collection[str]) -> None:
    """A limit with levels needs the field that says which, with a length for each of its choices."""
    if not levels:
        return
    if kind.limits_by is None:
        spot.refuse(f"{move.act}: a limit with levels needs `limits_by`")
    if missing := sorted((kind.fields[kind.limits_by].choices or {}).keys() - set(levels)):
        spot.refuse(f"{move.act}: the limit says nothing of the level {missing[0]}")


def _conditions(spot: Spot, kind: Kind) -> Iterator[tuple[Spot, str, Condition | None]]:
    """Yield every condition with its place in the file and the name of what it belongs to."""
    for track in kind.tracks.values():
        for when, state in track.begin:
            yield spot.sub("tracks").sub(track.id).find("begin", "state", state), state, when
    for move in kind.moves:
        yield place_of(spot, move), move.act, move.when
        for notice in move.notices:
            yield place_of(spot, move), move.act, notice.when
    for field in kind.fields.values():
        yield spot.find("fields", "id", field.id), field.id, field.when
    for alert in kind.alerts:
        yield spot.find("alerts", "id", alert.id), alert.id, alert.when
    for entry in (*kind.form.first, *kind.form.later):
        place = spot.find("fields", "id", entry.fields[0])
        yield place, entry.fields[0], entry.ask_if
        for condition, _ in entry.variants:
            yield place, entry.fields[0], condition


def _check_conditions(spot: Spot, kind: Kind) -> None:
    choices = {field.id: frozenset(field.choices) for field in kind.fields.values() if field.choices is not None}
    for where, value, condition in _conditions(spot, kind):
        if condition is None:
            continue
        if faults := condition.faults(kind.fields, PREDICATES, choices):
            where.refuse(f"{value}: {faults[0]}")
        for item in condition.items:
            name, op = getattr(item, "field", None), getattr(item, "op", "")
            if name and not kind.fields[name].fact and op not in ("present", "absent"):
                where.refuse(f"{value}: {name} is sealed, a condition cannot look into it")


def _check_required(spot: Spot, kind: Kind) -> None:
    first = {name for entry in kind.form.first for name in entry.fields}
    later = {name for entry in kind.form.later for name in entry.fields}
    acts = {name for move in kind.moves for name in (*move.needs, *move.takes, *(move.sets or {}), *(move.makes or {}))}
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
        place = spot.find("transitions", "act", move.act)
        if "answer_names_no_staff" not in asked:
            place.refuse(f"{move.act} sends an answer without looking for names")
        if {"owner", "system"} & set(move.by):
            place.refuse(f"{move.act} sends a sealed answer, which only a member of staff can open")


def _check_neutral_fields(spot: Spot, kind: Kind) -> None:
    for field in kind.fields.values():
        if kind.neutral and field.sms and field.type in {"text", "line", "person", "persons"}:
            spot.find("fields", "id", field.id).refuse(f"{field.id}: free text or a name in an SMS of a neutral kind")


def _check_files(spot: Spot, kind: Kind) -> None:
    """Files come after filing, or with an act; nobody types them, and nothing is found by them."""
    typed = {name for entry in kind.form.first for name in entry.fields}
    typed |= set(kind.one_line.fields) if kind.one_line else set()
    for field in kind.fields.values():
        if field.type == FILES and (field.id in typed or field.match or field.required in ("filing", "completion")):
            place = spot.find("fields", "id", field.id)
            place.refuse(f"{field.id}: files are asked after filing or given with an act, and never matched")
