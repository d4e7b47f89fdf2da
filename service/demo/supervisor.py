"""Starts and ends the demo's processes, serves the tour, or does the whole round once.

Everything that the demo writes is in `var/demo` of the current folder, made anew at each start.
"""

import asyncio
import os
import secrets
import shutil
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
import typer

from core.errors import LianxinError
from service.demo import cast, tour
from service.demo.phones import Phones
from service.demo.processes import LOOPBACK, DemoFailed, Sandbox, Served, free_port
from service.demo.round import SECRETS, Round
from service.demo.sample_people import name_everybody
from service.demo.served import PASSWORD_VARIABLE, STORY_VARIABLE, TOUR_VARIABLE
from service.demo.sms_provider import GATEWAY, TWILIO, SmsProvider

FOLDER: Final = Path("var/demo")
REQUEST_SECONDS: Final = 90.0


@dataclass(frozen=True)
class Demo:
    """The running demo."""

    sandbox_url: str
    served: Served
    phones: Phones
    round: Round


async def run_demo(*, once: bool, port: int, gateway: bool = False) -> int:
    """Run the demo; return the exit code. `port` is the tour's; one that is taken is replaced by a free one.

    With `gateway` SMS go by a carrier's HTTP interface in place of Twilio.
    """
    address = f"http://{LOOPBACK}:{_usable(port)}"
    typer.echo("Starting sandbox and service on this machine …", err=True)
    try:
        async with _running(address, GATEWAY if gateway else TWILIO) as demo:
            if once:
                return await _once(demo)
            await _tour(demo, address)
            return 0
    except (LianxinError, TimeoutError) as error:
        typer.echo(f"FAILED: {error or type(error).__name__}  (logs: {FOLDER}/)", err=True)
        return 1


def _usable(port: int) -> int:
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return free_port()
        taken: int = probe.getsockname()[1]
        return taken


@asynccontextmanager
async def _running(tour_address: str, provider: SmsProvider) -> AsyncIterator[Demo]:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True, mode=0o700)
    sandbox = await Sandbox.start(FOLDER / "sandbox.log")
    served = _served(sandbox.url, tour_address, provider)
    timeout = aiohttp.ClientTimeout(total=REQUEST_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as client:
        try:
            phones = Phones(client, sandbox.url, provider)
            await phones.set_up(served.url)
            await name_everybody(phones)
            await served.start()
            demo = Demo(sandbox.url, served, phones, Round(client, served, phones))
            await phones.call("PUT", "clock", {"offset_s": (await demo.round.state())["offset_s"]})
            await demo.round.call("prepare")
            yield demo
        finally:
            await served.stop()
            await sandbox.stop()


def _served(sandbox_url: str, tour_address: str, provider: SmsProvider) -> Served:
    for name in [name for name in os.environ if name.startswith("LIANXIN_")]:
        del os.environ[name]
    listen = f"{LOOPBACK}:{free_port()}"
    environment = {
        "LIANXIN_DATA_DIR": str(FOLDER.absolute() / "data"),
        "LIANXIN_LISTEN": listen,
        **provider.settings(sandbox_url),
        "LIANXIN_TELEGRAM__TOKEN": cast.BOT_TOKEN,
        "LIANXIN_TELEGRAM__API_URL": sandbox_url,
        "LIANXIN_TELEGRAM__MODE": "webhook",
        "LIANXIN_TELEGRAM__WEBHOOK_SECRET": "demo-secret-of-the-sandbox",
        "LIANXIN_TELEGRAM__RATE": cast.RATE,
        "LIANXIN_SIGNATURE__HANS": "【星澜海关】",
        "LIANXIN_SIGNATURE__HANT": "【星瀾海關】",
        "LIANXIN_SIGNATURE__EN": "Xinglan Customs: ",
        STORY_VARIABLE: str(FOLDER.absolute() / "story.json"),
        TOUR_VARIABLE: tour_address,
        PASSWORD_VARIABLE: secrets.token_urlsafe(24),
    }
    return Served(environment, f"http://{listen}", FOLDER / "service.log")


async def _tour(demo: Demo, address: str) -> None:
    stop = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    async with tour.serving(demo.round, demo.served.url, demo.sandbox_url, address):
        typer.echo(f"\n  Open  {address}\n")
        typer.echo("  Nothing leaves this machine. Phones and console are on that page; Ctrl-C here ends it.")
        await stop.wait()
    typer.echo("Ending …", err=True)


async def _once(demo: Demo) -> int:
    words = tour.words()
    for name, step in demo.round.steps.items():
        began = time.monotonic()
        key, values = await step()
        typer.echo(
            f"✓ {words.say('en', 'step.' + name)}: {words.say('en', key, **values)}  ({time.monotonic() - began:.1f} s)"
        )
    await _check_nothing_readable()
    _print_books(await demo.round.state(), words)
    return 0


async def _check_nothing_readable() -> None:
    """Search database and logs for what was registered and written; raise DemoFailed where it stands readable."""
    found = await asyncio.to_thread(_readable)
    if found:
        raise DemoFailed(f"Something that was said stands readable in {', '.join(found)}.")
    typer.echo("✓ Database and logs hold none of the names and sentences that were said.")


def _readable() -> list[str]:
    wanted = [secret.encode() for secret in SECRETS]
    files = [*(FOLDER / "data").iterdir(), FOLDER / "service.log"]
    return [str(file) for file in files if file.is_file() and any(one in file.read_bytes() for one in wanted)]


def _print_books(state: dict[str, Any], words: Any) -> None:
    for name in ("reminder", "run"):
        kept = state[name]["run"]["books"]
        verdict = words.say("en", "tour.balanced" if kept["balance"] else "tour.unbalanced")
        typer.echo(f"  {name}: {words.say('en', 'tour.books_line', **kept)}: {verdict}")
    typer.echo(f"  all: {words.say('en', 'tour.books_line', **state['books'])}")
