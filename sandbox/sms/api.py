"""`/2010-04-01/Accounts/{sid}/Messages…`: what Twilio's SDK talks to."""

import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from sandbox.bad_days import answer_through
from sandbox.faults import Call, Fault
from sandbox.sms.create import check_create, create_message
from sandbox.sms.lookup import full_resource, page_of
from sandbox.sms.model import TwilioAccount
from sandbox.sms.refusals import TwilioDialect, TwilioRefusal, not_found, unauthorized
from sandbox.world import WORLD, World

_DIALECT = TwilioDialect()
_Work = Callable[[World, TwilioAccount, list[Fault]], web.Response]


def _credentials(request: web.Request) -> tuple[str, str]:
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        raise unauthorized()
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise unauthorized() from None
    return name, secret


def authorize(world: World, request: web.Request) -> TwilioAccount:
    """Return the account of the path; one seen for the first time is made with the token that it came with.

    Raises TwilioRefusal 20003 for another account's name or another token than the first.
    """
    sid = request.match_info["account"]
    name, secret = _credentials(request)
    if not sid.startswith("AC") or name != sid or not secret:
        raise unauthorized()
    account = world.accounts.get(sid)
    if account is None:
        account = world.accounts[sid] = TwilioAccount(sid, secret)
    if not hmac.compare_digest(account.token.encode(), secret.encode()):
        raise unauthorized()
    return account


async def _answer(request: web.Request, method: str, form: Mapping[str, str], work: _Work) -> web.StreamResponse:
    world = request.app[WORLD]
    account = authorize(world, request)
    struck = world.faults.strike(Call("twilio", account.sid, method, form.get("To", "")))

    async def answer() -> web.StreamResponse:
        try:
            return work(world, account, struck)
        except TwilioRefusal as refusal:
            return refusal.response()

    return await answer_through(request, struck, world.latency_ms["twilio"], _DIALECT, answer)


async def create(request: web.Request) -> web.StreamResponse:
    """`POST Messages.json`."""
    form = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}

    def work(world: World, account: TwilioAccount, struck: list[Fault]) -> web.Response:
        check_create(account, form)
        return web.json_response(full_resource(create_message(world, account, form, struck)), status=201)

    return await _answer(request, "create", form, work)


async def list_messages(request: web.Request) -> web.StreamResponse:
    """`GET Messages.json`."""

    def work(world: World, account: TwilioAccount, struck: list[Fault]) -> web.Response:
        return web.json_response(page_of(account, request.query))

    return await _answer(request, "list", request.query, work)


async def fetch(request: web.Request) -> web.StreamResponse:
    """`GET Messages/{sid}.json`."""

    def work(world: World, account: TwilioAccount, struck: list[Fault]) -> web.Response:
        message = account.by_sid.get(request.match_info["message"])
        if message is None:
            raise not_found(request.path)
        return web.json_response(full_resource(message))

    return await _answer(request, "fetch", {}, work)


def _worded(
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except TwilioRefusal as refusal:
            return refusal.response()

    return handle


async def _missing(request: web.Request) -> web.StreamResponse:
    raise not_found(request.path)


def routes() -> list[web.RouteDef]:
    """Return the routes of Twilio's side."""
    base = "/2010-04-01/Accounts/{account}"
    return [
        web.post(f"{base}/Messages.json", _worded(create)),
        web.get(f"{base}/Messages.json", _worded(list_messages)),
        web.get(f"{base}/Messages/{{message}}.json", _worded(fetch)),
        web.route("*", "/2010-04-01/{rest:.*}", _worded(_missing)),
    ]
