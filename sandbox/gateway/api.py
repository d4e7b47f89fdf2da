"""`POST /gateway/{account}/messages`: one message, as JSON or form, answered with a code and an id."""

import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from sandbox.bad_days import answer_through
from sandbox.faults import Call, Fault
from sandbox.gateway.model import GatewayAccount
from sandbox.sms.create import check_create, create_message
from sandbox.sms.refusals import TwilioRefusal, retry_header
from sandbox.world import WORLD, World

REPEATED = "#rp=all&rc=5"
"""The carrier repeats a webhook after any failure, five times."""

CODES = {20003: "1001", 21211: "1002", 21604: "1002", 21602: "1003", 21617: "1004", 21610: "1005"}
"""The carrier's codes for what is refused; 1006 for the rest, 1007 when it is too much, 1008 when it is down."""


class GatewayDialect:
    """How the carrier words a bad day."""

    def rate_limited(self, retry_after: float | str | None) -> web.Response:
        """Answer 429; `Retry-After` only when a time is given."""
        return web.json_response({"code": "1007"}, status=429, headers=retry_header(retry_after))

    def unavailable(self, status: int) -> web.Response:
        """Answer with a 5xx."""
        return web.json_response({"code": "1008"}, status=status)

    def rejected(self, fault: Fault) -> web.Response | None:
        """Refuse with the fault's code, 1001 as 401; codes from 30000 on are failures after acceptance."""
        code = fault.error_code or 30008
        if code >= 30000:
            return None
        return web.json_response({"code": str(code)}, status=401 if code == 1001 else 400)

    def without_id(self) -> dict[str, Any]:
        """Return a good code without the id."""
        return {"code": "0", "data": {}}


_DIALECT = GatewayDialect()


def _account(world: World, request: web.Request) -> GatewayAccount | None:
    account = world.accounts.get(request.match_info["account"])
    key = request.headers.get("X-Api-Key", "")
    if not isinstance(account, GatewayAccount) or not hmac.compare_digest(account.token.encode(), key.encode()):
        return None
    return account


async def _said(request: web.Request) -> dict[str, str]:
    """Return the texts of the body; empty for what is no form and no JSON object."""
    if request.content_type != "application/json":
        return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    try:
        data = json.loads(await request.text())
    except ValueError:
        return {}
    return {name: value for name, value in data.items() if isinstance(value, str)} if isinstance(data, dict) else {}


async def send(request: web.Request) -> web.StreamResponse:
    """Take `mobile`, `content`, `from` and `ref`; answer `{"code": "0", "data": {"msgid": …}}` or a refusal's code."""
    world = request.app[WORLD]
    account = _account(world, request)
    if account is None:
        return web.json_response({"code": "1001"}, status=401)
    said = await _said(request)
    struck = world.faults.strike(Call("gateway", account.sid, "create", said.get("mobile", "")))

    async def answer() -> web.StreamResponse:
        return _accepted(world, account, said, struck)

    return await answer_through(request, struck, world.latency_ms["gateway"], _DIALECT, answer)


def _accepted(world: World, account: GatewayAccount, said: Mapping[str, str], struck: Sequence[Fault]) -> web.Response:
    callback = account.status_url and account.status_url + REPEATED
    form = {
        "To": said.get("mobile", ""),
        "From": said.get("from") or account.sender,
        "Body": said.get("content", ""),
        "StatusCallback": callback,
    }
    try:
        check_create(account, form)
    except TwilioRefusal as refusal:
        return web.json_response({"code": CODES.get(refusal.code, "1006")}, status=400)
    message = create_message(world, account, form, struck)
    account.refs[message.sid] = said.get("ref", "")
    return web.json_response({"code": "0", "data": {"msgid": message.sid}})


def routes() -> list[web.RouteDef]:
    """Return the routes of the carrier's side."""
    return [web.post("/gateway/{account}/messages", send)]
