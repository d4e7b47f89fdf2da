"""The statistics of a register, made from its kind alone: a register added by one file has them without more.

Entries by unit, how many are open, how many stand in each state; further tables share them out by each choice fact.
"""

from collections.abc import Iterator

from models.report_queries import Place, Test
from oversight.definition import UNITS, Cell, ChartPlan, Choices, Definition, Line, Measure
from oversight.table import Column, Titles
from records.kind import Kind, State

_ENTRIES = {"zh-Hans": "件数", "zh-Hant": "件數", "en": "entries"}
_OPEN = {"zh-Hans": "未办结", "zh-Hant": "未辦結", "en": "open"}
_UNIT = {"zh-Hans": "单位", "zh-Hant": "單位", "en": "unit"}
_OF = {"zh-Hans": "{}统计", "zh-Hant": "{}統計", "en": "{}: statistics"}
_FILED = Place("filed_at", sort="stored")
_STILL_OPEN = Test(Place("closed_at", sort="stored"), "absent")


def register_report(kind: Kind, *, small: bool) -> Definition:
    """Return the statistics of a kind. Its readers may have them, each within his reach; `small` counts are hidden."""
    columns = [
        _cell(kind, "entries", _ENTRIES, (), small),
        _cell(kind, "open", _OPEN, (_STILL_OPEN,), small),
        *(_cell(kind, f"state.{each.id}", each.titles, _is("state", each.id), small) for each in _entered(kind)),
    ]
    tables = tuple(_choices(kind, small))
    unit = Cell(Column("unit", _UNIT, "unit"))
    within = [table for table, _ in tables]
    hidden = [cell for _, cells in tables for cell in cells]
    return Definition(
        id=f"R00-{kind.id}",
        titles={lang: _OF[lang].format(title) for lang, title in kind.titles.items()},
        audience=tuple(dict.fromkeys(rule.role for rule in kind.readers)),
        rows=UNITS,
        cells=(unit, *columns, *hidden),
        kinds=(kind.id,),
        lines=(
            Line("entries", ("open",), rest=True),
            Line("entries", tuple(cell.column.id for cell in columns[2:]), rest=False),
            *(Line("entries", tuple(column for _, column in table.cells), rest=True) for table in within),
        ),
        charts=(ChartPlan("entries", "bars"), ChartPlan("entries", "months")),
        choices=tuple(within),
        register=kind.id,
    )


def _entered(kind: Kind) -> list[State]:
    """The states in which a record may stand: not the one in which a dialog still is before it is filed."""
    drafts = {kind.start, *(m.to for m in kind.moves_from(kind.start) if m.act != kind.filing_act)}
    left_out = drafts if kind.filing_act else set()
    return [state for state in kind.states.values() if state.id not in left_out]


def _is(column: str, value: str) -> tuple[Test, ...]:
    return (Test(Place(column), "eq", (value,)),)


def _cell(kind: Kind, name: str, titles: Titles, tests: tuple[Test, ...], small: bool, *, shown: bool = True) -> Cell:
    return Cell(Column(name, titles, "count"), Measure(kind.id, True, tests, by=_FILED), small=small, shown=shown)


def _choices(kind: Kind, small: bool) -> Iterator[tuple[Choices, list[Cell]]]:
    for field in kind.fields.values():
        if field.type != "choice" or not field.fact or not field.choices:
            continue
        place = Place("facts", (field.id,))
        cells = [
            _cell(kind, f"{field.id}.{one.key}", one.titles, (Test(place, "eq", (one.key,)),), small, shown=False)
            for one in field.choices.values()
        ]
        yield Choices(field.titles, field.visible, tuple((cell.column.titles, cell.column.id) for cell in cells)), cells
