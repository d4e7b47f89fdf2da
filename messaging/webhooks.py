"""What providers post to us: verified, parsed, stored, then answered.

403 for a wrong signature or secret, 400 and 413 for what cannot be read, 404 for a token that we never issued, 503
where it could not be stored (the provider repeats it). Never 500.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

import structlog
from aiohttp import web

from messaging import inbox, parsing, telegram, twilio_sms
from messaging.channel import Report
from messaging.gateway import GatewaySms
from messaging.lanes import Lane
from messaging.receipt_writer import ReceiptWriter
from messaging.setup import Messaging
from messaging.telegram import TelegramChat
from messaging.twilio_sms import TwilioSms

log = structlog.get_logger()

STORE_SECONDS: Final = 10.0
TWIML: Final = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
T = TypeVar("T")


def routes(messaging: Messaging) -> list[web.RouteDef]:
    """Return the routes of all providers; one without a lane answers 404."""
    hooks = Hooks(messaging)
    return [
        web.post("/hooks/twilio/message", hooks.twilio_message),
        web.post("/hooks/twilio/status/{token}", hooks.twilio_status),
        web.post("/hooks/gateway/message", hooks.gateway_message),
        web.post("/hooks/gateway/status", hooks.gateway_status),
        web.post("/hooks/telegram", hooks.telegram_update),
    ]


class Hooks:
    """The handlers of the routes."""

    def __init__(self, messaging: Messaging) -> None:
        self.messaging, self.office = messaging, messaging.office
        self.receipts = ReceiptWriter(self.office)

    async def twilio_message(self, request: web.Request) -> web.Response:
        """Store an SMS."""
        form, lanes = await self._signed_form(request)
        try:
            arrival = twilio_sms.parse_message(form)
        except ValueError:
            raise web.HTTPBadRequest from None
        await _stored(inbox.receive(self.office, _lane_of(form, lanes).id, arrival))
        return web.Response(text=TWIML, content_type="text/xml")

    async def twilio_status(self, request: web.Request) -> web.Response:
        """Keep a receipt."""
        form, _ = await self._signed_form(request)
        try:
            report = twilio_sms.parse_status(form)
        except ValueError:
            raise web.HTTPBadRequest from None
        await self._keep_receipt(request.match_info["token"].replace("\0", ""), report)
        return web.Response(status=204)

    async def _keep_receipt(self, token: str, report: Report) -> None:
        if len(token) > 32 or not await _stored(self.receipts.record(token, report)):
            raise web.HTTPNotFound

    async def gateway_message(self, request: web.Request) -> web.Response:
        """Store an SMS that a carrier's gateway delivers."""
        lane, channel = _set_up(self.messaging.of(GatewaySms))
        data = await _signed_data(channel, request)
        try:
            arrival = channel.parse_message(data)
        except ValueError:
            raise web.HTTPBadRequest from None
        await _stored(inbox.receive(self.office, lane.id, arrival))
        return web.Response(text=channel.settings.hook_answer)

    async def gateway_status(self, request: web.Request) -> web.Response:
        """Keep a receipt of a carrier's gateway."""
        _, channel = _set_up(self.messaging.of(GatewaySms))
        data = await _signed_data(channel, request)
        try:
            token, report = channel.parse_status(data)
        except ValueError:
            raise web.HTTPBadRequest from None
        await self._keep_receipt(token, report)
        return web.Response(text=channel.settings.hook_answer)

    async def telegram_update(self, request: web.Request) -> web.Response:
        """Store an update; what is not for us is taken and forgotten."""
        lane = await self._lane_of_bot(request)
        data = parsing.parse_object(await parsing.read_body(request))
        try:
            arrival = telegram.parse_update(data)
        except ValueError:
            raise web.HTTPBadRequest from None
        if arrival is not None:
            await _stored(inbox.receive(self.office, lane.id, arrival))
        return web.Response(status=200)

    async def _signed_form(self, request: web.Request) -> tuple[dict[str, str], list[tuple[Lane, TwilioSms]]]:
        """Return the form and the lanes of the account that it names and whose token signed it."""
        _set_up(await self._found(lambda: self.messaging.of(TwilioSms)))
        form = parsing.parse_form(await parsing.read_body(request))
        signature = request.headers.getall("X-Twilio-Signature", [])
        lanes = await self._found(lambda: _of_account(self.messaging, form))
        path = request.raw_path
        signed = [each for each in lanes if len(signature) == 1 and each[1].is_signed(path, form, signature[0])]
        if not signed:
            log.warning("webhook.refused", provider="twilio")
            raise web.HTTPForbidden
        return form, signed

    async def _lane_of_bot(self, request: web.Request) -> Lane:
        """Return the lane of the bot whose secret this is.

        Everything is refused for a bot without a secret: its updates come by polling only.
        """
        _set_up(await self._found(lambda: self.messaging.of(TelegramChat)))
        given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "").encode("utf-8", "replace")
        lanes = await self._found(lambda: _with_secret(self.messaging, given))
        if not lanes:
            log.warning("webhook.refused", provider="telegram")
            raise web.HTTPForbidden
        return lanes[0]

    async def _found(self, find: Callable[[], list[T]]) -> list[T]:
        """Find; where nothing is, once more among lanes that were added since."""
        if found := find():
            return found
        await _stored(self.messaging.refresh())
        return find()


def _set_up(lanes: Sequence[T]) -> T:
    if not lanes:
        raise web.HTTPNotFound
    return lanes[0]


def _of_account(messaging: Messaging, form: dict[str, str]) -> list[tuple[Lane, TwilioSms]]:
    return [(lane, channel) for lane, channel in messaging.of(TwilioSms) if channel.is_ours(form)]


def _lane_of(form: dict[str, str], lanes: Sequence[tuple[Lane, TwilioSms]]) -> Lane:
    """Return the lane that was written to: by its number or its Messaging Service, else the account's first."""
    written_to = {form.get("To", ""), form.get("MessagingServiceSid", "")}
    return next((lane for lane, channel in lanes if channel.settings.sender in written_to), lanes[0][0])


def _with_secret(messaging: Messaging, given: bytes) -> list[Lane]:
    secrets = [(lane, channel.settings.webhook_secret.encode()) for lane, channel in messaging.of(TelegramChat)]
    return [lane for lane, secret in secrets if secret and hmac.compare_digest(given, secret)]


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


async def _stored(work: Awaitable[T]) -> T:
    """Wait for the commit; whatever the database does, the provider is asked to repeat."""
    try:
        async with asyncio.timeout(STORE_SECONDS):
            return await work
    except Exception:
        log.error("webhook.not_stored", exc_info=True)
        raise web.HTTPServiceUnavailable(headers={"Retry-After": "5"}) from None
