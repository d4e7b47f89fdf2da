"""What a risk rule is: the frozen picture of one entry of oversight/data/risk_rules.yaml, and the shapes it may have.

A shape looks at records of one kind or two. `Single` holds of one record by itself. The others count: each record that
fits makes a mark (a keyed hash, a local day, and as which one of several it counts), and the shape says which marks
around it belong together. Days are calendar days of the office; `within` N days means that the last is at most N days
after the first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from core.conditions import Condition
from records.kind import Titles

Level = Literal["blue", "yellow", "orange", "red"]
Same = tuple[tuple[str, ...], ...]
"""Ways of being the same; the first whose fields are all known decides: ((giver_org,), (giver_name,))."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Which records of a kind count, by what they are the same, and the field that holds their day or month."""

    kind: str
    where: Condition | None
    same: Same
    day: str


@dataclass(frozen=True, slots=True)
class Single:
    """One record: a condition, amounts or numbers that are at least so much, filed after a limit was over."""

    kind: str
    where: Condition | None
    at_least: Mapping[str, int]
    filed_after: str | None


@dataclass(frozen=True, slots=True)
class Count:
    """So many records of the same within days; `distinct` counts the different values of a field instead."""

    of: Counted
    distinct: str | None
    within: int
    at_least: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A record of one kind and one of another, of the same, within days."""

    one: Counted
    other: Counted
    within: int


@dataclass(frozen=True, slots=True)
class InARow:
    """Records of the same in so many months that follow each other."""

    of: Counted
    times: int


@dataclass(frozen=True, slots=True)
class AllQuiet:
    """Months that follow each other in which every record of the same holds `quiet`, at least `size` in each."""

    of: Counted
    quiet: Condition
    months: int
    size: int


Shape = Single | Count | Pair | InARow | AllQuiet


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Any of its shapes raises it.

    `reaches_head`: the head of the unit may be asked; `to_head_office`: it goes to the head of the integrity office
    alone. `lacks` names the kinds that are not installed: then it is not active. `about_owner`: where all records that
    were counted are of one owner, the alert says whom it is about.
    """

    id: str
    level: Level
    stage: str
    titles: Titles
    shapes: tuple[Shape, ...]
    reads: Mapping[str, tuple[str, ...]]
    reaches_head: bool = False
    to_head_office: bool = False
    about_owner: bool = False
    meaning: Titles | None = None
    lacks: tuple[str, ...] = ()

    @property
    def active(self) -> bool:
        """Whether every kind that it reads is installed."""
        return not self.lacks


@dataclass(frozen=True, slots=True)
class Rules:
    """Every rule in the order of the file; `version` is a hash of it."""

    all: tuple[Rule, ...]
    version: str

    def get(self, rule_id: str) -> Rule:
        """Return a rule. Raises KeyError."""
        return next((each for each in self.all if each.id == rule_id), None) or _missing(rule_id)

    def reading(self, kind: str) -> tuple[Rule, ...]:
        """Return the active rules that read a kind."""
        return tuple(rule for rule in self.all if rule.active and kind in rule.reads)


def _missing(rule_id: str) -> Rule:
    raise KeyError(rule_id)


def counted_of(shape: Shape) -> tuple[Counted, ...]:
    """Return what a shape counts; nothing where it looks at one record by itself."""
    if isinstance(shape, Pair):
        return shape.one, shape.other
    return () if isinstance(shape, Single) else (shape.of,)


def slot_of(rule: Rule, place: int) -> str:
    """Return the name under which the marks of a shape are kept: the rule and the place of the shape in it."""
    return f"{rule.id}.{place + 1}"
