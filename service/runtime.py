"""The running service: everything opened on one exit stack, all loops in one task group, each task named.

SIGTERM and SIGINT end it in order: no new requests, no new slices; what is being sent is waited for up to a limit.
"""

import asyncio
import os
import secrets
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import structlog

from core import logs
from core.clock import Clock
from core.wake import WakeUp
from messaging import http_call
from messaging.setup import Messaging, open_messaging
from messaging.telegram import TelegramSettings
from messaging.twilio_sms import TwilioSettings
from models.database import sqlite_path
from service import wake_listener
from service.lane_keeper import LaneKeeper
from service.opening import Installation, only_service_on_file, open_installation
from service.pumps import SHUTDOWN_SECONDS, Step, pump
from service.settings import Settings

if TYPE_CHECKING:  # what only some roles need is imported by those, so that a process that sends begins soon
    from bot.parts import Bot
    from service.listening import Extend

KEEPER_SECONDS = 1.0
log = structlog.get_logger()


@dataclass(frozen=True)
class Runtime:
    """What runs: the installation, its channels, its bot where one is wanted."""

    installation: Installation
    messaging: Messaging

    @cached_property
    def bot(self) -> "Bot":
        """What answers and looks after records."""
        from bot.parts import Bot

        return Bot.make(self.installation.office, self.installation.kinds)


async def run_service(
    settings: Settings,
    roles: frozenset[str],
    *,
    clock: Clock | None = None,
    extend: "Extend | None" = None,
    frame_ancestor: str | None = None,
) -> None:
    """Run until a signal ends it. `extend` and `frame_ancestor` serve the demo alone."""
    logs.set_up()
    stop = _stop_on_signals()
    async with AsyncExitStack() as stack:
        stack.enter_context(only_service_on_file(settings))
        runtime = await stack.enter_async_context(_open(settings, roles, clock))
        _say_what_is_on(settings, runtime)
        if "web" in roles or "receive" in roles:
            from service.listening import listening

            served = listening(runtime.installation, runtime.messaging, extend, frame_ancestor)
            await stack.enter_async_context(served)
        if "schedule" in roles:
            from service.ticking import ticking

            stack.enter_context(ticking(runtime.installation, runtime.bot))
        log.info("service.ready", listen=settings.listen, roles=",".join(sorted(roles)))
        await _pump_until(stop, runtime, roles)


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    return stop


@asynccontextmanager
async def _open(settings: Settings, roles: frozenset[str], clock: Clock | None) -> AsyncIterator[Runtime]:
    opened = open_installation(settings, clock, sends_only=roles == {"send"})
    async with opened as installation, http_call.open_session() as session:
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
            yield Runtime(installation, messaging)
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


async def _pump_until(stop: asyncio.Event, runtime: Runtime, roles: frozenset[str]) -> None:
    """Run the loops of the chosen roles; when told to stop, let slices that are under way finish within a limit."""
    office = runtime.installation.office
    async with asyncio.TaskGroup() as group:
        keeper = LaneKeeper(runtime.messaging, roles, group)
        chosen = list(_pumps(runtime, roles))
        pumps = [group.create_task(pump(*each, stop), name=each[0]) for each in chosen]
        keeping = pump("lanes", keeper.step, office.wakes.lanes, stop, KEEPER_SECONDS)
        pumps.append(group.create_task(keeping, name="lanes"))
        listeners = []
        if sqlite_path(runtime.installation.settings.database_url) is None:
            listeners.append(group.create_task(wake_listener.run(office.wakes), name="wake"))
        await stop.wait()
        log.info("service.stopping")
        for wake in (office.wakes.inbound, office.wakes.runs, office.wakes.lanes):
            wake.set()
        for each in listeners:
            each.cancel()
        pumps.append(group.create_task(keeper.close(), name="lanes.close"))
        _, late = await asyncio.wait(pumps, timeout=SHUTDOWN_SECONDS)
        for each in late:
            each.cancel()


def _pumps(runtime: Runtime, roles: frozenset[str]) -> Iterator[tuple[str, Step, WakeUp]]:
    """The pumps beside those of lanes."""
    office = runtime.installation.office
    if "receive" in roles:
        from bot import fetching
        from bot import step as bot_step

        yield "bot", partial(bot_step.step, office, runtime.bot), office.wakes.inbound
        yield "files", partial(fetching.step, office, _channel_of(runtime.messaging)), office.wakes.files
    if "schedule" in roles:
        from campaigns import running
        from oversight import patterns, returns
        from records import reading_out

        yield "runs", partial(running.step, office), office.wakes.runs
        yield "returns", partial(returns.step, office, runtime.installation.kinds), office.wakes.runs
        installation = runtime.installation
        look = partial(patterns.step, office, installation.kinds, installation.rules)
        yield "patterns", look, office.wakes.runs
        yield "readers", partial(reading_out.step, office, installation.kinds), office.wakes.runs


def _channel_of(messaging: Messaging) -> Callable[[int], object]:
    """Return what finds the channel of a lane among those that are open now."""

    def channel_of(lane_id: int) -> object:
        lane = messaging.open.get(lane_id)
        return lane.channel if lane is not None else None

    return channel_of
