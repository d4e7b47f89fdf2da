"""What a run leaves in docs/performance.md: conditions, table and verdicts between two marks, and the plot."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from bench.figures import Line, Outcome, Sample, at_most
from bench.page import BEGIN, END, PAGE, replaced
from bench.table import as_json

MACHINE = {
    "command": "scripts/bench",
    "at": "2026-11-21T12:00:00+00:00",
    "commit": "abc",
    "cores": 2,
    "processor": "a processor",
    "python": "3.11",
    "load_before": [0.1, 0.1, 0.1],
    "minutes": 24.5,
    "databases": {"sqlite": {"server_version": "3.40"}},
}


def figures() -> dict[str, Any]:
    lines = [
        Outcome(Line("fill", "fill of a run of {size}", "bare", "s", at_most(1.5)), "sqlite", 1000, [Sample(1, 2)]),
        Outcome(Line("memory", "memory", "{small}", "MiB", at_most(1.1)), "sqlite", 1000, [Sample(3, 2)], 10),
        Outcome(Line("pace.5", "rate", "set", "/s"), "sqlite", 5, [Sample(99, 100)]),
        Outcome(Line("together", "two", "one", "/s"), "postgres", 5, [Sample(200, 100)]),
    ]
    return dict(json.loads(json.dumps(as_json(lines, MACHINE))))


def test_only_what_stands_between_the_marks_is_replaced() -> None:
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    once = replaced(page, figures())
    assert once.startswith(f"before\n{BEGIN}\n`scripts/bench`, 2026-11-21, commit abc: 2 cores")
    assert once.endswith(f"{END}\nafter\n")
    assert "old" not in once
    assert (
        "| fill of a run of 1,000 / bare | sqlite | 1.000 s | 2.000 s | 0.500 | 0.500–0.500 (1) | ≤ 1.5 | met |" in once
    )
    assert "1 of 2 targets met.\n\n* met: fill of a run of 1,000" in once
    assert replaced(once, figures()) == once


def test_the_page_has_its_marks() -> None:
    assert replaced(PAGE.read_text(), figures())


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError):
        replaced("nothing", figures())


def test_the_plot_is_the_same_for_the_same_figures(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from bench import plot

    plot.draw(figures(), tmp_path / "a.svg")
    plot.draw(figures(), tmp_path / "b.svg")
    assert (tmp_path / "a.svg").read_text() == (tmp_path / "b.svg").read_text()
    assert "Filling a run" in "".join(ElementTree.parse(tmp_path / "a.svg").getroot().itertext())
