"""What a finished report is, whatever it is shown as: columns, unit rows, a total, a sentence, charts.

Made by `reports` from rows; shown by the console, spreadsheets, documents and PDF, which count nothing themselves.
Titles map a language (zh-Hans, zh-Hant, en) to what is shown. Money is in minor units of the home currency (fen).
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Titles = Mapping[str, str]
Shape = Literal["unit", "text", "titles", "count", "money", "wan", "rate", "number", "date", "moment"]
"""How a column is shown: `titles` is a text by language; `money` 529,800.00; `wan` 52.98 (10,000 yuan); `rate` is a
fraction of 1 shown as 94.74%; `number` has two decimals."""

Value = int | float | str | dt.date | dt.datetime | Titles | None


@dataclass(frozen=True, slots=True)
class Hidden:
    """A figure that is not shown: a small one (less than `min_group`, printed `<5`), or one that would tell it.

    `derived` is such a second figure of any size, from which with its row or column the small one could be worked
    out; it is printed `…`.
    """

    derived: bool = False


Cell = Value | Hidden


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a report."""

    id: str
    titles: Titles
    shape: Shape


@dataclass(frozen=True, slots=True)
class Period:
    """The local days that a report counts, both inclusive, and what such a stretch is called."""

    kind: Literal["month", "quarter", "half", "year", "free"]
    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars of one column by unit, or lines by month; `spec` is Vega-Lite without data, `points` are its rows.

    What is written in a language is one of these: in `spec` a text by language, such as
    `{"title": {"zh-Hans": …, "zh-Hant": …, "en": …}}`; in a point one field for each, such as `unit@zh-Hans`,
    `unit@zh-Hant`, `unit@en`, of which `spec` names the first part (`unit`).
    """

    titles: Titles
    spec: Mapping[str, object]
    points: tuple[Mapping[str, int | float | str], ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same total for another period: the one before, or the same of the year before."""

    sort: Literal["before", "year_before"]
    period: Period
    total: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A further table of a report: a cross table, a list, a check that must balance (`note` says how)."""

    titles: Titles
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: Titles | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A finished report. `rows` and `total` hold a cell for each column; `by` is the name of who had it printed."""

    id: str
    titles: Titles
    period: Period
    office: Titles
    printed_at: dt.datetime
    by: str
    rules_version: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] | None
    sentence: Titles | None = None
    notes: tuple[Titles, ...] = ()
    compared: tuple[Comparison, ...] = ()
    sections: tuple[Section, ...] = ()
    charts: tuple[Chart, ...] = ()
