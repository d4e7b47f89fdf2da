"""Starting servers to measure: the service as its command starts it, and bare ones."""

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from bench import bare_client
from bench.agency import RATE, SENDER
from bench.processes import LIANXIN, LOOPBACK, Child, free_port
from bench.stand import Stand, zone_of_midday

ROOT = Path(__file__).parents[1]
SMS_ONLY = {"TELEGRAM__TOKEN": ""}


def _environment(stand: Stand, database_url: str, port: int, settings: Mapping[str, str]) -> dict[str, str]:
    chosen = {
        "DATA_DIR": str(stand.folder / "data"),
        "KEY_FILE": str(stand.key_file),
        "DATABASE_URL": database_url,
        "LISTEN": f"{LOOPBACK}:{port}",
        "TIMEZONE": zone_of_midday(),
        "TWILIO__ACCOUNT_SID": bare_client.ACCOUNT,
        "TWILIO__AUTH_TOKEN": bare_client.TOKEN,
        "TWILIO__SENDER": SENDER,
        "TWILIO__API_URL": stand.sink_url,
        "TWILIO__RATE": str(RATE),
        "TELEGRAM__TOKEN": bare_client.BOT,
        "TELEGRAM__API_URL": stand.sink_url,
        "TELEGRAM__MODE": "webhook",
        "TELEGRAM__WEBHOOK_SECRET": "a-secret-of-the-bench",
        **settings,
    }
    return {f"LIANXIN_{name}": value for name, value in chosen.items()}


def _command(roles: tuple[str, ...]) -> list[str]:
    return [str(LIANXIN), "serve", *(("--roles", ",".join(roles)) if roles else ())]


@asynccontextmanager
async def service(
    stand: Stand, database_url: str, *roles: str, settings: Mapping[str, str] | None = None
) -> AsyncIterator[Child]:
    """Run `lianxin serve`, ready to answer, on a database until the block ends. `settings` come before the usual."""
    port = free_port()
    environment = _environment(stand, database_url, port, settings or {})
    async with Child.listening(_command(roles), port, environment, stand.folder / "service.log") as child:
        yield child


@asynccontextmanager
async def silent(
    stand: Stand, database_url: str, *roles: str, settings: Mapping[str, str] | None = None
) -> AsyncIterator[Child]:
    """Run `lianxin serve` without waiting for anything, such as in roles that do not listen."""
    environment = _environment(stand, database_url, free_port(), settings or {})
    async with Child.running(_command(roles), environment, stand.folder / "service.log") as child:
        yield child


@asynccontextmanager
async def bare(stand: Stand, kind: str, database_url: str = "") -> AsyncIterator[Child]:
    """Run one of the bare servers until the block ends."""
    port = free_port()
    about = (kind, bare_client.TOKEN, f"http://{LOOPBACK}:{port}", database_url)
    command = [sys.executable, "-m", "bench.bare_server", str(port), *about]
    async with Child.listening(command, port, {"PYTHONPATH": str(ROOT)}, stand.folder / "bare.log") as child:
        yield child
