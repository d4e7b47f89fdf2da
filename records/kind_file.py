"""One file of records/kinds, read into a `Kind`: its shape is checked here, the whole by `kind_check`."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final, Literal, cast

from records.form_file import read_form, read_one_line
from records.givers import read_givers
from records.kind import ActView, Alert, Choice, Field, Kind, Reader, Returns, Slip, StartWords
from records.kind_publishing import LetterForm
from records.known_file import read_flights, read_made_known
from records.letter_texts import LETTER_VARIABLES, letter_keys
from records.machine_file import read_states, read_tracks, read_transitions
from records.matching import LOOKUPS
from records.offers import read_offers
from records.publish_file import read_publishing
from records.sources import SOURCES
from records.spot import Spot
from records.store import read_store
from records.world import World, read_choices

_KEYS: Final = frozenset(
    [
        "kind",
        "title",
        "purpose",
        "number",
        "filed_by",
        "sms_proof",
        "neutral",
        "answers_in_text",
        "group",
        "unit_field",
        "statement",
        "rating",
        "pauses",
        "readers",
        "act_views",
        "filing_act",
        "limit_to_file",
        "choices",
        "fields",
        "form",
        "one_line",
        "start",
        "states",
        "transitions",
        "alerts",
        "offers",
        "tracks",
        "counts_from",
        "place",
        "publishing",
        "slip",
        "returns",
        "owner_left",
        "limits_by",
        "handler_field",
        "named_field",
        "recuses_superiors",
        "in_flight",
        "made_known",
        "letter",
        "givers",
        "store",
        "rules",
        "acts",
        "says",
        "words",
    ]
)
_FIELD_KEYS: Final = frozenset(
    [
        "id",
        "zh",
        "hant",
        "en",
        "type",
        "max",
        "unknown",
        "not_future",
        "lookup",
        "of",
        "pattern",
        "choices",
        "required",
        "when",
        "source",
        "default",
        "visible",
        "store",
        "match",
        "sms",
        "keep",
    ]
)
_REQUIRED: Final = ("filing", "completion", "act", "never")


def read_kind(spot: Spot, world: World, content: bytes) -> Kind:
    """Return the kind that a file declares. Raises InvalidData with the line and the reason."""
    spot.only(_KEYS)
    (prefix, sequence), choices = _number(spot), {**world.choices, **read_choices(spot)}
    fields = _fields(spot, world, choices)
    rating = spot.node.get("rating", {})
    pauses = spot.node.get("pauses", {})
    late = spot.node.get("limit_to_file", {})
    proof = spot.text("sms_proof")
    if proof not in ("none", "signing_code"):
        spot.refuse("sms_proof is none or signing_code", "sms_proof")
    return Kind(
        id=spot.text("kind"),
        version=hashlib.sha256(content).hexdigest()[:16],
        titles=spot.sub("title").titles(),
        purpose=spot.text("purpose"),
        prefix=prefix,
        sequence=sequence,
        filed_by=_parties(spot, "filed_by", world),
        signing_code=proof == "signing_code",
        neutral=spot.flag("neutral"),
        group=spot.text("group"),
        fields=fields,
        form=read_form(spot, world, fields),
        one_line=read_one_line(spot, world),
        start=spot.text("start"),
        states=read_states(spot, world),
        transitions=read_transitions(spot, world),
        readers=tuple(_reader(each, world) for each in spot.each("readers")),
        views=tuple(_view(each) for each in spot.each("act_views")),
        alerts=tuple(_alert(each, world) for each in spot.each("alerts")),
        filing_act=spot.maybe("filing_act"),
        unit_field=spot.maybe("unit_field"),
        statement=spot.maybe("statement"),
        rating=rating.get("field"),
        rating_why=rating.get("why"),
        pauses_in=pauses.get("state"),
        pauses_at_most=pauses.get("at_most"),
        answers_in_text=spot.maybe("answers_in_text"),
        limit_to_file=late.get("limit"),
        late_from=late.get("from"),
        tracks=read_tracks(spot, world),
        counts_from=_counts_from(spot),
        place=spot.sub("place").titles() if "place" in spot.node else None,
        limits_by=spot.maybe("limits_by"),
        slip=_slip(spot, fields) if "slip" in spot.node else None,
        letter=_letter(spot, world, fields) if "letter" in spot.node else None,
        givers=read_givers(spot, {name: each.type for name, each in fields.items()}) if "givers" in spot.node else None,
        store=read_store(spot, frozenset(name for name, one in fields.items() if one.fact))
        if "store" in spot.node
        else None,
        offers=read_offers(spot, {name for name, one in fields.items() if one.fact}, world.texts.by_key.keys()),
        publishing=read_publishing(spot, fields) if "publishing" in spot.node else None,
        returns=_returns(spot, world) if "returns" in spot.node else None,
        owner_left=spot.maybe("owner_left"),
        handler_field=spot.maybe("handler_field"),
        named_field=spot.maybe("named_field"),
        recuses_superiors=spot.flag("recuses_superiors"),
        flights=read_flights(spot),
        made_known=read_made_known(spot, world) if "made_known" in spot.node else None,
        words=_words(spot) if "words" in spot.node else None,
        acts=_acts(spot) if "acts" in spot.node else {},
    )


def _acts(kind: Spot) -> dict[str, Mapping[str, str]]:
    """Read what the acts of a register are called, where the console's own words do not name them."""
    spot = kind.sub("acts")
    known = {each.text("act") for each in kind.each("transitions")}
    if strange := sorted(set(spot.node) - known):
        spot.refuse(f"{strange[0]} is no act of the register", strange[0])
    return {act: spot.sub(act).titles() for act in spot.node}


def _words(kind: Spot) -> StartWords:
    """Read the words by which a message begins the form of a register that no intent of the bot names."""
    spot = kind.sub("words")
    spot.only(frozenset({"exact", "form"}))
    if "one_line" not in kind.node:
        spot.refuse("words need a one_line form, whose keyword they name", "exact")
    found = StartWords(spot.texts("exact"), spot.texts("form"))
    if not found.exact or not found.form:
        spot.refuse("words are lists under exact and form")
    return found


def _returns(kind: Spot, world: World) -> Returns:
    """Read which kinds hold the entries of a month, by which date, and which forms each answer opens."""
    spot = kind.sub("returns")
    spot.only(frozenset({"entries", "opens"}))
    entries, opens = spot.sub("entries"), spot.sub("opens")
    found = Returns(
        {name: entries.text(name) for name in entries.node}, {str(key): opens.texts(key) for key in opens.node}
    )
    for name in (*found.entries, *(each for kinds in found.opens.values() for each in kinds)):
        if name not in world.kinds:
            spot.refuse(f"{name} is no kind that is kept here")
    return found


def _slip(kind: Spot, fields: Mapping[str, Field]) -> Slip:
    """Read the slip; every field that it shows is one of the kind."""
    spot = kind.sub("slip")
    spot.only(frozenset({"copies", "signed_by", "fields"}))
    if strange := sorted(set(spot.texts("fields")) - fields.keys()):
        spot.refuse(f"the slip shows {strange[0]}, which is no field", "fields")
    copies, signed = (tuple(each.titles() for each in spot.each(key)) for key in ("copies", "signed_by"))
    return Slip(copies, signed, spot.texts("fields"))


def _letter(kind: Spot, world: World, fields: Mapping[str, Field]) -> LetterForm:
    """Read the letter; its texts may show only what it maps to fields, and never who filed the record."""
    spot = kind.sub("letter")
    spot.only(frozenset({"no", "to", "texts", "reply", "shows"}))
    shows = dict(spot.sub("shows").node)
    for name in (spot.text("no"), spot.text("to"), *shows.values()):
        if name not in fields or fields[name].type in ("person", "persons", "unit"):
            spot.refuse(f"the letter shows {name}, which is no field or tells of staff")
    if spot.text("reply") not in world.limits:
        spot.refuse(f"no such limit: {spot.text('reply')}", "reply")
    for key in letter_keys(spot.text("texts"), tuple(fields[spot.text("to")].choices or {})):
        if key not in world.texts.by_key:
            spot.refuse(f"no such text: {key}", "texts")
        if strange := sorted(world.texts.get(key).variables - shows.keys() - LETTER_VARIABLES):
            spot.refuse(f"{key} shows {strange[0]}, which the letter does not know", "shows")
    return LetterForm(spot.text("no"), spot.text("to"), spot.text("texts"), spot.text("reply"), shows)


def _counts_from(spot: Spot) -> dict[str, tuple[str, ...]]:
    """Read from which fields a named beginning of limits is counted: the first of them that is given."""
    named = spot.sub("counts_from") if "counts_from" in spot.node else None
    return {name: named.texts(name) for name in named.node} if named else {}


def _number(kind: Spot) -> tuple[str, Literal["counter", "random"]]:
    """Read the prefix and the sequence of numbers; `none` is no prefix."""
    if kind.node.get("number") == "none":
        return "", "counter"
    spot = kind.sub("number")
    spot.only(frozenset({"prefix", "sequence"}))
    value = spot.text("sequence")
    if value not in ("counter", "random"):
        spot.refuse("sequence is counter or random", "sequence")
    return spot.text("prefix"), cast(Literal["counter", "random"], value)


def _parties(spot: Spot, key: str, world: World) -> tuple[str, ...]:
    for party in spot.texts(key):
        if party not in world.parties:
            spot.refuse(f"{key}: {party} is neither a party nor a role", key)
    return spot.texts(key)


def _fields(spot: Spot, world: World, choices: Mapping[str, Mapping[str, Choice]]) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for each in spot.each("fields"):
        field = _field(each, world, choices)
        if field.id in fields:
            each.refuse(f"the field {field.id} stands twice")
        fields[field.id] = field
    return fields


def _field(spot: Spot, world: World, choices: Mapping[str, Mapping[str, Choice]]) -> Field:
    spot.only(_FIELD_KEYS)
    _check_field(spot, world, choices)
    name = spot.maybe("choices")
    return Field(
        id=spot.text("id"),
        titles=spot.titles(),
        type=spot.text("type"),
        required=cast(Literal["filing", "completion", "act", "never"], spot.text("required")),
        visible=spot.text("visible"),
        fact=spot.text("store") == "fact",
        max=spot.node.get("max"),
        unknown=spot.flag("unknown"),
        not_future=spot.flag("not_future"),
        choices=choices[name] if name else None,
        source=spot.maybe("source"),
        default=spot.maybe("default"),
        match=spot.flag("match"),
        hash_only=spot.maybe("keep") == "hash",
        sms=spot.flag("sms"),
        pattern=spot.maybe("pattern"),
        when=spot.condition("when"),
        lookup=spot.maybe("lookup"),
        of=tuple(name for name in spot.texts("of") if name in world.kinds),
    )


def _check_field(spot: Spot, world: World, choices: Mapping[str, Any]) -> None:
    sort, store = spot.text("type"), spot.text("store")
    rules = (
        (store in ("fact", "sealed"), "store", "store is fact or sealed"),
        (sort in world.fact_types | world.sealed_types, "type", f"no such type: {sort}"),
        (sort in (world.fact_types if store == "fact" else world.sealed_types), "store", f"{sort} cannot be {store}"),
        (store == "sealed" or not spot.flag("match"), "match", "match belongs to sealed fields"),
        (spot.text("required") in _REQUIRED, "required", f"required is one of {', '.join(_REQUIRED)}"),
        (spot.text("visible") in world.classes, "visible", "no such visibility class"),
        ((sort in ("choice", "choices")) == ("choices" in spot.node), "type", "choices belong to the type choice"),
        (spot.node.get("choices") in {None, *choices}, "choices", "no such choice set"),
        (spot.node.get("source") in {None, *SOURCES}, "source", "no such source"),
        (sort not in ("line", "text") or isinstance(spot.node.get("max"), int), "type", "a text needs max"),
        (spot.node.get("lookup") in {None, *LOOKUPS}, "lookup", f"lookup is one of {', '.join(LOOKUPS)}"),
        ("lookup" not in spot.node or spot.flag("match"), "lookup", "what is looked up is kept as a match"),
        (set(spot.texts("of")) <= world.kinds | world.outside | {"any"}, "of", "refers to no kind"),
    )
    for right, key, reason in rules:
        if not right:
            spot.refuse(f"{spot.text('id')}: {reason}", key)


def _reader(spot: Spot, world: World) -> Reader:
    spot.only(frozenset({"role", "reach", "sealed", "identity", "named", "not_of", "acts_as", "hidden_in"}))
    if spot.text("role") not in world.parties:
        spot.refuse("no such role", "role")
    if spot.text("reach") not in ("house", "scope", "assigned", "above"):
        spot.refuse("reach is house, scope, assigned or above", "reach")
    if spot.node.get("identity", "never") not in ("never", "if_named", "always"):
        spot.refuse("identity is never, if_named or always", "identity")
    if (spot.text("reach") == "above") != ("named" in spot.node):
        spot.refuse("the reach above needs the role that must be named")
    return Reader(
        role=spot.text("role"),
        reach=cast(Literal["house", "scope", "assigned", "above"], spot.text("reach")),
        sealed=frozenset(spot.texts("sealed")) if "sealed" in spot.node else None,
        identity=cast(Literal["never", "if_named", "always"], spot.node.get("identity", "never")),
        named=spot.maybe("named"),
        not_of=spot.maybe("not_of"),
        acts_as=_parties(spot, "acts_as", world),
        hidden_in=frozenset(spot.texts("hidden_in")),
    )


def _view(spot: Spot) -> ActView:
    spot.only(frozenset({"role", "acts", "alert", "sees"}))
    return ActView(spot.text("role"), frozenset(spot.texts("acts")), spot.maybe("alert"), frozenset(spot.texts("sees")))


def _alert(spot: Spot, world: World) -> Alert:
    spot.only(frozenset({"id", "when", "tell", "text", "limit", "owner"}))
    condition = spot.condition("when")
    if condition is None:
        spot.refuse("an alert needs a condition")
    owner = spot.maybe("owner")
    for key in ("text", *(["owner"] if owner else [])):
        if spot.text(key) not in world.texts.by_key:
            spot.refuse(f"no such text: {spot.text(key)}", key)
    if spot.text("limit") not in world.limits:
        spot.refuse(f"no such limit: {spot.text('limit')}", "limit")
    tell = _parties(spot, "tell", world)
    return Alert(spot.text("id"), condition, tell, spot.text("text"), spot.text("limit"), owner)
