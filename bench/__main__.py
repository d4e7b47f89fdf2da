"""The command behind `scripts/bench`."""

import argparse
import asyncio
import json
import logging
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import structlog
from rich.console import Console

from bench import machine, page, rounds, table
from bench.figures import Outcome
from bench.lines import EXPERIMENTS
from core import logs
from core.clock import SystemClock

KEPT = Path("var/bench/latest.json")
COMMAND = "scripts/bench"
Databases = Mapping[str, Mapping[str, str]]
Keep = Callable[[Sequence[Outcome], Databases], None]


def _arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=COMMAND, description="Measure what the service costs, as ratios of one run.")
    parser.add_argument("--quick", action="store_true", help="smaller and fewer rounds: a look, not a result")
    parser.add_argument("--tiny", action="store_true", help="one round of almost nothing: shows that each line runs")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=[each.name for each in EXPERIMENTS])
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgres"], choices=["sqlite", "postgres"])
    parser.add_argument("--json", type=Path, default=KEPT, metavar="FILE", help=f"where figures go (default {KEPT})")
    parser.add_argument("--write", action="store_true", help="put table, verdicts and plot into docs/performance.md")
    arguments = parser.parse_args(given)
    if arguments.write and (arguments.only or arguments.tiny):
        parser.error("--write is for a whole run: without --only and --tiny")
    return arguments


async def _measure(arguments: argparse.Namespace, keep: Keep) -> None:
    """Do what was chosen; hand all that is known to `keep` whenever an experiment is done."""
    how = rounds.TINY if arguments.tiny else rounds.QUICK if arguments.quick else rounds.FULL
    chosen = [each for each in EXPERIMENTS if not arguments.only or each.name in arguments.only]
    console, outcomes = Console(stderr=True), list[Outcome]()
    with console.status("Preparing …") as status:
        async with rounds.open_stands(arguments.databases, status.update) as stands:
            databases = {stand.store.kind: await stand.store.about() for stand in stands}
            async for more in rounds.run_all(chosen, stands, how, status.update):
                outcomes += more
                keep(outcomes, databases)
                for outcome in more:
                    console.print("  ".join(filter(None, table.cells(outcome))), highlight=False, soft_wrap=True)


def main(given: Sequence[str]) -> None:
    """Measure, print the table, keep the figures; what was measured before an interruption is kept too."""
    arguments = _arguments(given)
    logs.set_up()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    began, about = time.monotonic(), machine.about(SystemClock().now(), [COMMAND, *given])
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    kept: list[Outcome] = []
    figures: dict[str, Any] = {}

    def keep(outcomes: Sequence[Outcome], databases: Databases) -> None:
        minutes = round((time.monotonic() - began) / 60, 1)
        kept[:] = outcomes
        figures.update(table.as_json(outcomes, {**about, "databases": databases, "minutes": minutes}))
        arguments.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n")

    try:
        asyncio.run(_measure(arguments, keep))
    except KeyboardInterrupt:
        print("Interrupted: this is what was measured.", file=sys.stderr)
    else:
        if arguments.write:
            page.write(figures)
    table.show(kept, Console())
    if any(outcome.verdict == "failed" for outcome in kept):
        raise SystemExit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
