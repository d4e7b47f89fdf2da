"""Starting servers to measure: the service as its command starts it, and bare ones."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench import bare_client
from bench.agency import SENDER
from bench.processes import LIANXIN, LOOPBACK, Child, free_port
from bench.stand import Stand, zone_of_midday

ROOT = Path(__file__).parents[1]


@asynccontextmanager
async def service(stand: Stand, database_url: str, *roles: str) -> AsyncIterator[Child]:
    """Run `lianxin serve` on a database until the block ends."""
    port = free_port()
    environment = {
        "LIANXIN_DATA_DIR": str(stand.folder / "data"),
        "LIANXIN_KEY_FILE": str(stand.key_file),
        "LIANXIN_DATABASE_URL": database_url,
        "LIANXIN_LISTEN": f"{LOOPBACK}:{port}",
        "LIANXIN_TIMEZONE": zone_of_midday(),
        "LIANXIN_TWILIO__ACCOUNT_SID": bare_client.ACCOUNT,
        "LIANXIN_TWILIO__AUTH_TOKEN": bare_client.TOKEN,
        "LIANXIN_TWILIO__SENDER": SENDER,
        "LIANXIN_TWILIO__API_URL": stand.sink_url,
        "LIANXIN_TELEGRAM__TOKEN": bare_client.BOT,
        "LIANXIN_TELEGRAM__API_URL": stand.sink_url,
        "LIANXIN_TELEGRAM__MODE": "webhook",
        "LIANXIN_TELEGRAM__WEBHOOK_SECRET": "a-secret-of-the-bench",
    }
    command = [str(LIANXIN), "serve", *(("--roles", ",".join(roles)) if roles else ())]
    async with Child.listening(command, port, environment, stand.folder / "service.log") as child:
        yield child


@asynccontextmanager
async def bare(stand: Stand, kind: str, database_url: str = "") -> AsyncIterator[Child]:
    """Run one of the bare servers until the block ends."""
    port = free_port()
    about = (kind, bare_client.TOKEN, f"http://{LOOPBACK}:{port}", database_url)
    command = [sys.executable, "-m", "bench.bare_server", str(port), *about]
    async with Child.listening(command, port, {"PYTHONPATH": str(ROOT)}, stand.folder / "bare.log") as child:
        yield child
