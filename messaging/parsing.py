"""Bodies of webhooks: bounded, decoded strictly, each parameter once. What is wrong is said by a status, not a 500."""

import asyncio
import json
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from aiohttp import web

MOST_BYTES: Final = 64 * 1024
MOST_FIELDS: Final = 200
READ_SECONDS: Final = 10.0


async def read_body(request: web.Request) -> bytes:
    """Return the body. Raises 413 above 64 KB, 400 for one that is cut, 408 for one that takes more than 10 s."""
    if (request.content_length or 0) > MOST_BYTES:
        raise web.HTTPRequestEntityTooLarge(MOST_BYTES, request.content_length or 0)
    read = bytearray()
    try:
        async with asyncio.timeout(READ_SECONDS):
            async for chunk in request.content.iter_chunked(16 * 1024):
                read += chunk
                if len(read) > MOST_BYTES:
                    raise web.HTTPRequestEntityTooLarge(MOST_BYTES, len(read))
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except (OSError, ValueError, web.PayloadAccessError):
        raise web.HTTPBadRequest from None
    return bytes(read)


def parse_form(body: bytes) -> dict[str, str]:
    """Return a urlencoded form. Raises 400 for what is no UTF-8, for a repeated parameter, for more than 200."""
    form: dict[str, str] = {}
    fields = body.split(b"&") if body else []
    if len(fields) > MOST_FIELDS:
        raise web.HTTPBadRequest
    for field in fields:
        name, equals, value = field.partition(b"=")
        try:
            key, said = _decoded(name), _decoded(value)
        except UnicodeDecodeError:
            raise web.HTTPBadRequest from None
        if not equals or key in form:
            raise web.HTTPBadRequest
        form[key] = said
    return form


def _decoded(part: bytes) -> str:
    return unquote_to_bytes(part.replace(b"+", b" ")).decode("utf-8")


def parse_object(body: bytes) -> dict[str, Any]:
    """Return a JSON object. Raises 400 for anything else, however deep."""
    try:
        data = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise web.HTTPBadRequest from None
    if not isinstance(data, dict):
        raise web.HTTPBadRequest
    return data
