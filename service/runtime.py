"""The running service: everything opened on one exit stack, all loops in one task group, each task named.

SIGTERM and SIGINT end it in order: no new requests, no new slices; what is being sent is waited for up to a limit.
"""

import asyncio
import os
import secrets
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial

import structlog
from aiohttp import web
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot import step as bot_step
from bot.parts import Bot
from campaigns import running
from console.app import install
from core import logs
from core.clock import Clock
from core.errors import InvalidSettings
from core.office import Office
from core.wake import WakeUp
from messaging import asking, http_call, outbox, webhooks
from messaging.asking import Asker
from messaging.channel import Askable
from messaging.setup import Messaging, open_messaging
from messaging.telegram import TelegramSettings
from messaging.twilio_sms import TwilioSettings
from models.database import sqlite_path
from service import health, housekeeping, telegram_in, wake_listener
from service.opening import Installation, only_service_on_file, open_installation
from service.pumps import Step, pump
from service.settings import Settings

TICK_SECONDS = 1
HOUSEKEEPING_SECONDS = 20
MISFIRE_GRACE_SECONDS = 30
MOST_BODY_BYTES = 4 * 1024 * 1024
SHUTDOWN_SECONDS = 20.0
Extend = Callable[[web.Application, Installation, Messaging], None]
log = structlog.get_logger()


@dataclass(frozen=True)
class Runtime:
    """What runs: the installation, its channels, its bot."""

    installation: Installation
    messaging: Messaging
    bot: Bot


async def run_service(
    settings: Settings,
    roles: frozenset[str],
    *,
    clock: Clock | None = None,
    extend: Extend | None = None,
    frame_ancestor: str | None = None,
) -> None:
    """Run until a signal ends it. `extend` and `frame_ancestor` serve the demo alone."""
    logs.set_up()
    stop = _stop_on_signals()
    async with AsyncExitStack() as stack:
        stack.enter_context(only_service_on_file(settings))
        runtime = await stack.enter_async_context(_open(settings, clock))
        _say_what_is_on(settings, runtime)
        if "web" in roles or "receive" in roles:
            await stack.enter_async_context(_listening(settings, runtime, extend, frame_ancestor))
        if "schedule" in roles:
            stack.enter_context(_ticking(runtime))
        log.info("service.ready", listen=settings.listen, roles=",".join(sorted(roles)))
        await _pump_until(stop, runtime, roles)


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    return stop


@asynccontextmanager
async def _open(settings: Settings, clock: Clock | None) -> AsyncIterator[Runtime]:
    async with open_installation(settings, clock) as installation, http_call.open_session() as session:
        messaging = await open_messaging(
            installation.office,
            session,
            twilio=_twilio(settings),
            gateway=settings.gateway.channel_settings(),
            telegram=_telegram(settings),
            owner=f"{os.getpid()}-{secrets.token_hex(4)}",
            alone=sqlite_path(settings.database_url) is not None,
        )
        try:
            yield Runtime(installation, messaging, Bot.make(installation.office, installation.kinds))
        finally:
            await messaging.close()


def _twilio(settings: Settings) -> TwilioSettings | None:
    chosen = settings.twilio
    if not chosen.on:
        return None
    return TwilioSettings(
        account_sid=chosen.account_sid,
        auth_token=chosen.auth_token.get_secret_value(),
        sender=chosen.sender,
        api_url=chosen.api_url,
        rate=chosen.rate,
    )


def _telegram(settings: Settings) -> TelegramSettings | None:
    chosen = settings.telegram
    if not chosen.on:
        return None
    return TelegramSettings(
        token=chosen.token.get_secret_value(),
        api_url=chosen.api_url,
        webhook_secret=chosen.webhook_secret.get_secret_value(),
        mode=chosen.mode,
        rate=chosen.rate,
    )


def _say_what_is_on(settings: Settings, runtime: Runtime) -> None:
    for channel in ("sms", "telegram"):
        if channel not in runtime.messaging.channels:
            log.warning("channel.off", channel=channel, why="no settings for its provider; see docs/settings.md")
    log.info("service.opened", database="sqlite" if sqlite_path(settings.database_url) else "postgres")


@asynccontextmanager
async def _listening(
    settings: Settings, runtime: Runtime, extend: Extend | None, frame_ancestor: str | None
) -> AsyncIterator[None]:
    """Serve console, webhooks and health."""
    app = web.Application(client_max_size=MOST_BODY_BYTES)
    app.add_routes(webhooks.routes(runtime.messaging))
    app.add_routes(health.routes())
    installation = runtime.installation
    install(app, installation.office, installation.kinds, frame_ancestor=frame_ancestor)
    if extend is not None:
        extend(app, installation, runtime.messaging)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS, handle_signals=False)
    await runner.setup()
    try:
        await _listen(runner, settings)
        yield
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, settings: Settings) -> None:
    try:
        await web.TCPSite(runner, *settings.host_and_port).start()
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else type(error).__name__
        raise InvalidSettings(f"Nothing can listen on {settings.listen} ({why}). Set LIANXIN_LISTEN.") from None


async def _wake_runs(office: Office) -> None:
    """Wake the runs' pump. A coroutine, because the scheduler would call a plain function in another thread."""
    office.wakes.runs.set()


@contextmanager
def _ticking(runtime: Runtime) -> Iterator[None]:
    """The clock of this process: due moments each second, housekeeping now and then. Firing twice does no harm."""
    office, bot = runtime.installation.office, runtime.bot
    scheduler = AsyncIOScheduler(timezone="UTC", job_defaults={"misfire_grace_time": MISFIRE_GRACE_SECONDS})
    scheduler.add_job(_wake_runs, "interval", [office], seconds=TICK_SECONDS, id="due")
    scheduler.add_job(housekeeping.step, "interval", [office, bot], seconds=HOUSEKEEPING_SECONDS, id="keep")
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)


async def _pump_until(stop: asyncio.Event, runtime: Runtime, roles: frozenset[str]) -> None:
    """Run the loops of the chosen roles; when told to stop, let slices that are under way finish within a limit."""
    chosen = list(_pumps(runtime, roles))
    async with asyncio.TaskGroup() as group:
        pumps = [group.create_task(pump(*each, stop), name=each[0]) for each in chosen]
        chat = runtime.messaging.telegram
        polling = [telegram_in.run(runtime.messaging, chat, stop)] if chat is not None and "receive" in roles else []
        polls = [group.create_task(each, name="telegram.in") for each in polling]
        if chosen and sqlite_path(runtime.installation.settings.database_url) is None:
            polls.append(group.create_task(wake_listener.run(runtime.installation.office.wakes), name="wake"))
        await stop.wait()
        log.info("service.stopping")
        for _, _, wake in chosen:
            wake.set()
        for each in polls:
            each.cancel()
        if pumps:
            _, late = await asyncio.wait(pumps, timeout=SHUTDOWN_SECONDS)
            for each in late:
                each.cancel()


def _pumps(runtime: Runtime, roles: frozenset[str]) -> Iterator[tuple[str, Step, WakeUp]]:
    office = runtime.installation.office
    if "receive" in roles:
        yield "bot", partial(bot_step.step, office, runtime.bot), office.wakes.inbound
    if "schedule" in roles:
        yield "runs", partial(running.step, office), office.wakes.runs
    if "send" in roles:
        for sender in runtime.messaging.senders:
            yield f"send.{sender.channel.name}", partial(outbox.step, office, sender), office.wakes.outbox
            if isinstance(sender.channel, Askable):
                asker = Asker(sender.lane, sender.channel)
                yield f"ask.{sender.channel.name}", partial(asking.step, office, asker), WakeUp()
