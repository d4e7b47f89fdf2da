"""Logs that hold ids, never texts, names, addresses or tokens.

Vendors' loggers are held at WARNING: the ORM logs SQL with its values, the SMS library numbers, the chat library
bodies. An exception is logged as its class and places, never its message: messages quote values.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
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
        places = [
            f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)
        ]
        event["error"] = type(error).__name__
        event["at"] = " < ".join(reversed(places[-6:]))
    return event


def set_up(level: str = "INFO", *, as_json: bool = False) -> None:
    """Send our own lines to standard error, and nothing of the vendors below WARNING."""
    logging.basicConfig(level=level, stream=sys.stderr, format="%(message)s", force=True)
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
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
