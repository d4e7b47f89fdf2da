"""What a report is before anything is counted: the frozen picture of one entry of data/reports.yaml.

`report_file` makes it from the file, `registers` one for each kind; `reports` counts by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from models.report_queries import Place, Test
from oversight.table import Column, Titles
from records.kind import Kinds

UNITS: Final = "units"
HOUSE: Final = "house"
"""What the rows of a report may be besides the name of a function: a row for each unit, or the total alone."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What a column counts: rows of a kind (or of an imported table) by a date, under a condition.

    `sum` names the value that is added up instead, `distinct` the one of which each is counted once.
    """

    of: str
    is_kind: bool
    tests: tuple[Test, ...] = ()
    every: bool = True
    by: Place | None = None
    sum: Place | None = None
    distinct: Place | None = None


@dataclass(frozen=True, slots=True)
class Derived:
    """A column worked out from others: the sum of `plus` less that of `minus`, by the sum of `over` where given."""

    plus: tuple[str, ...]
    minus: tuple[str, ...] = ()
    over: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """One column as it is declared.

    `small`: below the least group it is not shown to who does not read the register. `goes_with` names the count with
    which an amount is hidden. A column that is not `shown` is only worked with.
    """

    column: Column
    measure: Measure | None = None
    derived: Derived | None = None
    small: bool = False
    goes_with: str | None = None
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """What is known of the columns of a row: the parts make the whole, with a `rest` that no column shows or none.

    A line without a rest is a check that must balance.
    """

    whole: str
    parts: tuple[str, ...]
    rest: bool


@dataclass(frozen=True, slots=True)
class ChartPlan:
    """Bars of a column by unit, or a line of it by month."""

    column: str
    sort: Literal["bars", "months"]


@dataclass(frozen=True, slots=True)
class CrossTable:
    """A further table: the records of a column by two of their choices."""

    column: str
    down: str
    across: str
    titles: Titles


@dataclass(frozen=True, slots=True)
class Choices:
    """A further table: how the records of a register share out among the choices of a field; who sees the field."""

    titles: Titles
    visible: str
    cells: tuple[tuple[Titles, str], ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """One report. `rows` is `units`, `house` or the name of the function that makes it; `kinds` are those it counts.

    `audience` are the roles that may have it, `public` whether anybody may have its totals; `hide_for` the columns
    that a role does not get. `all_small`: every count below the least group is hidden from everybody, of each kind.
    `register` names the kind whose readers may have it, each within his reach.
    """

    id: str
    titles: Titles
    audience: tuple[str, ...]
    rows: str
    cells: tuple[Cell, ...]
    kinds: tuple[str, ...]
    public: bool = False
    hide_for: Mapping[str, frozenset[str]] = field(default_factory=dict)
    all_small: bool = False
    lines: tuple[Line, ...] = ()
    sentence: Titles | None = None
    notes: tuple[Titles, ...] = ()
    charts: tuple[ChartPlan, ...] = ()
    crossed: tuple[CrossTable, ...] = ()
    choices: tuple[Choices, ...] = ()
    register: str | None = None

    def cell(self, column: str) -> Cell:
        """Return a column by its id. Raises KeyError."""
        return next(each for each in self.cells if each.column.id == column)

    @property
    def ids(self) -> frozenset[str]:
        """The ids of its columns."""
        return frozenset(each.column.id for each in self.cells)


@dataclass(frozen=True, slots=True)
class Reports:
    """Every report of this installation, in the order of the file; then the statistics of each register."""

    by_id: Mapping[str, Definition]
    kinds: Kinds
    version: str
    least: int

    def get(self, report_id: str) -> Definition:
        """Return a report. Raises KeyError for one that is not there."""
        return self.by_id[report_id]
