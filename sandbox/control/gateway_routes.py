"""Accounts of the carrier; their phones are `sms_routes`'."""

from aiohttp import web

from sandbox.control.body import Body, Unusable, account_named, read_body
from sandbox.control.sms_routes import ACCOUNT_FIELDS, set_account, shown_account
from sandbox.gateway.model import GatewayAccount
from sandbox.world import WORLD, World

FIELDS = ACCOUNT_FIELDS | {"secret", "status_url"}


async def put_account(request: web.Request) -> web.Response:
    """Make an account or change what is given; a new one needs `token` and `secret`."""
    world = request.app[WORLD]
    body = await read_body(request, FIELDS)
    account = _found_or_made(world, request.match_info["sid"], body)
    account.secret = body.text("secret", account.secret)
    account.status_url = body.text("status_url", account.status_url)
    set_account(account, body)
    return web.json_response(shown_account(account))


def _found_or_made(world: World, sid: str, body: Body) -> GatewayAccount:
    if not sid.startswith("GW"):
        raise Unusable("a gateway's account begins with GW")
    account = world.accounts.get(sid)
    if not isinstance(account, GatewayAccount):
        account = world.accounts[sid] = GatewayAccount(sid, body.text("token"), secret=body.text("secret"))
    return account


async def get_account(request: web.Request) -> web.Response:
    """Show an account with the log of its webhooks."""
    return web.json_response(shown_account(account_named(request.app[WORLD], request.match_info["sid"])))


def routes() -> list[web.RouteDef]:
    """Return the routes about the carrier's accounts."""
    path = "/sandbox/api/gateway/accounts/{sid}"
    return [web.put(path, put_account), web.get(path, get_account)]
