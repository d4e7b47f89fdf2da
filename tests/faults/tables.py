"""The tables of random kills: what all came to, and what each seed came to."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.faults.random_plan import Plan, plan_of
from tests.faults.worker import Row

NAMES: Mapping[str, str] = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
_PLACES = ("filling", "around a send", "group commit", "any moment", "receipts")
_SUMMARY = (
    *("database", "first killed", "segments a second", "trials", "killed twice", "provider in trouble"),
    *("open when killed", "accepted", "unknown", "twice", "missing", "verdict"),
)
_FULL = (
    *("database", "seed", "segments a second", "killed", "provider", "receipts", "started by", "seconds"),
    *("accepted then", "open then", "accepted", "unknown", "twice", "missing", "verdict"),
)


def summary(rows: Iterable[Row]) -> str:
    """Sum rows up by database, place of the first kill and rate."""
    groups: dict[tuple[str, int, int], list[Row]] = {}
    for row in rows:
        plan = plan_of(row.seed)
        groups.setdefault((row.database, _PLACES.index(plan.kills[0].place), plan.rate), []).append(row)
    order = {name: place for place, name in enumerate(NAMES)}
    keys = sorted(groups, key=lambda key: (order[key[0]], *key[1:]))
    lines = [(NAMES[key[0]], _PLACES[key[1]], key[2], *_sums(groups[key])) for key in keys]
    for name in NAMES:
        if of_one := [row for key in keys for row in groups[key] if key[0] == name]:
            lines.append((NAMES[name], "all", "all", *_sums(of_one)))
    return _table(_SUMMARY, lines)


def _sums(rows: Sequence[Row]) -> tuple[Any, ...]:
    plans = [plan_of(row.seed) for row in rows]
    failed = sum(bool(row.problems) for row in rows)
    return (
        len(rows),
        sum(len(plan.kills) > 1 for plan in plans),
        sum(bool(plan.trouble) for plan in plans),
        *(sum(getattr(row, name) for row in rows) for name in ("open_then", "accepted", "unknown", "twice", "missing")),
        f"{failed} FAILED" if failed else "holds",
    )


def full_table(rows: Iterable[Row]) -> str:
    """Say what each seed came to."""
    return _table(_FULL, [_line(row, plan_of(row.seed)) for row in rows])


def _line(row: Row, plan: Plan) -> tuple[Any, ...]:
    how = "its command, lease waited for" if plan.is_real else "fork"
    verdict = "; ".join(problem.splitlines()[0][:200] for problem in row.problems) or "holds"
    return (
        *(NAMES[row.database], row.seed, plan.rate, plan.moments, plan.trouble or "well"),
        *(plan.receipts, how, f"{row.seconds:.0f}"),
        *(row.accepted_then, row.open_then, row.accepted, row.unknown, row.twice, row.missing, verdict),
    )


def read_full(table: str) -> list[Row]:
    """Return the rows of a table that `full_table` wrote; a problem comes back as its first line."""
    kinds = {said: name for name, said in NAMES.items()}
    counted = ("accepted then", "open then", "accepted", "unknown", "twice", "missing")
    rows = []
    for line in table.splitlines()[2:]:
        cells = dict(zip(_FULL, line.strip("| ").split(" | "), strict=True))
        problems = [] if cells["verdict"] == "holds" else [cells["verdict"]]
        of_seed = (kinds[cells["database"]], int(cells["seed"]), float(cells["seconds"]))
        rows.append(Row(*of_seed, problems, *(int(cells[name]) for name in counted)))
    return rows


def _table(head: Sequence[str], lines: Sequence[Sequence[Any]]) -> str:
    written = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in written)


def again(row: Row) -> str:
    """Return the command that repeats a seed."""
    return f"scripts/faults --seed {row.seed} --database {row.database}"
