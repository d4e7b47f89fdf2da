"""What an experiment declares and what it brings back."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.stand import Stand

BOTH = ("sqlite", "postgres")


class LeftOut(Exception):
    """An experiment cannot be done on this machine; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One round of a line: our figure, and the other side's from the same round; None where a line only reports."""

    ours: float
    base: float | None

    @property
    def ratio(self) -> float | None:
        """Ours by the other's."""
        return None if self.base is None else self.ours / self.base


@dataclass(frozen=True, slots=True)
class Target:
    """What to reach. With a `unit` it is about our own figure, without one about the ratio."""

    least: float | None = None
    most: float | None = None
    unit: str = ""

    def is_met(self, value: float) -> bool:
        """Say whether a value reaches it; it is rounded first as the table shows it."""
        shown = round(value, 3 if value < 1 else 2)
        return (self.least is None or shown >= self.least) and (self.most is None or shown <= self.most)

    def __str__(self) -> str:
        if self.least is not None and self.most is not None:
            words = f"{self.least:.2f}–{self.most:.2f}"
        else:
            words = f"≤ {self.most:g}" if self.least is None else f"≥ {self.least:g}"
        return f"{words} {self.unit}".strip()


def at_most(value: float, unit: str = "") -> Target:
    """Return a target from above."""
    return Target(most=value, unit=unit)


def at_least(value: float) -> Target:
    """Return a target from below."""
    return Target(least=value)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table. `key` names its samples, `unit` is that of both figures.

    `{size}` and `{small}` in title and `against` become the experiment's size and the smaller one that it compares.
    """

    key: str
    title: str
    against: str
    unit: str
    target: Target | None = None


Measure = Callable[[Stand, int], Awaitable[Mapping[str, Sample]]]
SMALLER = 100


def smaller(size: int) -> int:
    """Return the size with which an experiment on large numbers compares."""
    return size // SMALLER


@dataclass(frozen=True, slots=True)
class Experiment:
    """Something to do, small or large, that yields a sample for each of its lines.

    `sizes` are (full, quick, tiny): for docs, for a look, for the test that it runs at all. `rounds` of a full run are
    fewer where one takes long. `databases`: once for each sort named here; none: once, on whatever there is.
    """

    name: str
    measure: Measure
    sizes: tuple[int, int, int]
    lines: tuple[Line, ...]
    databases: tuple[str, ...] = BOTH
    rounds: int = 5
    small: Callable[[int], int] = smaller


@dataclass(frozen=True, slots=True)
class Outcome:
    """All rounds of a line on one database; a note says why where it was left out or failed."""

    line: Line
    database: str
    size: int
    samples: Sequence[Sample]
    small: int = 0
    note: str = ""

    @property
    def title(self) -> str:
        """The line's title with the sizes in it."""
        return self._with_sizes(self.line.title)

    @property
    def against(self) -> str:
        """What it is compared with, with the sizes in it."""
        return self._with_sizes(self.line.against)

    @property
    def ours(self) -> float | None:
        """The median of our figures."""
        return median(each.ours for each in self.samples) if self.samples else None

    @property
    def base(self) -> float | None:
        """The median of the other side's figures."""
        known = [each.base for each in self.samples if each.base is not None]
        return median(known) if known else None

    @property
    def ratios(self) -> list[float]:
        """The ratio of each round, from small to large."""
        return sorted(each.ratio for each in self.samples if each.ratio is not None)

    @property
    def ratio(self) -> float | None:
        """The median of the rounds' ratios."""
        return median(self.ratios) if self.ratios else None

    @property
    def verdict(self) -> str:
        """Met, missed, left out, failed, or nothing where there is no target."""
        if self.note:
            return self.note.partition(":")[0]
        target = self.line.target
        judged = self.ours if target is not None and target.unit else self.ratio
        if judged is None or target is None:
            return ""
        return "met" if target.is_met(judged) else "missed"

    def _with_sizes(self, words: str) -> str:
        return words.format(size=f"{self.size:,}", small=f"{self.small:,}")
