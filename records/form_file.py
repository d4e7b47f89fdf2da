"""The form of a kind and its one-line form, read from its file."""

from collections.abc import Mapping
from typing import Final

from records.kind import Entry, Field, Form, OneLine
from records.menus import menu_of
from records.spot import Spot
from records.world import PARSERS, World

_ENTRY_KEYS: Final = frozenset({"field", "fields", "parser", "ask_if", "text", "variants", "optional"})


def read_form(kind: Spot, world: World, fields: Mapping[str, Field]) -> Form:
    """Return the form. Raises InvalidData with the line and the reason."""
    spot = kind.sub("form")
    spot.only(frozenset({"intro", "receipt", "first", "later", "later_until", "console"}))
    later_until = spot.maybe("later_until")
    if later_until and later_until not in world.limits:
        spot.refuse(f"no such limit: {later_until}", "later_until")
    receipt = tuple(_known(each, "text", world) for each in spot.each("receipt"))
    intro = _known(spot, "intro", world) if "intro" in spot.node else None
    first = tuple(_entry(each, kind, world, fields) for each in spot.each("first"))
    later = tuple(_entry(each, kind, world, fields) for each in spot.each("later"))
    _check_counts(spot, kind, first, later, later_until)
    return Form(first, later, later_until, intro, receipt, spot.flag("console"))


def _check_counts(
    spot: Spot, kind: Spot, first: tuple[Entry, ...], later: tuple[Entry, ...], until: str | None
) -> None:
    if later and not until:
        spot.refuse("no limit for the later questions", "later")
    if len([entry for entry in first if entry.ask_if is None]) > 5:
        spot.refuse("more than five answers before filing", "first")
    if "anyone" in kind.texts("filed_by") and len(later) > 3:
        spot.refuse("more than three questions after filing", "later")


def _known(spot: Spot, key: str, world: World) -> str:
    if spot.text(key) not in world.texts.by_key:
        spot.refuse(f"no such text: {spot.text(key)}", key)
    return spot.text(key)


def _entry(spot: Spot, kind: Spot, world: World, fields: Mapping[str, Field]) -> Entry:
    spot.only(_ENTRY_KEYS)
    ids = spot.texts("fields") or (spot.text("field"),)
    for name in ids:
        if name not in fields:
            spot.refuse(f"asks {name}, which is no field")
    parser = spot.maybe("parser")
    if parser not in PARSERS if parser else len(ids) > 1:
        spot.refuse("several fields need one of the parsers: " + ", ".join(sorted(PARSERS)))
    text = spot.maybe("text") or f"ask.{kind.text('kind')}.{ids[0]}"
    if text not in world.texts.by_key:
        spot.refuse(f"no such text: {text}")
    _check_menu(spot, text, fields[ids[0]], world, kind.flag("neutral"))
    variants = tuple((each.condition("when"), _known(each, "text", world)) for each in spot.each("variants"))
    kept = tuple((condition, key) for condition, key in variants if condition is not None)
    return Entry(ids, text, parser, spot.condition("ask_if"), spot.flag("optional"), kept)


def _check_menu(spot: Spot, key: str, field: Field, world: World, neutral: bool) -> None:
    """A numbered menu fits the segments that its text may take, and says nothing that an SMS must not say."""
    text = world.texts.get(key)
    if "options" not in text.variables:
        return
    if field.choices is None:
        spot.refuse(f"{key} shows {{options}}, but {field.id} has no choices")
    if fault := menu_of(field.choices).fault(text, world.signature, world.neutral if neutral else {}):
        spot.refuse(f"{key}: {fault}")


def read_one_line(kind: Spot, world: World) -> OneLine | None:
    """Return the one-line form, None where the kind has none. Raises InvalidData."""
    if "one_line" not in kind.node:
        return None
    spot = kind.sub("one_line")
    spot.only(frozenset({"keyword", "fields", "usage", "examples", "sets"}))
    declared = {each.text("id") for each in kind.each("fields")}
    sets = dict(spot.sub("sets").node) if "sets" in spot.node else {}
    for name in (*spot.texts("fields"), *sets):
        if name not in declared:
            spot.refuse(f"the one-line form names {name}, which is no field", "fields")
    examples = tuple(each.node for each in spot.each("examples"))
    return OneLine(spot.text("keyword"), spot.texts("fields"), _known(spot, "usage", world), examples, sets)
