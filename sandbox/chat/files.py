"""Files in chats: what a person sends, what `getFile` says of it, and the download."""

import base64
import binascii
import secrets
from dataclasses import dataclass
from typing import Any, Final

MOST_DOWNLOAD: Final = 20 * 1024 * 1024
"""Bots download no more; the Bot API refuses `getFile` for anything larger."""
SORTS: Final = ("photo", "voice", "audio", "document", "video_note", "video", "sticker")
_FOLDERS: Final = {"photo": "photos", "voice": "voice", "audio": "music", "video_note": "video_notes"}


@dataclass(frozen=True, slots=True)
class SandboxFile:
    """A file of a bot. `file_id` differs for each bot and message, `lasting` never; `said_size` is what is told."""

    file_id: str
    lasting: str
    sort: str
    data: bytes
    name: str
    mime: str
    said_size: int

    @property
    def path(self) -> str:
        """What `getFile` calls it for the download."""
        return f"{_FOLDERS.get(self.sort, 'documents')}/file_{self.lasting}"

    def described(self) -> dict[str, Any]:
        """Return it as Telegram's `File`."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.lasting,
            "file_size": self.said_size,
            "file_path": self.path,
        }

    def in_message(self) -> dict[str, Any]:
        """Return it as a message carries it."""
        shown: dict[str, Any] = {
            "file_id": self.file_id,
            "file_unique_id": self.lasting,
            "file_size": self.said_size,
        }
        match self.sort:
            case "photo":
                small = {**shown, "file_id": f"{self.file_id}s", "file_unique_id": f"{self.lasting}s", "file_size": 900}
                return {"photo": [{**small, "width": 90, "height": 67}, {**shown, "width": 1280, "height": 960}]}
            case "voice":
                return {"voice": {**shown, "duration": 3, "mime_type": self.mime or "audio/ogg"}}
            case "video_note":
                return {"video_note": {**shown, "duration": 3, "length": 240}}
            case "sticker":
                sorts = {"width": 512, "height": 512, "is_animated": False, "is_video": False, "type": "regular"}
                return {"sticker": {**shown, **sorts}}
            case _:
                named = {"file_name": self.name} if self.name else {}
                timed = {"duration": 3} if self.sort in ("audio", "video") else {}
                wide = {"width": 640, "height": 480} if self.sort == "video" else {}
                return {self.sort: {**shown, **named, **timed, **wide, "mime_type": self.mime or "application/x"}}


def new_file(sort: str, encoded: str, name: str, mime: str, lasting: str, said_size: int | None) -> SandboxFile:
    """Return a file from its base64 content; raises ValueError for another sort or no base64."""
    if sort not in SORTS:
        raise ValueError(f"sort is one of {', '.join(SORTS)}")
    try:
        data = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise ValueError("data is no base64") from None
    unique = lasting or secrets.token_hex(8)
    size = len(data) if said_size is None else said_size
    return SandboxFile(f"AgAC{secrets.token_urlsafe(24)}", unique, sort, data, name, mime, size)
