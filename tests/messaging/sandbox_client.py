"""The sandbox as a subprocess, and its JSON API as the tests use it."""

import io
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp

ROOT = Path(__file__).parents[2]


def start() -> tuple[subprocess.Popen[str], str]:
    """Start a sandbox on a free port; return the process and its URL."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())["url"]


@dataclass
class SandboxClient:
    """One account, one bot and one account of the carrier, of a sandbox that many tests share."""

    url: str
    session: aiohttp.ClientSession
    account: str
    token: str
    bot: str
    sender: str = "+8657100000001"

    async def call(self, method: str, path: str, **body: Any) -> Any:
        """Call the JSON API."""
        url = f"{self.url}/sandbox/api/{path}"
        data = io.BytesIO(json.dumps(body).encode()) if body else None  # a large one of bytes would be warned of
        async with self.session.request(method, url, data=data) as response:
            assert response.status < 300, await response.text()
            return await response.json() if response.status != 204 else None

    async def set_up(self, inbound_url: str, status_delay_ms: int = 0) -> None:
        """Make the account with its number and webhook."""
        await self.call(
            "PUT",
            f"twilio/accounts/{self.account}",
            token=self.token,
            sender=self.sender,
            inbound_url=inbound_url,
            status_delay_ms=status_delay_ms,
            retry_ms=10,
        )
        await self.call("PUT", f"telegram/bots/{self.bot}", retry_ms=10)

    @property
    def carrier(self) -> str:
        """The account of the carrier; its key is `token`, what signs its webhooks `bot`."""
        return f"GW{self.account}"

    async def set_up_carrier(self, app_url: str) -> None:
        """Make the carrier's account with its webhooks."""
        await self.call(
            "PUT",
            f"gateway/accounts/{self.carrier}",
            token=self.token,
            secret=self.bot,
            sender=self.sender,
            inbound_url=f"{app_url}/hooks/gateway/message",
            status_url=f"{app_url}/hooks/gateway/status",
            status_delay_ms=0,
            retry_ms=10,
        )

    def _owner(self, provider: str) -> dict[str, str]:
        return {
            "twilio": {"account": self.account},
            "gateway": {"account": self.carrier},
            "telegram": {"bot": self.bot},
        }[provider]

    async def chat(self, chat_id: int, **more: Any) -> None:
        """Let a person start a chat."""
        await self.call("PUT", f"chats/{chat_id}", bot=self.bot, **more)

    async def fault(
        self, effect: str, provider: str = "twilio", match: dict[str, Any] | None = None, **more: Any
    ) -> Any:
        """Make a bad day."""
        chosen = {**self._owner(provider), **(match or {})}
        return await self.call("POST", "faults", provider=provider, effect=effect, match=chosen, **more)

    async def ledger(self, provider: str = "twilio") -> list[dict[str, Any]]:
        """Return what was accepted, in order."""
        rows: list[dict[str, Any]] = (await self.call("GET", f"ledger?{urlencode(self._owner(provider))}"))["rows"]
        return rows
