"""What an experiment declares and what it brings back."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from bench.stand import Stand


@dataclass(frozen=True, slots=True)
class Sample:
    """One round of a line: our figure, and the baseline's from the same round; None where a line only reports."""

    ours: float
    base: float | None

    @property
    def ratio(self) -> float | None:
        """Ours by the baseline's."""
        return None if self.base is None else self.ours / self.base


@dataclass(frozen=True, slots=True)
class Target:
    """A ratio to reach."""

    sign: Literal["≤", "≥"]
    ratio: float

    def is_met(self, ratio: float) -> bool:
        """Say whether a ratio reaches it."""
        return ratio <= self.ratio if self.sign == "≤" else ratio >= self.ratio

    def __str__(self) -> str:
        return f"{self.sign} {self.ratio:g}"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table. `key` names its samples, `unit` is that of both figures."""

    key: str
    title: str
    against: str
    unit: str
    target: Target | None = None


Measure = Callable[[Stand, int], Awaitable[Mapping[str, Sample]]]


@dataclass(frozen=True, slots=True)
class Experiment:
    """Something to do, small or large, that yields a sample for each of its lines.

    `sizes` are (full, quick, tiny): for docs, for a look, for the test that it runs at all. `rounds` bounds the number
    of rounds where one takes long. `on_databases`: once for each sort of database, else once.
    """

    name: str
    measure: Measure
    sizes: tuple[int, int, int]
    lines: tuple[Line, ...]
    on_databases: bool = True
    rounds: int = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """All rounds of a line on one database."""

    line: Line
    database: str
    size: int
    samples: Sequence[Sample]

    @property
    def ours(self) -> float:
        """The median of our figures."""
        return median(each.ours for each in self.samples)

    @property
    def base(self) -> float | None:
        """The median of the baseline's figures."""
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
        """Met, missed, or nothing where there is no target."""
        if self.ratio is None or self.line.target is None:
            return ""
        return "met" if self.line.target.is_met(self.ratio) else "missed"
