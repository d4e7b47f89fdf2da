"""One HTTP request, with explicit time limits and without retries, under both vendors' libraries.

What matters afterwards is whether anything may have reached the provider:

* `NotWritten`: no connection, name or TLS. Certainly not sent.
* `Unclear`: bytes may have been written and no usable answer came back (time-out, reset, 5xx, an endless answer).
* `Throttled`: 429, with the provider's Retry-After in seconds where it gave one.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import aiohttp
from yarl import URL

CONNECT_SECONDS: Final = 5.0
TOTAL_SECONDS: Final = 12.0
MOST_BYTES: Final = 256 * 1024
ENDLESS: Final = "endless_answer"
CONNECTIONS: Final = 512
"""Of one process: two lanes with as many requests under way as a lane may have."""


class NotWritten(Exception):
    """Nothing was written to the provider. Its text is a code, never data."""


class Unclear(Exception):
    """Something may have been written, and no usable answer came. Its text is a code, never data."""


class Throttled(Exception):
    """The provider refuses to work now."""

    def __init__(self, retry_after: float | None, body: bytes = b"") -> None:
        super().__init__("http_429")
        self.retry_after, self.body = retry_after, body


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer below 500 that is no 429."""

    status: int
    body: bytes
    headers: Mapping[str, str]


def open_session() -> aiohttp.ClientSession:
    """Return the session that all channels of a process share; the caller closes it."""
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=True)


@lru_cache(maxsize=64)
def redirect(url: str, api_url: str | None) -> str:
    """Return the URL with scheme, host and port of `api_url` in place of the provider's."""
    if not api_url:
        return url
    there, here = urlsplit(url), urlsplit(api_url)
    return urlunsplit((here.scheme, here.netloc, there.path, there.query, there.fragment))


async def call(
    session: aiohttp.ClientSession,
    method: str,
    url: str,
    *,
    seconds: float = TOTAL_SECONDS,
    most_bytes: int = MOST_BYTES,
    form: Mapping[str, Any] | None = None,
    body: bytes | None = None,
    params: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Do one request with a form, or a body that `headers` name the type of, and return its answer.

    Raises NotWritten, Unclear or Throttled, and nothing else.
    """
    if form:
        body = URL.build(query=form).raw_query_string.encode()  # the session would do this at three times the cost
    sent = {**(headers or {}), "Content-Type": "application/x-www-form-urlencoded"} if form else headers
    try:
        async with session.request(
            method, url, timeout=_limits(seconds), allow_redirects=False, params=params, data=body, headers=sent
        ) as response:
            return _judged(response, await _read(response, most_bytes))
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
        raise NotWritten(type(error).__name__) from None
    except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
        raise Unclear(type(error).__name__) from None


@lru_cache(maxsize=16)
def _limits(seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=seconds, connect=CONNECT_SECONDS, sock_connect=CONNECT_SECONDS)


async def _read(response: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    read = bytearray()
    async for chunk in response.content.iter_chunked(16 * 1024):
        read += chunk
        if len(read) > most_bytes:
            response.close()
            raise Unclear(ENDLESS)
    return bytes(read)


def _judged(response: aiohttp.ClientResponse, body: bytes) -> Answer:
    if response.status == 429:
        raise Throttled(seconds_to_wait(response.headers.get("Retry-After")), body)
    if response.status >= 500 or response.status in (301, 302, 303, 307, 308, 408):
        raise Unclear(f"http_{response.status}")
    return Answer(response.status, body, response.headers)


def seconds_to_wait(given: Any) -> float | None:
    """Return a Retry-After as seconds; None for what is missing or no number above 0."""
    try:
        seconds = float(given)
    except (TypeError, ValueError):
        return None
    return seconds if seconds > 0 and not math.isnan(seconds) else None
