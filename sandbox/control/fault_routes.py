"""Scripting bad days."""

from aiohttp import web

from sandbox.control.body import Body, Unusable, bot_named, read_body
from sandbox.faults import BODIES, EFFECTS, RECEIPT_EFFECTS, Fault, Match, describe
from sandbox.world import WORLD, World

_FIELDS = {
    "provider",
    "match",
    "effect",
    "ms",
    "status",
    "retry_after",
    "error_code",
    "body",
    "count",
    "probability",
    "seed",
}
_MATCH_FIELDS = {"account", "bot", "to", "method", "nth", "every", "first"}
PROVIDERS = ("twilio", "gateway", "telegram")


def _read_match(world: World, body: Body) -> Match:
    unknown = sorted(body.names() - _MATCH_FIELDS)
    if unknown:
        raise Unusable(f"unknown field: match.{', match.'.join(unknown)}")
    bot = body.maybe_text("bot")
    owner = body.maybe_text("account") or (bot_token(world, bot) if bot else None)
    counts = {name: body.maybe_number(name) for name in ("nth", "every", "first")}
    for name, value in counts.items():
        if value is not None and value < 1:
            raise Unusable(f"match.{name}: counts from 1")
    return Match(owner, body.maybe_text("to"), body.maybe_text("method"), **counts)


def bot_token(world: World, named: str) -> str:
    """Return a bot's token by token or number; a token not seen yet stands for itself."""
    return named if ":" in named else bot_named(world, named).token


def _read_fault(world: World, body: Body) -> Fault:
    provider, effect = body.text("provider"), body.text("effect")
    if provider not in PROVIDERS:
        raise Unusable("provider: twilio, gateway or telegram")
    if effect not in EFFECTS:
        raise Unusable(f"effect: one of {', '.join(sorted(EFFECTS))}")
    if effect in RECEIPT_EFFECTS and provider == "telegram":
        raise Unusable(f"effect: telegram has no receipts, so no {effect}")
    content = body.text("body", "empty")
    if content not in BODIES:
        raise Unusable(f"body: one of {', '.join(BODIES)}")
    status = body.number("status", 503)
    if not 500 <= status <= 599:
        raise Unusable("status: 500 to 599")
    return Fault(
        id=world.faults.next_id(),
        provider=provider,
        effect=effect,
        match=_read_match(world, body.part("match")),
        ms=body.maybe_number("ms"),
        status=status,
        retry_after=None if body.is_null("retry_after") else body.real_or_text("retry_after", 1),
        error_code=body.maybe_number("error_code"),
        body=content,
        count=body.maybe_number("count"),
        probability=body.real("probability", 1.0),
        seed=body.number("seed", 0),
    )


async def add_fault(request: web.Request) -> web.Response:
    """Put a rule in force."""
    world = request.app[WORLD]
    fault = _read_fault(world, await read_body(request, _FIELDS))
    world.faults.add(fault)
    return web.json_response(describe(fault), status=201)


async def list_faults(request: web.Request) -> web.Response:
    """List the rules in force with how often they were looked at and fired."""
    return web.json_response([describe(fault) for fault in request.app[WORLD].faults.all()])


async def get_fault(request: web.Request) -> web.Response:
    """Show one rule."""
    fault = request.app[WORLD].faults.find(request.match_info["id"])
    if fault is None:
        raise Unusable("no such fault", 404)
    return web.json_response(describe(fault))


async def remove_fault(request: web.Request) -> web.Response:
    """Take one rule out of force."""
    if not request.app[WORLD].faults.remove(request.match_info["id"]):
        raise Unusable("no such fault", 404)
    return web.Response(status=204)


async def clear_faults(request: web.Request) -> web.Response:
    """Take every rule out of force, or those made for one `account` or `bot`."""
    world = request.app[WORLD]
    bot = request.query.get("bot")
    world.faults.clear(request.query.get("account") or (bot_token(world, bot) if bot else None))
    return web.Response(status=204)


async def put_latency(request: web.Request) -> web.Response:
    """Set how long each call of a provider takes at least, in milliseconds."""
    world = request.app[WORLD]
    body = await read_body(request, set(PROVIDERS))
    for provider in PROVIDERS:
        world.latency_ms[provider] = body.number(provider, world.latency_ms[provider])
    return web.json_response(world.latency_ms)


def routes() -> list[web.RouteDef]:
    """Return the routes about faults."""
    api = "/sandbox/api"
    return [
        web.post(f"{api}/faults", add_fault),
        web.get(f"{api}/faults", list_faults),
        web.delete(f"{api}/faults", clear_faults),
        web.get(f"{api}/faults/{{id}}", get_fault),
        web.delete(f"{api}/faults/{{id}}", remove_fault),
        web.put(f"{api}/latency", put_latency),
    ]
