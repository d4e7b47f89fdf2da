"""Files are cleaned in a process of their own, so that a hostile one cannot harm the service."""

import asyncio
import contextlib
import json
import sys
from pathlib import Path
from typing import Final

from core.media.result import DAMAGED, REASONS, TOO_LARGE, Cleaned, Unfit

SECONDS: Final = 45.0
_HOME: Final = Path(__file__).parents[2]


async def clean_apart(data: bytes) -> Cleaned:
    """Return the file without metadata, by `core.media.cleaning` in another process. Raises Unfit.

    The bytes go through pipes: nothing is written to a disk. What takes too long or dies of its file is refused.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "core.media"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd="/",
        env={"PYTHONPATH": str(_HOME), "LANG": "C.UTF-8"},
    )
    try:
        async with asyncio.timeout(SECONDS):
            answer, _ = await child.communicate(data)
    except TimeoutError:
        raise Unfit(TOO_LARGE) from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
    return _read(answer)


def _read(answer: bytes) -> Cleaned:
    line, _, body = answer.partition(b"\n")
    try:
        head = json.loads(line)
    except ValueError:
        raise Unfit(DAMAGED) from None
    if (reason := head.get("unfit")) is not None:
        raise Unfit(reason if reason in REASONS else DAMAGED)
    return Cleaned(head["media"], body)
