"""How a struck call goes wrong on the wire; the same for both providers."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from aiohttp import web

from sandbox.faults import Fault

HANG_SECONDS = 3600.0
"""How long a call hangs when the fault names no time and the client never leaves."""

LOOK_SECONDS = 0.05
HUGE_BYTES = 10_000_000


class Dialect(Protocol):
    """How one provider words its refusals."""

    def rate_limited(self, retry_after: float | str | None) -> web.Response:
        """Answer 429; a text in place of the seconds is said as it is."""

    def unavailable(self, status: int) -> web.Response:
        """Answer with a 5xx."""

    def rejected(self, fault: Fault) -> web.Response | None:
        """Answer a permanent refusal, or None when the provider would accept first and fail later."""

    def without_id(self) -> dict[str, Any]:
        """Return a body of the right shape that names no message."""


Work = Callable[[], Awaitable[web.StreamResponse]]


async def answer_through(
    request: web.Request, struck: Sequence[Fault], latency_ms: int, dialect: Dialect, work: Work
) -> web.StreamResponse:
    """Do the call's `work` and answer it, with every fault that struck it.

    Delays add up; of the other request effects the first one counts.
    """
    await _pause(latency_ms + sum(f.ms or 0 for f in struck if f.effect == "delay"))
    fault = next((f for f in struck if f.effect in _BEFORE or f.effect in _AFTER), None)
    if fault is not None and fault.effect in _BEFORE:
        early = await _BEFORE[fault.effect](request, fault, dialect)
        if early is not None:
            return early
    answer = await work()
    if fault is None or fault.effect not in _AFTER or answer.status >= 300:
        return answer
    return await _AFTER[fault.effect](request, fault, dialect, answer)


async def _pause(ms: int) -> None:
    if ms:
        await asyncio.sleep(ms / 1000)


async def _hang(request: web.Request, ms: int | None) -> None:
    """Wait for the fault's time, or until the client leaves."""
    left = HANG_SECONDS if ms is None else ms / 1000
    while left > 0 and request.transport is not None and not request.transport.is_closing():
        step = min(left, LOOK_SECONDS)
        await asyncio.sleep(step)
        left -= step


def _reset(request: web.Request) -> web.Response:
    """Cut the connection with a TCP reset; what is returned reaches nobody."""
    transport = request.transport
    if transport is not None:
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response(status=500)


async def _hang_before(request: web.Request, fault: Fault, dialect: Dialect) -> web.Response | None:
    await _hang(request, fault.ms)
    return dialect.unavailable(504)


async def _reset_before(request: web.Request, fault: Fault, dialect: Dialect) -> web.Response | None:
    return _reset(request)


async def _status_429(request: web.Request, fault: Fault, dialect: Dialect) -> web.Response | None:
    return dialect.rate_limited(fault.retry_after)


async def _status_5xx(request: web.Request, fault: Fault, dialect: Dialect) -> web.Response | None:
    return dialect.unavailable(fault.status)


async def _fail_permanently(request: web.Request, fault: Fault, dialect: Dialect) -> web.Response | None:
    return dialect.rejected(fault)


async def _hang_after(
    request: web.Request, fault: Fault, dialect: Dialect, answer: web.StreamResponse
) -> web.StreamResponse:
    await _hang(request, fault.ms)
    return answer


async def _reset_after(
    request: web.Request, fault: Fault, dialect: Dialect, answer: web.StreamResponse
) -> web.StreamResponse:
    return _reset(request)


async def _accept_then_500(
    request: web.Request, fault: Fault, dialect: Dialect, answer: web.StreamResponse
) -> web.StreamResponse:
    return dialect.unavailable(500)


async def _bad_body(
    request: web.Request, fault: Fault, dialect: Dialect, answer: web.StreamResponse
) -> web.StreamResponse:
    if fault.body == "cut":
        return await _cut(request, answer.status)
    if fault.body == "no_id":
        return web.json_response(dialect.without_id(), status=answer.status)
    texts = {
        "empty": (b"", "application/json"),
        "html": (b"<html><body><h1>Welcome to the proxy</h1></body></html>", "text/html"),
        "wrong_json": (b'["unexpected", {"shape": true}]', "application/json"),
        "huge": (b'{"padding": "' + b"x" * HUGE_BYTES + b'"}', "application/json"),
    }
    body, kind = texts[fault.body]
    return web.Response(body=body, status=answer.status, content_type=kind)


async def _cut(request: web.Request, status: int) -> web.StreamResponse:
    """Promise a long body, send its beginning, then reset."""
    response = web.StreamResponse(status=status, headers={"Content-Type": "application/json"})
    response.content_length = 4096
    await response.prepare(request)
    await response.write(b'{"sid": "SM')
    _reset(request)
    return response


_BEFORE: dict[str, Callable[[web.Request, Fault, Dialect], Awaitable[web.Response | None]]] = {
    "hang_before": _hang_before,
    "reset_before": _reset_before,
    "status_429": _status_429,
    "status_5xx": _status_5xx,
    "fail_permanently": _fail_permanently,
}
_AFTER: dict[str, Callable[[web.Request, Fault, Dialect, web.StreamResponse], Awaitable[web.StreamResponse]]] = {
    "hang_after_accept": _hang_after,
    "reset_after_accept": _reset_after,
    "accept_then_500": _accept_then_500,
    "bad_body": _bad_body,
}
