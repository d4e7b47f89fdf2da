"""The roll of a month: how many of each unit owe, answered, are late or silent; who sees which of it.

Heads of units see who has answered in time or not, never what; leaders see what was answered for the whole house only;
integrity officers see everything of the units that they handle. Source: R03 of the reports, the rule of small groups.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

from core.errors import NotThere
from core.months import Month
from core.office import Office
from models import return_queries
from models.org import Person
from people.access import Actor
from people.persons import name_of
from people.units import load_tree
from records.kind import Kind
from records.reach import grasp_of

HEAD: Final = "unit_head"
LEADER: Final = "leader"
FEWEST: Final = 5
"""Answers are counted for groups of at least so many."""
NO_UNIT: Final = 0
"""Under this id those are counted who belonged to no unit when they were asked."""
MOST: Final = 1000
"""So many persons of a unit are shown at most."""
YES: Final = "true"
Standing = Literal["in_time", "late", "waiting", "missed", "excused"]
STANDINGS: Final[Mapping[str, Standing]] = {
    "open": "waiting",
    "overdue": "missed",
    "missed": "missed",
    "excused": "excused",
    "zero_confirmed": "in_time",
    "has_entries": "in_time",
    "late_zero": "late",
    "late_entries": "late",
}
"""What a state says to somebody who must not see the answer."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far somebody sees into the roll. `handles` are units in which he sees and does all, `heads` those in which he
    sees who answered in time; `house` whether he sees the totals of the whole house."""

    handles: frozenset[int]
    heads: frozenset[int]
    house: bool

    @property
    def units(self) -> frozenset[int]:
        """The units whose persons he sees."""
        return self.handles | self.heads


@dataclass(slots=True)
class Line:
    """Counts of a unit, or of all. `due` are those in scope less the excused; `waiting` is not due yet."""

    due: int = 0
    excused: int = 0
    zero: int = 0
    has: int = 0
    late: int = 0
    missed: int = 0
    waiting: int = 0
    amended: int = 0

    @property
    def rate(self) -> float | None:
        """The share that answered in time, None where nobody owes."""
        return (self.due - self.late - self.missed - self.waiting) / self.due if self.due else None

    def add(self, state: str, amended: bool, n: int) -> None:
        """Count returns in one state."""
        standing = STANDINGS[state]
        self.excused += n if standing == "excused" else 0
        self.due += 0 if standing == "excused" else n
        self.zero += n if state in ("zero_confirmed", "late_zero") else 0
        self.has += n if state in ("has_entries", "late_entries") else 0
        self.late += n if standing == "late" else 0
        self.missed += n if standing == "missed" else 0
        self.waiting += n if standing == "waiting" else 0
        self.amended += n if amended else 0


@dataclass(frozen=True, slots=True)
class Shown:
    """One row of the roll as somebody sees it: the unit (None for all), its counts, whether the answers are shown."""

    unit_id: int | None
    line: Line
    answers: bool
    opens: bool


@dataclass(frozen=True, slots=True)
class Roll:
    """The roll of a month for one reader: rows by unit, the total of what he sees, the months there are."""

    period: str
    periods: tuple[str, ...]
    rows: tuple[Shown, ...]
    total: Shown


@dataclass(frozen=True, slots=True)
class Owing:
    """One person of a unit: his return's public id, how he stands, and for who handles it the state itself."""

    public_id: str
    person_id: int
    staff_no: str
    name: str
    standing: Standing
    state: str | None


@dataclass(frozen=True, slots=True)
class Silent:
    """A unit all of whose answers in some months were zero."""

    unit_id: int
    persons: int
    answered: int


async def reach_of(office: Office, kind: Kind, actor: Actor) -> Reach:
    """Return how far somebody sees into the roll."""
    tree, grasp = await load_tree(), await grasp_of(office, kind, actor)
    handles: set[int] = set()
    for rule, units in grasp.rules:
        handles |= {NO_UNIT, *tree.by_id} if rule.reach == "house" else units or frozenset()
    heads = actor.roles.get(HEAD, frozenset())
    return Reach(frozenset(handles), heads if heads is not None else frozenset(tree.by_id), actor.has(LEADER))


async def roll_of(office: Office, kind: Kind, actor: Actor, period: str | None) -> Roll | None:
    """Return the roll of a month, the newest one without; None where no month was opened yet.

    Raises NotThere for a month that was never opened.
    """
    periods = await return_queries.periods()
    if not periods:
        return None
    if period is not None and period not in periods:
        raise NotThere
    chosen, reach, tree = period or periods[0], await reach_of(office, kind, actor), await load_tree()
    counted = _counted(await return_queries.roll(chosen))
    seen = sorted(
        (unit for unit in counted if reach.house or unit in reach.units),
        key=lambda unit: tree.by_id[unit].code if unit in tree.by_id else "",
    )
    rows = tuple(Shown(unit, counted[unit], unit in reach.handles, unit in reach.units) for unit in seen)
    total = _sum(counted[unit] for unit in seen)
    answers = all(row.answers for row in rows) or (reach.house and total.due >= FEWEST)
    return Roll(chosen, tuple(periods), rows, Shown(None, total, answers, opens=False))


def _counted(rows: Iterable[Mapping[str, Any]]) -> dict[int, Line]:
    """Count by unit."""
    counted: dict[int, Line] = {}
    for row in rows:
        line = counted.setdefault(int(row["unit_id"] or NO_UNIT), Line())
        line.add(row["state"], row["amended"] == YES, int(row["n"]))
    return counted


def _sum(lines: Iterable[Line]) -> Line:
    total = Line()
    for line in lines:
        for each in fields(Line):
            setattr(total, each.name, getattr(total, each.name) + getattr(line, each.name))
    return total


async def persons_of(office: Office, kind: Kind, actor: Actor, period: str, unit_id: int, lang: str) -> list[Owing]:
    """Return the persons of a unit who were asked for a month, those missing first, then by staff number.

    Raises NotThere where the actor does not see the persons of that unit.
    """
    reach = await reach_of(office, kind, actor)
    if unit_id not in reach.units:
        raise NotThere
    rows = await return_queries.of_units(period, [unit_id], tuple(STANDINGS), MOST)
    owners = {row["public_id"]: _owner(office, row["handles"]) for row in rows}
    people = {one.id: one for one in await Person.filter(id__in=sorted({each for each in owners.values() if each}))}
    handles = unit_id in reach.handles
    found = [
        Owing(
            row["public_id"],
            person.id,
            person.staff_no or "",
            name_of(office, person, lang),
            STANDINGS[row["state"]],
            row["state"] if handles and person.id != actor.person_id else None,
        )
        for row in rows
        if (person := people.get(owners[row["public_id"]] or 0)) is not None
    ]
    order = ("missed", "waiting", "late", "in_time", "excused")
    return sorted(found, key=lambda one: (order.index(one.standing), one.staff_no))


def _owner(office: Office, handles: bytes | None) -> int | None:
    opened = json.loads(office.key.decrypt(bytes(handles))) if handles else {}
    owner = opened.get("owner")
    return int(owner) if owner is not None else None


async def silent_units(office: Office, kind: Kind, actor: Actor, months: int) -> list[Silent]:
    """Return the units that the actor handles all of whose answers were zero in the last so many months asked about.

    A unit counts that answered in each of them, with at least five persons. It is a question, no reproach.
    """
    periods = (await return_queries.periods())[:months]
    if len(periods) < months or str(Month.parse(periods[0]).plus(1 - months)) != periods[-1]:
        return []
    reach = await reach_of(office, kind, actor)
    rows = await return_queries.units_with_entries(periods[-1], periods[0])
    return [
        Silent(int(row["unit_id"]), int(row["persons"]), int(row["answered"]))
        for row in rows
        if row["unit_id"] in reach.handles
        and not row["with_entries"]
        and int(row["months"]) == months
        and int(row["persons"]) >= FEWEST
    ]
