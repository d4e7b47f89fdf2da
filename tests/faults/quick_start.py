"""Starts the program without the seconds of importing: a process that has imported it forks for each start.

What runs is the program's own `main` in a process of its own, with its own environment, folder and log; it dies of
SIGKILL like any other. Every 25th trial of `scripts/faults` uses the command itself.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from campaigns import running
from core import failpoints

ROOT = Path(__file__).parents[2]
SLICE_VARIABLE = "LIANXIN_TEST_FILL_PERSONS"
"""How many persons a slice of a fill has, where a test wants several slices of its 500."""


class Forked:
    """A started program, as `subprocess.Popen` shows one. Only its parent, the starter, can ask how it ended."""

    def __init__(self, starter: "Starter", pid: int) -> None:
        self._starter, self.pid, self.returncode = starter, pid, None

    returncode: int | None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._starter.ask(poll=self.pid)
        return self.returncode

    def send_signal(self, what: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, what)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self) -> int:
        while (code := self.poll()) is None:
            time.sleep(0.01)
        return code


class Starter:
    """The process that forks; one for the whole run of the tests."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def start(self, folder: Path, environment: Mapping[str, str], log: Path) -> Forked:
        return Forked(self, self.ask(folder=str(folder), environment=dict(environment), log=str(log)))

    def ask(self, **order: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def stop(self) -> None:
        self._process.communicate()


def _orders() -> dict[str, Any] | None:
    """Answer orders until they end; in a forked child return the order that it is to carry out."""
    for line in sys.stdin:
        order: dict[str, Any] = json.loads(line)
        answer = _ended(order["poll"]) if "poll" in order else os.fork()
        if answer == 0 and "poll" not in order:
            return order
        print(json.dumps(answer), flush=True)
    return None


def _ended(pid: int) -> int | None:
    done, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if done else None


def _become(order: dict[str, Any]) -> None:
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    failpoints._CHOSEN = failpoints._chosen()  # read at import otherwise, which was before this environment
    running.PERSONS = int(os.environ.get(SLICE_VARIABLE, running.PERSONS))  # type: ignore[misc]
    sys.argv[:] = ["lianxin", "serve"]


if __name__ == "__main__":
    import bot.step  # noqa: F401  what `serve` imports late is to be there before a process is started
    import service.cli
    import service.listening
    import service.runtime
    import service.ticking

    if (given := _orders()) is not None:
        _become(given)
        service.cli.main()
