"""Reading the kinds of a folder; a wrong file is refused with its line and the reason."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from core.limits import Limits
from core.texts import Texts
from core.yaml_file import read
from records.answers import Problem, Read, Reading, read_line
from records.forms import next_question
from records.kind import Kind, Kinds
from records.kind_check import check_kind
from records.kind_file import read_kind
from records.predicates import PREDICATES
from records.spot import Spot
from records.unit_names import UnitNames
from records.world import World, common_path, read_common

FOLDER: Final = Path(__file__).parent / "kinds"


def load_kinds(
    texts: Texts, limits: Limits, folder: Path = FOLDER, signature: Mapping[str, str] | None = None
) -> Kinds:
    """Return the kinds of a folder, checked against the catalogue and the limits. Raises InvalidData.

    `signature` stands before every SMS; with it the lengths of menus are checked.
    """
    common = common_path(folder)
    spots = [Spot(path, read(path)) for path in sorted(folder.glob("*.yaml")) if path != common]
    names = frozenset(spot.text("kind") for spot in spots)
    world = read_common(Spot(common, read(common)), texts, limits, signature or {}, names)
    kinds: dict[str, Kind] = {}
    for spot in spots:
        kind = _load(spot, world)
        if kind.prefix and any(kind.prefix == other.prefix for other in kinds.values()):
            spot.refuse(f"the prefix {kind.prefix} is used twice", "number")
        kinds[kind.id] = kind
    return Kinds(kinds, world.classes, world.shown_by)


def _load(spot: Spot, world: World) -> Kind:
    if spot.text("kind") != spot.path.stem:
        spot.refuse("kind and file name differ", "kind")
    kind = read_kind(spot, world, spot.path.read_bytes())
    check_kind(spot, kind, world)
    if kind.one_line is not None:
        for each in spot.sub("one_line").each("examples"):
            if fault := example_fault(kind, each.node):
                each.refuse(f"{each.text('in')}: {fault}")
    return kind


def example_fault(kind: Kind, example: Mapping[str, Any]) -> str | None:
    """Return how a one-line example of the file reads otherwise than it says, None when it reads as it says."""
    today = dt.date.fromisoformat(example.get("now", "2026-09-14"))
    got = read_line(kind, example["in"], Reading(today, "zh-Hans", UnitNames(())), raw=True)
    if got is None or example.get("not_a_form"):
        return None if got is None and example.get("not_a_form") else "is or is not read as a form"
    if isinstance(got, Problem):
        wanted = (example.get("error"), example.get("at"))
        return None if wanted == (got.text_key, got.vars.get("i")) else f"error {got.text_key} at {got.vars.get('i')}"
    if "error" in example:
        return "is read without the error"
    wrong = [key for key, value in example["out"].items() if got.values.get(key) != value]
    if wrong:
        return f"differs in {wrong[0]}"
    then = what_next(kind, got)
    return None if example.get("then") == then else f"then: {then}"


def what_next(kind: Kind, read: Read) -> str:
    """Return what follows a one-line form: the first field that is still to be asked, else `sign` or `filed`."""
    named = dict.fromkeys(PREDICATES, False)
    question = next_question(kind, read.values, "first", read.skipped, named, "zh-Hans")
    if question is not None:
        return question.fields[0]
    return "sign" if kind.signing_code else "filed"
