"""Many random kills on each database, several at a time: `python -m tests.faults.many 500`, or `scripts/faults 500`.

Waiting (for receipts, a slow rate, a lease) costs nothing while others work, so there are more workers than cores.
"""

import argparse
import contextlib
import json
import logging
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import structlog

from tests import postgres_server
from tests.faults import beginning
from tests.faults.random_plan import plan_of
from tests.faults.tables import NAMES, again, full_table, read_full, summary
from tests.faults.worker import Ground, Row

ROOT = Path(__file__).parents[2]
WORKERS_A_CORE = 3


def main(words: Sequence[str] | None = None) -> int:
    """Run what was asked for; return 0 when all holds, 1 when a seed failed."""
    asked = _asked(words)
    seeds = [asked.seed] if asked.seed is not None else list(range(asked.many))
    rows = read_full(asked.table.read_text()) if asked.go_on and asked.table and asked.table.exists() else []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the database server ends too
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory(prefix="lianxin-kills-") as folder, contextlib.ExitStack() as stack:
        for database in asked.database:
            print(f"{NAMES[database]}: preparing", file=sys.stderr, flush=True)
            ground = stack.enter_context(_ground(database, Path(folder)))
            left = [seed for seed in seeds if (database, seed) not in {(row.database, row.seed) for row in rows}]
            for row in _tried(ground, left, min(asked.workers, len(left))):
                rows = sorted([*rows, row], key=lambda each: (list(NAMES).index(each.database), each.seed))
                if asked.table:
                    asked.table.write_text(full_table(rows) + "\n")
    failed = [row for row in rows if row.problems]
    print(full_table(rows) if asked.seed is not None else summary(rows))
    for row in failed:
        print(f"\n{NAMES[row.database]}, seed {row.seed}: {plan_of(row.seed)}\n" + "\n".join(row.problems))
        print(f"Repeat it: {again(row)}")
    return 1 if failed else 0


def _asked(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/faults", description=__doc__.split(":", 1)[0])
    parser.add_argument("many", nargs="?", type=int, default=20, help="how many seeds on each database (20)")
    parser.add_argument("--seed", type=int, help="this seed alone")
    parser.add_argument("--database", choices=list(NAMES), action="append", help="this database alone")
    cores = os.cpu_count() or 1
    parser.add_argument("--workers", type=int, default=WORKERS_A_CORE * cores, help="how many at a time")
    parser.add_argument("--table", type=Path, help="write what each seed came to into this file")
    parser.add_argument("--go-on", action="store_true", help="leave out what that file's table holds already")
    asked = parser.parse_args(words)
    asked.database = asked.database or list(NAMES)
    return asked


@contextlib.contextmanager
def _ground(database: str, folder: Path) -> Iterator[Ground]:
    key_file = folder / database / "service.key"
    key_file.parent.mkdir()
    if database == "sqlite":
        path = beginning.prepared_sqlite(beginning.empty_sqlite(key_file.parent), key_file)
        yield Ground(database, str(path), "", str(key_file))
        return
    server = postgres_server.start()
    if server is None:
        raise SystemExit("No PostgreSQL found. Install the package postgresql, or ask for --database sqlite.")
    try:
        name = beginning.prepared_postgres(server, beginning.empty_postgres(server), key_file)
        yield Ground(database, name, server.url, str(key_file))
    finally:
        server.stop()


def _tried(ground: Ground, seeds: Sequence[int], workers: int) -> Iterator[Row]:
    """Let workers carry the seeds out, and say how far they are. Those that wait for a lease begin first."""
    orders: queue.SimpleQueue[int] = queue.SimpleQueue()
    for seed in sorted(seeds, key=lambda each: (not plan_of(each).is_real, each)):
        orders.put(seed)
    rows: queue.SimpleQueue[Row] = queue.SimpleQueue()
    threads = [threading.Thread(target=_let_work, args=(ground, orders, rows), daemon=True) for _ in range(workers)]
    for thread in threads:
        thread.start()
    began, failed = time.monotonic(), 0
    for number in range(1, len(seeds) + 1):
        row = rows.get()
        failed += bool(row.problems)
        _say(f"{NAMES[ground.database]}: {number} of {len(seeds)}, {failed} failed", time.monotonic() - began, number)
        yield row
    for thread in threads:
        thread.join()
    print(file=sys.stderr)


def _say(what: str, seconds: float, done: int) -> None:
    said = f"{what}, {seconds:.0f} s, {seconds / done:.1f} s each"
    print(said, end="\r" if sys.stderr.isatty() else "\n", file=sys.stderr, flush=True)


def _let_work(ground: Ground, orders: "queue.SimpleQueue[int]", rows: "queue.SimpleQueue[Row]") -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.worker"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        with contextlib.suppress(queue.Empty):
            while True:
                seed = orders.get_nowait()
                worker.stdin.write(json.dumps({"ground": asdict(ground), "seed": seed}) + "\n")
                worker.stdin.flush()
                answer = worker.stdout.readline()
                rows.put(Row(**json.loads(answer)) if answer else Row(ground.database, seed, 0, ["its worker died"]))


if __name__ == "__main__":
    sys.exit(main())
