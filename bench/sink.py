"""A provider that only answers: Twilio's 201 and Telegram's ok, after a fixed latency, at the least possible cost.

`python -m bench.sink --latency-ms 5` prints {"url": …} and serves until its standard input ends. Both sides of a line
speak to the same sink, in another process, so that neither its cost nor the sandbox's is measured.

`GET /arrivals/N` tells how many messages came, and when those from number N on came, by the machine's monotonic clock.
"""

import argparse
import asyncio
import json
import sys
import time
from itertools import count
from typing import Final

_SIDS = count(1)
ARRIVALS: Final = b"/arrivals/"
MESSAGE: Final = (b"/Messages.json", b"/sendMessage")
_CREATED: Final = {
    "account_sid": "AC00000000000000000000000000000000",
    "api_version": "2010-04-01",
    "body": "【星澜海关】中秋将至，请勿收受礼品礼金，收到请回复“收到”。",
    "date_created": "Mon, 14 Sep 2026 00:00:00 +0000",
    "date_sent": None,
    "date_updated": "Mon, 14 Sep 2026 00:00:00 +0000",
    "direction": "outbound-api",
    "error_code": None,
    "error_message": None,
    "from": "+15005550006",
    "messaging_service_sid": None,
    "num_media": "0",
    "num_segments": "1",
    "price": None,
    "price_unit": None,
    "sid": "SM%032x",
    "status": "queued",
    "subresource_uris": {"media": "/2010-04-01/Accounts/AC0/Messages/SM0/Media.json"},
    "tags": None,
    "to": "+8613800000000",
    "uri": "/2010-04-01/Accounts/AC0/Messages/SM0.json",
}
_SAID: Final = {
    "message_id": "%d",
    "from": {"id": 7000000001, "is_bot": True, "first_name": "廉信", "username": "lianxin_bot"},
    "chat": {"id": 600000001, "first_name": "张", "type": "private"},
    "date": 1789344000,
    "text": "中秋将至，请勿收受礼品礼金，收到请按按钮。",
}
_ME: Final = {"ok": True, "result": _SAID["from"]}
_TWILIO: Final = json.dumps(_CREATED).replace("%032x", "@")
_TELEGRAM: Final = json.dumps({"ok": True, "result": _SAID}).replace('"%d"', "@")


def answer_to(method: bytes, path: bytes) -> bytes:
    """Return the whole answer to a request; what is asked of Twilio by GET is an empty list."""
    if method == b"GET" and b"/Messages.json" in path:
        return _answer(b"200 OK", json.dumps({"messages": [], "next_page_uri": None}))
    number = next(_SIDS)
    if path.endswith(b"/getMe"):
        return _answer(b"200 OK", json.dumps(_ME))
    if path.startswith(b"/bot"):
        return _answer(b"200 OK", _TELEGRAM.replace("@", str(number), 1))
    return _answer(b"201 Created", _TWILIO.replace("@", f"{number:032x}", 1))


def _answer(status: bytes, body: str) -> bytes:
    data = body.encode()
    length = str(len(data)).encode()
    return b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %b\r\n\r\n%b" % (status, length, data)


class Sink(asyncio.Protocol):
    """One connection, kept open; every complete request is answered after the latency.

    `arrivals` is shared by all connections: the moments at which messages came.
    """

    def __init__(self, latency: float, arrivals: list[float]) -> None:
        self._latency, self._buffer, self._arrivals = latency, b"", arrivals
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer what is complete."""
        self._buffer += data
        while (request := self._next_request()) is not None:
            method, path = request
            if path.startswith(ARRIVALS):
                self._write(self._tell(int(path.removeprefix(ARRIVALS))))
                continue
            if method == b"POST" and path.endswith(MESSAGE):
                self._arrivals.append(time.monotonic())
            asyncio.get_running_loop().call_later(self._latency, self._write, answer_to(method, path))

    def _tell(self, first: int) -> bytes:
        return _answer(b"200 OK", json.dumps({"many": len(self._arrivals), "times": self._arrivals[first:]}))

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def _next_request(self) -> tuple[bytes, bytes] | None:
        """Cut one complete request off the buffer and return its method and path; None where none is complete."""
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return None
        _, found, after = head.lower().partition(b"\r\ncontent-length:")
        length = int(after.split(b"\r\n", 1)[0]) if found else 0
        if len(rest) < length:
            return None
        self._buffer = rest[length:]
        method, path, _ = head.split(b" ", 2)
        return method, path


async def main(latency_ms: float) -> None:
    """Serve on a free port of loopback until standard input ends."""
    loop, arrivals = asyncio.get_running_loop(), list[float]()
    server = await loop.create_server(lambda: Sink(latency_ms / 1000, arrivals), "127.0.0.1", 0)
    print(json.dumps({"url": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"}), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--latency-ms", type=float, default=5.0)
    asyncio.run(main(arguments.parse_args().latency_ms))
