"""Posting webhooks, and only to this machine."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from sandbox.world import World


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of one try: the HTTP status, or why there was none (`connect`, `timeout`, `outside`)."""

    status: int | None
    problem: str = ""
    text: str = ""

    @property
    def ok(self) -> bool:
        """Whether the application took it."""
        return self.status is not None and 200 <= self.status < 300


def is_loopback(host: str) -> bool:
    """Say whether a host name is this machine, without asking anybody."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def post(
    world: World, url: str, *, headers: dict[str, str], body: bytes, connect_s: float = 5.0, read_s: float = 15.0
) -> Posted:
    """POST once. Never raises for what the other side does; hosts that are not this machine are not asked."""
    if not is_loopback(urlsplit(url).hostname or ""):
        return Posted(None, "outside")
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=connect_s, sock_read=read_s)
    try:
        async with (
            world.post_slots,
            world.session.post(
                URL(url, encoded=True), data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as answer,
        ):
            return Posted(answer.status, text=answer.reason or "")
    except aiohttp.ClientConnectorError:
        return Posted(None, "connect")
    except TimeoutError:
        return Posted(None, "timeout")
    except (aiohttp.ClientError, OSError, ValueError):
        return Posted(None, "connect")
