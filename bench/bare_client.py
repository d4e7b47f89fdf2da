"""The barest client: aiohttp, sixteen at once, the same bytes to the same provider, the answer's id read."""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bench.agency import SENDER, TEXT, identity
from messaging.channel import SMS, TELEGRAM

ACCOUNT, TOKEN = "AC00000000000000000000000000000000", "0123456789abcdef0123456789abcdef"
AT_ONCE = 16
BOT = "7000000001:AAExampleExampleExampleExampleExamp"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def send_sms(sink_url: str, many: int) -> None:
    """Create that many messages as Twilio's API wants them."""
    url = f"{sink_url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    headers = {**_FORM, "Authorization": aiohttp.encode_basic_auth(ACCOUNT, TOKEN)}
    callback = "http://127.0.0.1:8080/hooks/twilio/status/aaaaaaaaaaaaaaaaaaaaaa#rp=all&rc=5"

    def body(number: int) -> Mapping[str, str]:
        return {"To": identity(SMS, number), "From": SENDER, "Body": TEXT, "StatusCallback": callback}

    await _post_all(url, headers, map(body, range(1, many + 1)), lambda answer: answer["sid"])


async def send_chat(sink_url: str, many: int) -> None:
    """Send that many messages as Telegram's Bot API wants them."""
    preview = '{"is_disabled": true}'

    def body(number: int) -> Mapping[str, str]:
        return {"chat_id": identity(TELEGRAM, number), "text": TEXT, "link_preview_options": preview}

    url = f"{sink_url}/bot{BOT}/sendMessage"
    await _post_all(url, _FORM, map(body, range(1, many + 1)), lambda answer: answer["result"]["message_id"])


async def _post_all(
    url: str, headers: Mapping[str, str], forms: Iterable[Mapping[str, str]], read_id: Callable[[Any], Any]
) -> None:
    waiting = iter(forms)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:

        async def work() -> None:
            for form in waiting:
                async with session.post(url, data=urlencode(form).encode(), headers=headers) as response:
                    read_id(json.loads(await response.read()))

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(work())
