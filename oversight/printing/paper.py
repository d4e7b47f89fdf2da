"""A report laid out once for every format: the same words and figures on screen, in spreadsheets and on paper.

`Paper` holds text only, beside the plain number of each cell for spreadsheets. In two languages each text holds both,
the English one under or behind the Chinese one; what is the same in both (numbers, days) stands once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal
from zoneinfo import ZoneInfo

from core.texts import Texts
from oversight import periods
from oversight.printing import figures
from oversight.table import Cell, Chart, Column, Comparison, Hidden, Report, Shape, Titles

Lang = Literal["zh-Hans", "zh-Hant", "en", "both", "both-Hant"]
LANGS: Final[dict[Lang, tuple[str, ...]]] = {
    "zh-Hans": ("zh-Hans",),
    "zh-Hant": ("zh-Hant",),
    "en": ("en",),
    "both": ("zh-Hans", "en"),
    "both-Hant": ("zh-Hant", "en"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A cell as it is read; `number` besides where it is one that is shown."""

    text: str
    number: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """A column: its title and the shape of what stands in it."""

    text: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class Table:
    """A table. `total` is its last row but for `compared`: totals of other periods, each named in its first cell."""

    caption: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Figure, ...], ...]
    total: tuple[Figure, ...] | None = None
    compared: tuple[tuple[Figure, ...], ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart in one language, not drawn yet; `alt` says in words where its figures stand."""

    caption: str
    alt: str
    chart: Chart
    lang: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole report in words. `head` and `foot` are labelled; `page` is "Page {i} of {n}", to be filled in."""

    lang: str
    office: str
    title: str
    head: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]
    sentences: tuple[str, ...]
    notes: tuple[str, ...]
    pictures: tuple[Picture, ...]
    foot: tuple[tuple[str, str], ...]
    page: str
    empty: str
    charts: str


def lay_out(report: Report, lang: Lang, texts: Texts, zone: ZoneInfo) -> Paper:
    """Lay a report out in a language, or in Chinese and English."""
    return _Layout(report, LANGS[lang], texts, zone).paper()


class _Layout:
    """One report, the languages that it is wanted in, and what words it with."""

    def __init__(self, report: Report, langs: tuple[str, ...], texts: Texts, zone: ZoneInfo) -> None:
        self.report, self.langs, self.texts, self.zone = report, langs, texts, zone

    def paper(self) -> Paper:
        report = self.report
        main = Table(
            self.said(report.titles),
            self.heads(report.columns),
            self.rows(report.columns, report.rows),
            self.total(report.columns, report.total),
            tuple(self.comparison(report.columns, each) for each in report.compared),
        )
        further = tuple(
            Table(
                self.said(each.titles),
                self.heads(each.columns),
                self.rows(each.columns, each.rows),
                note=self.said(each.note) if each.note else "",
            )
            for each in report.sections
        )
        return Paper(
            lang=self.langs[0],
            office=self.said(report.office),
            title=self.said(report.titles),
            head=self.head(),
            tables=(main, *further),
            sentences=self.each(report.sentence) if report.sentence else (),
            notes=tuple(self.notes()),
            pictures=tuple(self.picture(each) for each in report.charts),
            foot=self.foot(),
            page=self.word("paper.page", i="{i}", n="{n}"),
            empty=self.word("paper.empty"),
            charts=self.word("paper.charts"),
        )

    def head(self) -> tuple[tuple[str, str], ...]:
        """Period, when it was printed and by whom; the office stands above the title."""
        printed = figures.shown(self.report.printed_at, "moment", self.langs[0], self.zone)
        by = self.report.by or self.word("paper.scheduled")
        return (
            (self.word("paper.period"), self.said(periods.titles_of(self.report.period))),
            (self.word("paper.printed"), printed),
            (self.word("paper.by"), by),
        )

    def foot(self) -> tuple[tuple[str, str], ...]:
        """The version of the rules that were counted by, and the day of counting."""
        day = self.report.printed_at.astimezone(self.zone).date().isoformat()
        return (self.word("paper.rules"), self.report.rules_version), (self.word("paper.counted"), day)

    def notes(self) -> list[str]:
        found = [text for note in self.report.notes for text in self.each(note)]
        return [*found, *self.words("paper.hidden")] if _has_hidden(self.report) else found

    def picture(self, chart: Chart) -> Picture:
        caption = self.said(chart.titles)
        alt = _once([self.texts.say("paper.chart", lang, text=chart.titles[lang]) for lang in self.langs])
        return Picture(caption, alt, chart, self.langs[0])

    def heads(self, columns: Sequence[Column]) -> tuple[Head, ...]:
        return tuple(
            Head(_once([_raised(text) for text in self.each(column.titles)], "\n"), column.shape) for column in columns
        )

    def rows(self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> tuple[tuple[Figure, ...], ...]:
        return tuple(self.cells(columns, row) for row in rows)

    def total(self, columns: Sequence[Column], cells: Sequence[Cell] | None) -> tuple[Figure, ...] | None:
        return self.named(self.word("paper.total"), columns, cells) if cells is not None else None

    def comparison(self, columns: Sequence[Column], other: Comparison) -> tuple[Figure, ...]:
        said = [
            self.texts.say(f"paper.{other.sort}", lang, text=periods.titles_of(other.period)[lang])
            for lang in self.langs
        ]
        return self.named(_once(said), columns, other.total)

    def named(self, name: str, columns: Sequence[Column], cells: Sequence[Cell]) -> tuple[Figure, ...]:
        """A row whose first cell, where it holds no figure, is the name of the row."""
        shown = self.cells(columns, cells)
        return (Figure(name), *shown[1:]) if columns[0].shape not in figures.NUMBERS else shown

    def cells(self, columns: Sequence[Column], cells: Sequence[Cell]) -> tuple[Figure, ...]:
        return tuple(self.figure(column.shape, cell) for column, cell in zip(columns, cells, strict=True))

    def figure(self, shape: Shape, cell: Cell) -> Figure:
        text = _once([figures.shown(cell, shape, lang, self.zone) for lang in self.langs])
        is_number = isinstance(cell, int | float) and shape in figures.NUMBERS
        return Figure(text, figures.number_of(cell, shape) if is_number else None)  # type: ignore[arg-type]

    def said(self, titles: Titles) -> str:
        return _once(self.each(titles))

    def each(self, titles: Titles) -> tuple[str, ...]:
        return tuple(titles[lang] for lang in self.langs)

    def word(self, key: str, **values: object) -> str:
        return _once(self.words(key, **values))

    def words(self, key: str, **values: object) -> tuple[str, ...]:
        return tuple(self.texts.say(key, lang, **values) for lang in self.langs)


def _once(said: Sequence[str], between: str = " ") -> str:
    """Several wordings as one text; what is the same stands once."""
    return between.join(dict.fromkeys(said))


def _raised(text: str) -> str:
    """The text as it stands alone, with a capital letter."""
    return text[:1].upper() + text[1:]


def _has_hidden(report: Report) -> bool:
    rows = [*report.rows, *([report.total] if report.total else []), *(each.total for each in report.compared)]
    rows += [row for section in report.sections for row in section.rows]
    return any(isinstance(cell, Hidden) for row in rows for cell in row)
