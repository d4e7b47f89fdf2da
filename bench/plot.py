"""The plot of docs/performance.md, from the figures of one run: how cost grows with recipients, processes, latency.

A panel whose lines were not measured stays empty.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot
from matplotlib.axes import Axes

from bench.pacing import LATENCIES_MS

Lines = Mapping[tuple[str, str], Mapping[str, Any]]
Points = Sequence[tuple[float, float]]
COLOURS = {"sqlite": "#1b6ca8", "postgres": "#c1521f"}
_SETTINGS: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "lianxin",
    "font.size": 9,
    "axes.grid": True,
    "grid.alpha": 0.3,
}


def draw(figures: Mapping[str, Any], path: Path) -> None:
    """Write the plot of a run's JSON figures as SVG; the same figures give the same file."""
    lines = {(line["key"], line["database"]): line for line in figures["lines"]}
    panels: tuple[Callable[[Axes, Lines], None], ...] = (_fill, _memory, _restart, _pace, _processes, _rate)
    with matplotlib.rc_context(_SETTINGS):
        figure, places = pyplot.subplots(2, 3, figsize=(12, 6.6), layout="constrained")
        for panel, axes in zip(panels, places.flat, strict=True):
            panel(axes, lines)
        figure.savefig(path, metadata={"Date": None})
        pyplot.close(figure)


def _curve(axes: Axes, database: str, points: Points, label: str = "", style: str = "o-") -> None:
    if points:
        xs, ys = zip(*points, strict=True)
        axes.plot(xs, ys, style, color=COLOURS[database], label=label or database)


def _finish(axes: Axes, title: str, x: str, y: str) -> None:
    axes.set(title=title, xlabel=x, ylabel=y)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=8)


def _fill(axes: Axes, lines: Lines) -> None:
    for database in COLOURS:
        found = [lines[key, database] for key in ("fill", "fill.large") if (key, database) in lines]
        _curve(axes, database, [(line["size"], line["ours"]) for line in found])
        _curve(axes, database, [(line["size"], line["base"]) for line in found], f"{database}, bare INSERT", "x--")
    axes.loglog()
    _finish(axes, "Filling a run", "recipients", "seconds")


def _small_and_large(axes: Axes, lines: Lines, key: str) -> None:
    for database in COLOURS:
        if line := lines.get((key, database)):
            _curve(axes, database, [(line["small"], line["base"]), (line["size"], line["ours"])])
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)


def _memory(axes: Axes, lines: Lines) -> None:
    _small_and_large(axes, lines, "memory")
    _finish(axes, "Peak memory of the sending process", "recipients", "MiB")


def _restart(axes: Axes, lines: Lines) -> None:
    _small_and_large(axes, lines, "restart")
    _finish(axes, "kill -9 to the next message", "recipients", "seconds")


def _pace(axes: Axes, lines: Lines) -> None:
    for database in COLOURS:
        found = [(each, lines.get((f"pace.{each}", database))) for each in LATENCIES_MS]
        _curve(axes, database, [(latency, line["ratio"]) for latency, line in found if line])
    axes.set_xscale("log")
    axes.set_ylim(0, 1.1)
    _finish(axes, "Rate of a lane, achieved by set", "latency of the provider, ms", "ratio")


def _processes(axes: Axes, lines: Lines) -> None:
    for key, label, style in (
        ("together", "two lanes at their set rate", "o-"),
        ("together.full", "as fast as it goes", "x--"),
    ):
        if line := lines.get((key, "postgres")):
            _curve(axes, "postgres", [(1, line["base"]), (2, line["ours"])], label, style)
    axes.set_xticks([1, 2])
    axes.set_ylim(bottom=0)
    _finish(axes, "Processes on one PostgreSQL", "processes", "messages a second")


def _rate(axes: Axes, lines: Lines) -> None:
    names = ("Celery, process a core", "Celery, 16 threads", "Lianxin", "bare aiohttp, nothing kept")
    for number, (database, colour) in enumerate(COLOURS.items()):
        queue, threads, bare = (lines.get((key, database), {}) for key in ("queue", "queue.threads", "sms.rate"))
        figures = (queue.get("base"), threads.get("base"), queue.get("ours"), bare.get("base"))
        places = [place + number * 0.38 - 0.19 for place in range(len(names))]
        axes.barh(places, [each or 0 for each in figures], 0.36, color=colour, label=database)
    axes.set_yticks(range(len(names)), names)
    _finish(axes, "Sending, 5 ms latency", "durable SMS a second", "")
