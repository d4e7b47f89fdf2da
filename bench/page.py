"""Putting a run's figures into docs/performance.md: `python -m bench.page [FIGURES.json]`.

What stands between the two marks is replaced by the run's conditions, its plot, its table and its verdicts.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench import table

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "performance.md"
PLOT = ROOT / "docs" / "images" / "performance.svg"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def replaced(page: str, figures: Mapping[str, Any]) -> str:
    """Return the page with the figures between its marks; raise ValueError where a mark is missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page lacks {BEGIN} or {END}")
    return before + BEGIN + "\n" + _section(figures) + END + after


def _section(figures: Mapping[str, Any]) -> str:
    parts = (
        _conditions(figures["machine"]),
        "![How cost grows with recipients, latency and processes](images/performance.svg)",
        table.markdown([line["cells"] for line in figures["lines"]]),
        "### Verdicts",
        "\n".join(figures["verdicts"]).replace("\n*", "\n\n*", 1),
    )
    return "\n\n".join(parts) + "\n"


def _conditions(machine: Mapping[str, Any]) -> str:
    servers = ", ".join(f"{kind} {told['server_version']}" for kind, told in machine["databases"].items())
    return (
        f"`{machine['command']}`, {machine['at'][:10]}, commit {machine['commit']}: {machine['cores']} cores"
        f" ({machine['processor']}), Python {machine['python']}, {servers};"
        f" load before {', '.join(map(str, machine['load_before']))}, {machine['minutes']} minutes."
    )


def write(figures: Mapping[str, Any]) -> None:
    """Write the page and the plot."""
    from bench import plot

    plot.draw(figures, PLOT)
    PAGE.write_text(replaced(PAGE.read_text(), figures))


if __name__ == "__main__":
    from bench.__main__ import KEPT

    write(json.loads(Path(sys.argv[1] if len(sys.argv) > 1 else KEPT).read_text()))
