"""Sending: what a message costs from the claim to the durable result, and how many a second one process makes."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from telegram import Bot
from telegram.request import HTTPXRequest

from bench import bare_client
from bench.agency import RATE, SENDER, TEXT, filled, identity
from bench.figures import Experiment, Line, Sample, at_least, at_most
from bench.meter import Spent, measured
from bench.stand import Stand
from bench.store import opened
from messaging import http_call, outbox
from messaging.channel import SMS, TELEGRAM
from messaging.setup import open_messaging
from messaging.telegram import TelegramSettings
from messaging.twilio_sms import TwilioSettings


@asynccontextmanager
async def sent_run(stand: Stand, channel: str, size: int) -> AsyncIterator[Spent]:
    """Send a filled run with the outbox's own steps, as fast as it goes; every message has to be accepted.

    Inside the block its database is still open.
    """
    run = filled(stand.office, channel, size)
    async with stand.store.copy(run) as url, opened(url), http_call.open_session() as session:
        messaging = await open_messaging(stand.office, session, **_settings(stand, channel), owner="bench", alone=True)
        with measured() as spent:
            await _send_all(stand, messaging.senders[0])
        books = await outbox.books()
        if books.accepted_ever != size:
            raise RuntimeError(f"{size} messages were to be accepted: {books}")
        await messaging.close()
        yield spent


async def send_ours(stand: Stand, channel: str, size: int) -> Spent:
    """Send a run and return what it took."""
    async with sent_run(stand, channel, size) as spent:
        return spent


async def _send_all(stand: Stand, sender: outbox.Sender) -> None:
    while await outbox.step(stand.office, sender) or (await outbox.books()).open:
        pass


def _settings(stand: Stand, channel: str) -> dict[str, Any]:
    sms = TwilioSettings(bare_client.ACCOUNT, bare_client.TOKEN, SENDER, stand.sink_url, RATE)
    chat = TelegramSettings(bare_client.BOT, stand.sink_url, rate=RATE)
    return {"twilio": sms if channel == SMS else None, "telegram": chat if channel == TELEGRAM else None}


async def _stock_bot(stand: Stand, size: int) -> None:
    """Send with the library as its documentation shows it, sixteen at once."""
    request = HTTPXRequest(connection_pool_size=bare_client.AT_ONCE, pool_timeout=60)
    numbers = iter(range(1, size + 1))
    async with Bot(bare_client.BOT, base_url=f"{stand.sink_url}/bot", request=request) as bot:

        async def work() -> None:
            for number in numbers:
                await bot.send_message(identity(TELEGRAM, number), TEXT)

        async with asyncio.TaskGroup() as group:
            for _ in range(bare_client.AT_ONCE):
                group.create_task(work())


async def measure_sms(stand: Stand, size: int) -> Mapping[str, Sample]:
    """Send a run by SMS, and as much with bare aiohttp."""
    with measured() as bare:
        await bare_client.send_sms(stand.sink_url, size)
    ours = await send_ours(stand, SMS, size)
    return {"sms.cpu": _cpu(ours, bare, size), "sms.rate": Sample(size / ours.wall, size / bare.wall)}


async def measure_chat(stand: Stand, size: int) -> Mapping[str, Sample]:
    """Send a run by Telegram, as much with bare aiohttp, and as much with the library's own client."""
    with measured() as bare:
        await bare_client.send_chat(stand.sink_url, size)
    ours = await send_ours(stand, TELEGRAM, size)
    with measured() as stock:
        await _stock_bot(stand, size)
    return {
        "chat.cpu": _cpu(ours, bare, size),
        "chat.cpu.stock": _cpu(ours, stock, size),
        "chat.rate": Sample(size / ours.wall, size / bare.wall),
    }


def _cpu(ours: Spent, base: Spent, size: int) -> Sample:
    return Sample(ours.cpu / size * 1000, base.cpu / size * 1000)


SMS_RUN = Experiment(
    "sms",
    measure_sms,
    (2000, 1000, 40),
    (
        Line("sms.cpu", "CPU of an SMS from claim to durable result", "bare aiohttp", "ms", at_most(2.0)),
        Line("sms.rate", "durable SMS a second of one process", "bare aiohttp", "/s", at_least(0.4)),
    ),
)
CHAT_RUN = Experiment(
    "chat",
    measure_chat,
    (1000, 500, 40),
    (
        Line("chat.cpu", "CPU of a Telegram message, the same way", "bare aiohttp", "ms", at_most(4.0)),
        Line("chat.cpu.stock", "CPU of a Telegram message", "stock Bot.send_message", "ms", at_most(0.3)),
        Line("chat.rate", "durable Telegram messages a second", "bare aiohttp", "/s"),
    ),
)
