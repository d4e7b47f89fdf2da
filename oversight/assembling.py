"""From figures to a report: rows in the order of the organisation, a total, comparisons, further tables, charts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from oversight import periods
from oversight.counting import Counted, Row, counted
from oversight.crossing import cross_tables
from oversight.definition import HOUSE, Cell, ChartPlan, Definition, Derived
from oversight.making import HOUSE_ROW, NO_UNIT, Body, Making, in_order, said, unit_titles
from oversight.small_groups import Key, Sum, hide
from oversight.table import Cell as Value
from oversight.table import Chart, Column, Comparison, Hidden, Section, Titles

TOTAL = "total"
_CHECKS: Titles = {"zh-Hans": "平衡核对", "zh-Hant": "平衡核對", "en": "Checks"}
_DIFFERENCE: Titles = {"zh-Hans": "差额", "zh-Hant": "差額", "en": "difference"}
_CHECK: Titles = {"zh-Hans": "核对项", "zh-Hant": "核對項", "en": "check"}


@dataclass(frozen=True, slots=True)
class _Picture:
    """The figures of one stretch of days as the reader sees them: shown or hidden, by row and column."""

    values: Mapping[Key, int]
    hidden: Mapping[Key, Hidden]
    least: int = 0

    def cell(self, report: Definition, row: Key, column: str) -> Value:
        """Return a figure, a derived one worked out from those that are shown."""
        declared = report.cell(column)
        if declared.derived is not None:
            return self._derived(report, row, declared.derived)
        if declared.goes_with and self._is_hidden(report, row, declared.goes_with):
            return Hidden(derived=True)
        return self.hidden.get((row, column)) or self.values[row, column]

    def _is_hidden(self, report: Definition, row: Key, column: str) -> bool:
        return isinstance(self.cell(report, row, column), Hidden)

    def _derived(self, report: Definition, row: Key, derived: Derived) -> Value:
        if any(self._is_hidden(report, row, name) for name in (*derived.plus, *derived.minus, *derived.over)):
            return Hidden(derived=True)
        found = self._sum(row, derived.plus) - self._sum(row, derived.minus)
        if not derived.over:
            return found
        whole = self._sum(row, derived.over)
        if report.all_small and whole < self.least:
            return Hidden()
        return found / whole if whole else None

    def _sum(self, row: Key, names: Sequence[str]) -> int:
        return sum(self.values[row, name] for name in names)


async def assemble(making: Making) -> Body:
    """Return what a counted report says."""
    report, period = making.report, making.period
    others = [periods.before(period), periods.year_before(period)]
    months = periods.months_in(period) if any(plan.sort == "months" for plan in report.charts) else []
    months = months if len(months) > 1 else []
    of_months = {plan.column for plan in report.charts if plan.sort == "months"}
    only = {3 + place: of_months for place in range(len(months))}
    found = await counted(making.office, report, making.reader, [period, *others, *months], only)
    here, parts = found[0], found[3:]
    units = _rows(making, here)
    picture = _picture(making, here, units, parts, of_months)
    columns = _columns(making)
    total = _line(report, picture, TOTAL, columns, HOUSE_ROW)
    compared = [_picture(making, each, [], [], set()) for each in found[1:3]]
    figures = {cell.column.id: picture.cell(report, TOTAL, cell.column.id) for cell in report.cells if _is_figure(cell)}
    return Body(
        columns=columns,
        rows=tuple(_line(report, picture, unit, columns, _name(making, unit)) for unit in units),
        total=total,
        sentence=said(making, figures, period=periods.titles_of(period)),
        compared=tuple(
            Comparison(sort, other, _line(report, each, TOTAL, columns, HOUSE_ROW))  # type: ignore[arg-type]
            for sort, other, each in zip(("before", "year_before"), others, compared, strict=True)
        ),
        sections=(*_choices(making, picture), *await cross_tables(making), *_checks(making, picture)),
        charts=tuple(chart for plan in report.charts if (chart := _chart(making, plan, picture, units, months))),
    )


def _is_figure(cell: Cell) -> bool:
    return cell.measure is not None or cell.derived is not None


def _is_shown_count(cell: Cell) -> bool:
    return cell.shown and cell.measure is not None and cell.measure.sum is None


def _columns(making: Making) -> tuple[Column, ...]:
    cells = making.cells()
    return tuple(cell.column for cell in cells if making.report.rows != HOUSE or cell.column.shape != "unit")


def _rows(making: Making, here: Counted) -> list[int | None]:
    """The units that get a row: every active one in reach, others where they have something, last what has no unit.

    None where the house alone is told, and none for the public.
    """
    if making.report.rows == HOUSE or not making.reader.roles:
        return []
    tree, within = making.tree, making.reader.units
    active = {unit.id for unit in tree.by_id.values() if unit.active and (within is None or unit.id in within)}
    some = {unit for unit, row in here.rows.items() if any(row.values())}
    rows: list[int | None] = [unit.id for unit in in_order(tree, active | {each for each in some if each is not None})]
    return [*rows, None] if None in some else rows


def _name(making: Making, unit: int | None) -> Titles:
    return NO_UNIT if unit is None else unit_titles(making.tree.by_id[unit])


def _line(
    report: Definition, picture: _Picture, row: Key, columns: Sequence[Column], name: Titles
) -> tuple[Value, ...]:
    return tuple(name if each.shape == "unit" else picture.cell(report, row, each.id) for each in columns)


def _picture(
    making: Making, here: Counted, units: Sequence[int | None], months: Sequence[Counted], of_months: set[str]
) -> _Picture:
    report = making.report
    measured = [cell for cell in report.cells if cell.measure is not None]
    names = [cell.column.id for cell in measured]
    rows: dict[Key, Row] = {unit: here.rows.get(unit, {}) for unit in units}
    rows[TOTAL] = here.total(names)
    values: dict[Key, int] = {(row, name): rows[row].get(name, 0) for row in rows for name in names}
    for place, part in enumerate(months):
        values |= {(("month", place), name): part.total([name])[name] for name in of_months}
    if making.reader.exact:
        return _Picture(values, {})
    small_ones = {cell.column.id for cell in measured if cell.small or (report.all_small and _is_shown_count(cell))}
    small_ones -= making.withheld  # a column that is not shown at all needs no second one hidden beside it
    small = {key for key in values if isinstance(key, tuple) and key[1] in small_ones}
    least = making.reports.least
    return _Picture(values, hide(values, small, _sums(report, names, list(rows), units, len(months)), least), least)


def _sums(
    report: Definition, names: Sequence[str], rows: Sequence[Key], units: Sequence[int | None], months: int
) -> list[Sum]:
    """Everything that adds up among the figures of a report."""
    found = [Sum(tuple((unit, name) for unit in units), (TOTAL, name)) for name in names if units]
    if months:
        found += [Sum(tuple((("month", n), name) for n in range(months)), (TOTAL, name)) for name in names]
    for line in report.lines:
        parts = [part for part in line.parts if part in names]
        rest = line.rest or len(parts) < len(line.parts)
        found += [Sum(tuple((row, part) for part in parts), (row, line.whole), rest) for row in rows]
    return found


def _choices(making: Making, picture: _Picture) -> list[Section]:
    """How the records share out among the choices of each fact that the reader may see."""
    kinds = making.reports.kinds
    head = (Column("choice", {"zh-Hans": "选项", "zh-Hant": "選項", "en": "choice"}, "titles"),)
    made = []
    for each in making.report.choices:
        if each.visible != "OWN" and not kinds.classes.get(each.visible, frozenset()).issuperset(making.reader.roles):
            continue
        rows = tuple((titles, picture.cell(making.report, TOTAL, column)) for titles, column in each.cells)
        made.append(Section(each.titles, (*head, Column("entries", _count_titles(making), "count")), rows))
    return made


def _count_titles(making: Making) -> Titles:
    return making.report.cell("entries").column.titles


def _checks(making: Making, picture: _Picture) -> list[Section]:
    """The books that must balance: what the whole is more than its parts."""
    lines = [line for line in making.report.lines if not line.rest and line.whole in _got(making)]
    lines = [line for line in lines if set(line.parts) <= _got(making)]
    if not lines or making.report.register is not None:
        return []
    columns = (Column("check", _CHECK, "titles"), Column("difference", _DIFFERENCE, "count"))
    rows = []
    for line in lines:
        cells = [picture.cell(making.report, TOTAL, name) for name in (line.whole, *line.parts)]
        shown = [cell for cell in cells if isinstance(cell, int)]
        difference: Value = shown[0] - sum(shown[1:]) if len(shown) == len(cells) else Hidden(derived=True)
        rows.append((_equation(making, line.whole, line.parts), difference))
    return [Section(_CHECKS, columns, tuple(rows))]


def _got(making: Making) -> set[str]:
    return {cell.column.id for cell in making.cells()}


def _equation(making: Making, whole: str, parts: Sequence[str]) -> Titles:
    titles = [making.report.cell(name).column.titles for name in (whole, *parts)]
    return {lang: f"{titles[0][lang]} = {' + '.join(each[lang] for each in titles[1:])}" for lang in titles[0]}


def _chart(
    making: Making, plan: ChartPlan, picture: _Picture, units: Sequence[int | None], months: Sequence[object]
) -> Chart | None:
    """A picture of one column; what is hidden has no point. None where there is nothing to draw."""
    if plan.column not in _got(making):
        return None
    names = [(unit, _name(making, unit)) for unit in units]
    if plan.sort == "months":
        names = [(("month", n), periods.titles_of(each)) for n, each in enumerate(months)]  # type: ignore[arg-type, misc]
    points = []
    for row, titles in names:
        value = picture.cell(making.report, row, plan.column)
        if isinstance(value, int | float) and (value or plan.sort == "months"):
            points.append({"value": value, **{f"label@{lang}": text for lang, text in titles.items()}})
    if not points:
        return None
    column = making.report.cell(plan.column).column
    across = {"field": "value", "type": "quantitative", "title": column.titles}
    down = {"field": "label", "type": "nominal", "sort": None, "title": None}
    sides = (
        {"x": across, "y": down} if plan.sort == "bars" else {"x": {**down, "axis": {"labelAngle": -40}}, "y": across}
    )
    mark: object = "bar" if plan.sort == "bars" else {"type": "line", "point": True}
    return Chart(column.titles, {"mark": mark, "encoding": sides}, tuple(points))
