"""The outcomes as a table on the screen, as Markdown and as JSON, and the list of verdicts."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.figures import Outcome

WIDTH = 200
HEADS = ("line", "database", "ours", "baseline", "ratio", "rounds", "target", "verdict")
_RIGHT = frozenset({"ours", "baseline", "ratio", "rounds"})


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 3
    return f"{value:,.{digits}f}{'' if unit.startswith('/') else ' '}{unit}".rstrip()


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}" if value < 1 else f"{value:.2f}"


def cells(outcome: Outcome) -> tuple[str, ...]:
    """Return a row: both sides' figures, the median ratio and the least and greatest of the rounds."""
    line, ratios = outcome.line, outcome.ratios
    return (
        f"{outcome.title} / {outcome.against}" if outcome.against else outcome.title,
        outcome.database,
        _figure(outcome.ours, line.unit),
        _figure(outcome.base, line.unit),
        _ratio(outcome.ratio),
        f"{_ratio(ratios[0])}–{_ratio(ratios[-1])} ({len(ratios)})" if ratios else "",
        str(line.target or ""),
        outcome.note or outcome.verdict,
    )


def show(outcomes: Sequence[Outcome], console: Console) -> None:
    """Print table and verdicts, unbroken where they do not go to a terminal."""
    if not console.is_terminal:
        console.width = WIDTH
    table = Table()
    for head in HEADS:
        table.add_column(head, justify="right" if head in _RIGHT else "left")
    for outcome in outcomes:
        style = {"missed": "red", "met": "green"}.get(outcome.verdict)
        table.add_row(*cells(outcome), style=style)
    console.print(table)
    for verdict in verdicts(outcomes):
        console.print(verdict, highlight=False, soft_wrap=True)


def verdicts(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Say how many targets were met, then one sentence for each line that has a target."""
    judged = [outcome for outcome in outcomes if outcome.line.target is not None]
    met = sum(outcome.verdict == "met" for outcome in judged)
    yield f"{met} of {len(judged)} targets met."
    for outcome in judged:
        line, found = outcome.line, cells(outcome)
        figure = found[2] if line.target is not None and line.target.unit else found[4]
        where = f" ({outcome.database})" if outcome.database else ""
        yield f"* {outcome.verdict}: {found[0]}{where}: {figure or outcome.note}, target {line.target}"


def markdown(rows_of_cells: Sequence[Sequence[str]]) -> str:
    """Return the table for docs/performance.md."""
    ruler = tuple("---:" if head in _RIGHT else "---" for head in HEADS)
    rows = [HEADS, ruler, *rows_of_cells]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def as_json(outcomes: Sequence[Outcome], machine: dict[str, Any]) -> dict[str, Any]:
    """Return everything, every round of it."""
    lines = [_line(outcome) for outcome in outcomes]
    return {"machine": machine, "verdicts": list(verdicts(outcomes)), "lines": lines}


def _line(outcome: Outcome) -> dict[str, Any]:
    line = outcome.line
    return {
        "key": line.key,
        "title": outcome.title,
        "against": outcome.against,
        "database": outcome.database,
        "size": outcome.size,
        "small": outcome.small,
        "unit": line.unit,
        "ours": outcome.ours,
        "base": outcome.base,
        "ratio": outcome.ratio,
        "target": str(line.target) if line.target else None,
        "verdict": outcome.verdict or None,
        "note": outcome.note or None,
        "cells": cells(outcome),
        "rounds": [{**asdict(each), "ratio": each.ratio} for each in outcome.samples],
    }
