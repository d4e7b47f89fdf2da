"""What a report is made with, and what comes out before head and foot are put to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.office import Office
from core.texts import fill
from oversight.definition import Cell, Definition, Reports
from oversight.printing.figures import shown
from oversight.reader import Reader
from oversight.table import Cell as Value
from oversight.table import Chart, Column, Comparison, Period, Section, Titles
from people.units import UnitRow, UnitTree

NO_UNIT: Titles = {"zh-Hans": "未分单位", "zh-Hant": "未分單位", "en": "no unit"}
HOUSE_ROW: Titles = {"zh-Hans": "全关", "zh-Hant": "全關", "en": "whole house"}


@dataclass(frozen=True, slots=True)
class Making:
    """A report being made: of which definition, for which period and reader."""

    office: Office
    reports: Reports
    report: Definition
    period: Period
    reader: Reader
    tree: UnitTree

    def cells(self) -> tuple[Cell, ...]:
        """Return the columns that the reader gets."""
        return tuple(each for each in self.report.cells if each.shown and each.column.id not in self.withheld)

    @property
    def withheld(self) -> frozenset[str]:
        """The columns that are not for this reader, or for one of these readers."""
        return frozenset[str]().union(*(self.report.hide_for.get(role, ()) for role in self.reader.roles))


@dataclass(frozen=True, slots=True)
class Body:
    """What a report says: see `oversight.table.Report`, whose fields these are."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    total: tuple[Value, ...] | None = None
    sentence: Titles | None = None
    notes: tuple[Titles, ...] = ()
    compared: tuple[Comparison, ...] = ()
    sections: tuple[Section, ...] = ()
    charts: tuple[Chart, ...] = ()


def unit_titles(unit: UnitRow) -> Titles:
    """Return the name of a unit by language."""
    return {lang: unit.name(lang) for lang in ("zh-Hans", "zh-Hant", "en")}


def in_order(tree: UnitTree, wanted: Iterable[int]) -> list[UnitRow]:
    """Return units in the order of the organisation: each before those below it, neighbours by their codes."""
    chosen = set(wanted)
    found = [(_path(tree, unit), unit) for unit in tree.by_id.values() if unit.id in chosen]
    return [unit for _, unit in sorted(found, key=lambda each: each[0])]


def _path(tree: UnitTree, unit: UnitRow) -> tuple[str, ...]:
    return tuple(tree.by_id[each].code for each in reversed(tree.above(unit.id)))


def said(making: Making, figures: Mapping[str, Value], **more: Titles) -> Titles | None:
    """Return the sentence of a report with its figures, as they are shown; None where it has none for this reader."""
    sentence = making.report.sentence
    if sentence is None or any(f"{{{name}}}" in template for template in sentence.values() for name in making.withheld):
        return None
    shapes = {cell.column.id: cell.column.shape for cell in making.report.cells}
    made = {}
    for lang, template in sentence.items():
        values = {name: shown(value, shapes[name], lang, making.office.zone) for name, value in figures.items()}
        made[lang] = fill(template, {**values, **{name: titles[lang] for name, titles in more.items()}})
    return made
