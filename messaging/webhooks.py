"""What providers post to us: verified, parsed, stored, then answered.

403 for a wrong signature or secret, 400 and 413 for what cannot be read, 404 for a token that we never issued, 503
where it could not be stored (the provider repeats it). Never 500.
"""

import asyncio
import hmac
from collections.abc import Awaitable
from typing import Any, Final, TypeVar

import structlog
from aiohttp import web

from messaging import inbox, parsing, receipts, telegram, twilio_sms
from messaging.channel import Report
from messaging.gateway import GatewaySms
from messaging.setup import Messaging
from messaging.telegram import TelegramChat
from messaging.twilio_sms import TwilioSms

log = structlog.get_logger()

STORE_SECONDS: Final = 10.0
TWIML: Final = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
T = TypeVar("T")


def routes(messaging: Messaging) -> list[web.RouteDef]:
    """Return the routes of the channels that are set up."""
    hooks = Hooks(messaging)
    found: list[web.RouteDef] = []
    if messaging.twilio is not None:
        found += [
            web.post("/hooks/twilio/message", hooks.twilio_message),
            web.post("/hooks/twilio/status/{token}", hooks.twilio_status),
        ]
    if messaging.gateway is not None:
        found += [
            web.post("/hooks/gateway/message", hooks.gateway_message),
            web.post("/hooks/gateway/status", hooks.gateway_status),
        ]
    if messaging.telegram is not None:
        found.append(web.post("/hooks/telegram", hooks.telegram_update))
    return found


class Hooks:
    """The handlers of the routes."""

    def __init__(self, messaging: Messaging) -> None:
        self.messaging, self.office = messaging, messaging.office

    async def twilio_message(self, request: web.Request) -> web.Response:
        """Store an SMS."""
        channel = _set_up(self.messaging.twilio)
        form = await _signed_form(channel, request)
        try:
            arrival = twilio_sms.parse_message(form)
        except ValueError:
            raise web.HTTPBadRequest from None
        await _stored(inbox.receive(self.office, self.messaging.lanes[channel.name].id, arrival))
        return web.Response(text=TWIML, content_type="text/xml")

    async def twilio_status(self, request: web.Request) -> web.Response:
        """Keep a receipt."""
        form = await _signed_form(_set_up(self.messaging.twilio), request)
        try:
            report = twilio_sms.parse_status(form)
        except ValueError:
            raise web.HTTPBadRequest from None
        await self._keep_receipt(request.match_info["token"].replace("\0", ""), report)
        return web.Response(status=204)

    async def _keep_receipt(self, token: str, report: Report) -> None:
        if len(token) > 32 or not await _stored(receipts.record(self.office, token, report)):
            raise web.HTTPNotFound

    async def gateway_message(self, request: web.Request) -> web.Response:
        """Store an SMS that a carrier's gateway delivers."""
        channel = _set_up(self.messaging.gateway)
        data = await _signed_data(channel, request)
        try:
            arrival = channel.parse_message(data)
        except ValueError:
            raise web.HTTPBadRequest from None
        await _stored(inbox.receive(self.office, self.messaging.lanes[channel.name].id, arrival))
        return web.Response(text=channel.settings.hook_answer)

    async def gateway_status(self, request: web.Request) -> web.Response:
        """Keep a receipt of a carrier's gateway."""
        channel = _set_up(self.messaging.gateway)
        data = await _signed_data(channel, request)
        try:
            token, report = channel.parse_status(data)
        except ValueError:
            raise web.HTTPBadRequest from None
        await self._keep_receipt(token, report)
        return web.Response(text=channel.settings.hook_answer)

    async def telegram_update(self, request: web.Request) -> web.Response:
        """Store an update; what is not for us is taken and forgotten."""
        channel = _set_up(self.messaging.telegram)
        _check_secret(channel, request)
        data = parsing.parse_object(await parsing.read_body(request))
        try:
            arrival = telegram.parse_update(data)
        except ValueError:
            raise web.HTTPBadRequest from None
        if arrival is not None:
            await _stored(inbox.receive(self.office, self.messaging.lanes[channel.name].id, arrival))
        return web.Response(status=200)


def _set_up(channel: T | None) -> T:
    if channel is None:
        raise web.HTTPNotFound
    return channel


async def _signed_form(channel: TwilioSms, request: web.Request) -> dict[str, str]:
    form = parsing.parse_form(await parsing.read_body(request))
    signature = request.headers.getall("X-Twilio-Signature", [])
    if len(signature) != 1 or not channel.is_signed(request.raw_path, form, signature[0]) or not channel.is_ours(form):
        log.warning("webhook.refused", provider="twilio")
        raise web.HTTPForbidden
    return form


async def _signed_data(channel: GatewaySms, request: web.Request) -> dict[str, Any]:
    """Return the fields of a signed form or JSON object, as its content type says."""
    body = await parsing.read_body(request)
    signature = request.headers.getall(channel.settings.signature_header, [])
    if len(signature) != 1 or not channel.is_signed(body, signature[0]):
        log.warning("webhook.refused", provider="gateway")
        raise web.HTTPForbidden
    if request.content_type == "application/x-www-form-urlencoded":
        return dict(parsing.parse_form(body))
    return parsing.parse_object(body)


def _check_secret(channel: TelegramChat, request: web.Request) -> None:
    """Refuse everything where no secret is set: then updates come by polling only."""
    given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "").encode("utf-8", "replace")
    secret = channel.settings.webhook_secret.encode()
    if not secret or not hmac.compare_digest(given, secret):
        log.warning("webhook.refused", provider="telegram")
        raise web.HTTPForbidden


async def _stored(work: Awaitable[T]) -> T:
    """Wait for the commit; whatever the database does, the provider is asked to repeat."""
    try:
        async with asyncio.timeout(STORE_SECONDS):
            return await work
    except Exception:
        log.error("webhook.not_stored", exc_info=True)
        raise web.HTTPServiceUnavailable(headers={"Retry-After": "5"}) from None
