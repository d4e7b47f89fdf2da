"""The process in which one foreign file is looked at: bytes in, one line of JSON and bytes out, nothing else.

It has no settings, no key and no database, little time and little memory; whatever a file does to it, it does here.
"""

import contextlib
import json
import os
import resource
import sys

from core.media.cleaning import clean_file
from core.media.result import TOO_LARGE, Unfit

SECONDS = 30
BYTES = 1536 * 1024 * 1024


def main() -> None:
    """Clean what comes in on standard input."""
    for limit, most in ((resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_AS, BYTES), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):  # a system that has no such limit
            resource.setrlimit(limit, (most, most))
    head, body = _answer(sys.stdin.buffer.read())
    out = os.fdopen(os.dup(1), "wb")
    out.write(json.dumps(head).encode() + b"\n" + body)
    out.close()


def _answer(data: bytes) -> tuple[dict[str, str], bytes]:
    try:
        cleaned = clean_file(data)
    except Unfit as unfit:
        return {"unfit": unfit.key}, b""
    except (MemoryError, RecursionError):
        return {"unfit": TOO_LARGE}, b""
    return {"media": cleaned.media}, cleaned.data


if __name__ == "__main__":
    main()
