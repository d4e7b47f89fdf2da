"""Logs that hold ids, never texts, names, addresses or tokens.

Vendors' loggers are held at WARNING: the ORM logs SQL with its values, the SMS library numbers, the chat library
bodies. An exception is logged as its class and places, never its message: messages quote values.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from contextlib import suppress
from types import TracebackType
from typing import Any

import structlog

VENDOR_LOGGERS = (
    "tortoise",
    "twilio",
    "telegram",
    "httpx",
    "httpcore",
    "aiohttp.access",
    "apscheduler",
    "asyncio",
    "aiosqlite",
)
SECRET_KEYS = frozenset(
    {"text", "body", "name", "number", "phone", "token", "password", "code", "identity", "content", "secret"}
)


def _drop_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: ("***" if key in SECRET_KEYS else value) for key, value in event.items()}


def _bare_exception(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["at"] = _places(error.__traceback__)
    return event


def _places(trace: TracebackType | None) -> str:
    places = [f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno}" for frame in traceback.extract_tb(trace)]
    return " < ".join(reversed(places[-6:]))


class _BareFormatter(logging.Formatter):
    """Writes the exceptions that vendors log as ours are written: class and places, never the message."""

    def formatException(self, ei: Any) -> str:
        """Return one line in place of the traceback."""
        return f"{ei[0].__name__} at {_places(ei[2])}"


class _Unfailing:
    """Standard error that never raises: a line that cannot be written (a full disk) is lost, and the work goes on."""

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()


def set_up(level: str = "INFO", *, as_json: bool = False) -> None:
    """Send our own lines to standard error, and nothing of the vendors below WARNING."""
    stream: Any = _Unfailing()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_BareFormatter("%(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in VENDOR_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _drop_secrets,
            _bare_exception,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(file=stream),
        cache_logger_on_first_use=False,
    )
