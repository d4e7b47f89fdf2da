"""What the figures were measured on."""

import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

_LIBRARIES = ("aiohttp", "tortoise-orm", "aiosqlite", "asyncpg", "python-telegram-bot", "twilio")


def about(now: datetime, command: Sequence[str]) -> dict[str, Any]:
    """Return machine, versions, command and load at this moment."""
    return {
        "at": now.isoformat(timespec="seconds"),
        "command": " ".join(command),
        "commit": _commit(),
        "cores": os.cpu_count(),
        "processor": _processor(),
        "load_before": [round(each, 2) for each in os.getloadavg()],
        "system": platform.platform(),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in _LIBRARIES},
    }


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    for line in told.read_text().splitlines() if told.exists() else ():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def _commit() -> str:
    found = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return found.stdout.strip()
