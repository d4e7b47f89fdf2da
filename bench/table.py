"""The outcomes as a table on the screen, as Markdown and as JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.figures import Outcome

WIDTH = 180
HEADS = ("line", "database", "ours", "baseline", "ratio", "rounds", "target", "verdict")


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 3
    return f"{value:,.{digits}f}{'' if unit.startswith('/') else ' '}{unit}"


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}" if value < 1 else f"{value:.2f}"


def cells(outcome: Outcome) -> tuple[str, ...]:
    """Return a row: both sides' figures, the median ratio and the least and greatest of the rounds."""
    line, ratios = outcome.line, outcome.ratios
    return (
        f"{line.title} / {line.against}" if line.against else line.title,
        outcome.database,
        _figure(outcome.ours, line.unit),
        _figure(outcome.base, line.unit),
        _ratio(outcome.ratio),
        f"{_ratio(ratios[0])}–{_ratio(ratios[-1])}" if ratios else "",
        str(line.target or ""),
        outcome.verdict,
    )


def show(outcomes: Sequence[Outcome], console: Console) -> None:
    """Print the table, unbroken where it does not go to a terminal."""
    if not console.is_terminal:
        console.width = WIDTH
    table = Table()
    for head in HEADS:
        table.add_column(head, justify="right" if head in ("ours", "baseline", "ratio", "rounds") else "left")
    for outcome in outcomes:
        style = {"missed": "red", "met": "green"}.get(outcome.verdict)
        table.add_row(*cells(outcome), style=style)
    console.print(table)


def markdown(outcomes: Sequence[Outcome]) -> str:
    """Return the table for docs/performance.md."""
    rows = [HEADS, tuple("---" for _ in HEADS), *(cells(outcome) for outcome in outcomes)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def as_json(outcomes: Sequence[Outcome], machine: dict[str, Any]) -> dict[str, Any]:
    """Return everything, every round of it."""
    return {"machine": machine, "lines": [_line(outcome) for outcome in outcomes]}


def _line(outcome: Outcome) -> dict[str, Any]:
    line = outcome.line
    return {
        "key": line.key,
        "title": line.title,
        "against": line.against,
        "database": outcome.database,
        "size": outcome.size,
        "unit": line.unit,
        "ours": outcome.ours,
        "base": outcome.base,
        "ratio": outcome.ratio,
        "target": str(line.target) if line.target else None,
        "verdict": outcome.verdict or None,
        "rounds": [{**asdict(each), "ratio": each.ratio} for each in outcome.samples],
    }
