"""The barest servers: `python -m bench.bare_server PORT [KIND AUTH_TOKEN PUBLIC_URL DATABASE_URL]`.

Without a kind it only says that it is ready. `signature` checks the provider's signature and answers 204; `insert`
also writes one row and commits it, with the bare driver.
"""

import asyncio
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qsl

from aiohttp import web

Insert = Callable[[str, bytes], Awaitable[None]]
_TABLE = "CREATE TABLE IF NOT EXISTS bare_inbound (id {serial}, sid TEXT UNIQUE, body {blob}, at {time})"
_ROW = "INSERT INTO bare_inbound (sid, body, at) VALUES ($1, $2, CURRENT_TIMESTAMP) ON CONFLICT (sid) DO NOTHING"


async def _ready(_request: web.Request) -> web.Response:
    return web.json_response({"ready": True})


def hooks(auth_token: str, public_url: str, insert: Insert | None) -> web.RouteDef:
    """Return a route that checks the signature of what is posted, and inserts it where it is told how."""
    from twilio.request_validator import RequestValidator

    validator = RequestValidator(auth_token)

    async def take(request: web.Request) -> web.Response:
        form = dict(parse_qsl((await request.read()).decode(), keep_blank_values=True))
        if not validator.validate(public_url + request.path, form, request.headers["X-Twilio-Signature"]):
            raise web.HTTPForbidden
        if insert is not None:
            await insert(form["MessageSid"], form["Body"].encode())
        return web.Response(status=204)

    return web.post("/hooks/{tail:.*}", take)


def inserting(path: str) -> Insert:
    """Return an insert into a SQLite file: one thread, one connection, one commit a row."""
    thread = ThreadPoolExecutor(1)

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(_TABLE.format(serial="INTEGER PRIMARY KEY", blob="BLOB", time="TEXT"))
        return connection

    connection = thread.submit(connect).result()

    async def insert(sid: str, body: bytes) -> None:
        row = _ROW.replace("$", "?")
        await asyncio.get_running_loop().run_in_executor(thread, connection.execute, row, (sid, body))

    return insert


async def inserting_on_server(url: str) -> Insert:
    """Return an insert by a pool of eight connections to PostgreSQL."""
    import asyncpg

    pool = await asyncpg.create_pool(url, min_size=8, max_size=8)
    await pool.execute(_TABLE.format(serial="BIGSERIAL PRIMARY KEY", blob="BYTEA", time="TIMESTAMPTZ"))

    async def insert(sid: str, body: bytes) -> None:
        await pool.execute(_ROW, sid, body)

    return insert


async def application(kind: str, auth_token: str, public_url: str, database_url: str) -> web.Application:
    """Return the server of that kind."""
    app = web.Application()
    app.router.add_get("/health/ready", _ready)
    if kind == "ready":
        return app
    insert: Insert | None = None
    if kind == "insert" and database_url.startswith("sqlite"):
        insert = inserting(database_url.removeprefix("sqlite://"))
    elif kind == "insert":
        insert = await inserting_on_server(database_url)
    app.add_routes([hooks(auth_token, public_url, insert)])
    return app


if __name__ == "__main__":
    given = [*sys.argv[1:], "ready", "", "", ""][:5] if len(sys.argv) < 6 else sys.argv[1:6]
    web.run_app(application(*given[1:]), host="127.0.0.1", port=int(given[0]), access_log=None, print=None)
