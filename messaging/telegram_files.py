"""What a chat message carries besides its text, and how a file of it is fetched. The library's objects come from above.

Sources: Bot API (Message, PhotoSize, getFile: 20 MB at most, a link of one hour).
"""

from datetime import UTC, datetime
from typing import Any, Final

import aiohttp

from messaging import http_call
from messaging.channel import Attached, FileRefused
from messaging.http_call import Unclear

FETCH_SECONDS: Final = 60.0
MOST_NAME: Final = 256
SORTS: Final = ("voice", "audio", "document")
"""Beside photos; a picture that moves, a sticker, a place or a contact is not taken."""


def files_of(message: Any) -> tuple[Attached, ...]:
    """Return the file of a message: of a photo its largest size. Raises ValueError where its fields are strange."""
    if message.photo:
        return (_attached("photo", max(message.photo, key=lambda size: size.width * size.height)),)
    if message.animation is not None:
        return ()
    found = ((sort, getattr(message, sort)) for sort in SORTS)
    return tuple(_attached(sort, file) for sort, file in found if file is not None)


def _attached(sort: str, file: Any) -> Attached:
    names = (file.file_id, file.file_unique_id)
    if not all(isinstance(each, str) and each.isascii() and each.isprintable() for each in names):
        raise ValueError("strange file id")
    if any(not 0 < len(each) <= MOST_NAME for each in names):
        raise ValueError("strange file id")
    return Attached(sort, *names, file.file_size if isinstance(file.file_size, int) else None)


def album_of(message: Any) -> str | None:
    """Return what ties the pictures of an album together."""
    name = message.media_group_id
    return name if isinstance(name, str) and len(name) <= MOST_NAME else None


def forwarded_at(message: Any) -> datetime | None:
    """Return when a message that is passed on was first sent, None for one that is not."""
    date = getattr(message.forward_origin, "date", None)
    return date.astimezone(UTC) if isinstance(date, datetime) and date.tzinfo is not None else None


async def download(session: aiohttp.ClientSession, url: str, most_bytes: int) -> bytes:
    """Fetch a file whose link was just given.

    Raises FileRefused for one that is too large, else NotWritten, Unclear or Throttled.
    """
    try:
        answer = await http_call.call(session, "GET", url, seconds=FETCH_SECONDS, most_bytes=most_bytes)
    except Unclear as error:
        if str(error) == http_call.ENDLESS:
            raise FileRefused(FileRefused.TOO_LARGE) from None
        raise
    if answer.status != 200:
        raise Unclear(f"file_{answer.status}")
    told = answer.headers.get("Content-Length")
    if told is not None and told.isdecimal() and int(told) != len(answer.body):
        raise Unclear("file_cut")
    return answer.body
