"""What a form sends, read into memory: an uploaded file never touches a disk in clear, not even for a moment."""

from dataclasses import dataclass
from typing import Any, Final

from aiohttp import BodyPartReader, web

MOST_FIELD: Final = 4 * 1024 * 1024
MOST_FILE: Final = 10 * 1024 * 1024
MOST_SIGNED_IN: Final = 64 * 1024 * 1024
MOST_FIELDS: Final = 500
_MULTIPART: Final = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file of a form; `data` is None where it is larger than MOST_FILE. What it was called is not kept."""

    data: bytes | None


async def read_posted(request: web.Request, *, signed_in: bool) -> dict[str, list[Any]]:
    """Return the fields of a form, each with all its values: texts and files.

    Raises 413 where it is too large: for somebody who is not signed in at the usual limit of a body.
    """
    if request.content_type != _MULTIPART:
        posted = await request.post()
        return {name: list(posted.getall(name)) for name in posted}
    most = MOST_SIGNED_IN if signed_in else MOST_FIELD
    if (request.content_length or 0) > most:
        raise web.HTTPRequestEntityTooLarge(most, request.content_length or 0)
    return await _parts(request, most)


async def _parts(request: web.Request, most: int) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    left, count = most, 0
    try:
        async for part in await request.multipart():
            count += 1
            if not isinstance(part, BodyPartReader) or not part.name or count > MOST_FIELDS:
                raise web.HTTPBadRequest
            data, size = await _read(part, MOST_FILE if part.filename is not None else MOST_FIELD, left)
            left -= size
            if part.filename is None:
                found.setdefault(part.name, []).append((data or b"").decode("utf-8", "replace"))
            elif size:
                found.setdefault(part.name, []).append(Uploaded(data))
    except (ValueError, AssertionError):
        raise web.HTTPBadRequest from None
    return found


async def _read(part: BodyPartReader, most: int, left: int) -> tuple[bytes | None, int]:
    """Return a part, None for one above its limit, and how large it is. Raises 413 above what is left of the form."""
    read, size = bytearray(), 0
    while chunk := await part.read_chunk(64 * 1024):
        size += len(chunk)
        if size > left:
            raise web.HTTPRequestEntityTooLarge(left, size)
        if size <= most:
            read += chunk
    return (bytes(read) if size <= most else None), size
