"""The ledger, the clock, the reset and the stream of changes."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import islice
from typing import Any

from aiohttp import web

from sandbox.control.body import Unusable, read_body
from sandbox.control.fault_routes import bot_token
from sandbox.ledger import FIELDS, Entry
from sandbox.world import WORLD, World

ROWS_AT_ONCE = 5_000
COALESCE_SECONDS = 0.15
BEAT_SECONDS = 15.0


def _owner(world: World, request: web.Request) -> str | None:
    bot = request.query.get("bot")
    return request.query.get("account") or (bot_token(world, bot) if bot else None)


def _number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    if text and not text.isdecimal():
        raise Unusable(f"{name}: a whole number is needed")
    return int(text) if text else default


def _fields(request: web.Request) -> tuple[str, ...]:
    names = tuple(filter(None, request.query.get("fields", "").split(",")))
    unknown = [name for name in names if name not in FIELDS]
    if unknown:
        raise Unusable(f"fields: {', '.join(unknown)} is none of {', '.join(FIELDS)}")
    return names


def _row(entry: Entry, names: tuple[str, ...]) -> Any:
    if names:
        return [getattr(entry, name) for name in names]
    return {name: getattr(entry, name) for name in FIELDS}


async def get_ledger(request: web.Request) -> web.StreamResponse:
    """Stream what was accepted, in order: objects, or with `fields` arrays of those values."""
    world = request.app[WORLD]
    names = _fields(request)
    limit = _number(request, "limit", 0)
    chosen: Iterator[Entry] = world.ledger.select(_owner(world, request), _number(request, "after", 0))
    entries = list(islice(chosen, limit) if limit else chosen)
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    head = {"total": len(entries), "fields": list(names or FIELDS)}
    await response.write(json.dumps(head)[:-1].encode() + b', "rows": [')
    for start in range(0, len(entries), ROWS_AT_ONCE):
        part = entries[start : start + ROWS_AT_ONCE]
        text = json.dumps([_row(entry, names) for entry in part], ensure_ascii=False)[1:-1]
        await response.write((", " if start else "").encode() + text.encode())
        await asyncio.sleep(0)
    await response.write(b"]}")
    return response


async def reset(request: web.Request) -> web.Response:
    """Forget everything, or one `account` or `bot`."""
    world = request.app[WORLD]
    body = await read_body(request, {"account", "bot"})
    bot = body.maybe_text("bot")
    world.forget(body.maybe_text("account") or (bot_token(world, bot) if bot else None))
    return web.Response(status=204)


async def put_clock(request: web.Request) -> web.Response:
    """Move the dates that are shown by `offset_s` seconds from the real time."""
    world = request.app[WORLD]
    body = await read_body(request, {"offset_s"})
    world.clock.offset = timedelta(seconds=body.number("offset_s"))
    return web.json_response({"now": world.clock.now().isoformat()})


async def events(request: web.Request) -> web.StreamResponse:
    """Tell what changed as server-sent events: `{"changed": ["sms:AC…:+86…", "chat:123:456"]}`."""
    world = request.app[WORLD]
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    await response.write(b": ready\n\n")
    with suppress(ConnectionResetError), world.changes.listen() as subscription:
        while request.transport is not None and not request.transport.is_closing():
            try:
                changed = await asyncio.wait_for(subscription.take(), BEAT_SECONDS)
            except TimeoutError:
                await response.write(b": still here\n\n")
                continue
            await response.write(f"data: {json.dumps({'changed': changed})}\n\n".encode())
            await asyncio.sleep(COALESCE_SECONDS)
    return response


def routes() -> list[web.RouteDef]:
    """Return the routes about ledger, clock, reset and events."""
    api = "/sandbox/api"
    return [
        web.get(f"{api}/ledger", get_ledger),
        web.post(f"{api}/reset", reset),
        web.put(f"{api}/clock", put_clock),
        web.get(f"{api}/events", events),
    ]
