"""What a file is, by its content alone: a name or a type that somebody gave it says nothing."""

from typing import Final

JPEG: Final = "image/jpeg"
PNG: Final = "image/png"
WEBP: Final = "image/webp"
HEIC: Final = "image/heic"
PDF: Final = "application/pdf"
OGG: Final = "audio/ogg"
MP3: Final = "audio/mpeg"
M4A: Final = "audio/mp4"
TEXT: Final = "text/plain"
ENDINGS: Final = {
    JPEG: "jpg",
    PNG: "png",
    WEBP: "webp",
    PDF: "pdf",
    OGG: "ogg",
    MP3: "mp3",
    M4A: "m4a",
    TEXT: "txt",
}
"""The types that are taken, each with the ending of a kept file."""

_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"})
_M4A_BRANDS: Final = frozenset(
    {b"M4A ", b"M4B ", b"mp42", b"mp41", b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"dash"}
)
_MARKUP: Final = (b"<", b"{\\rtf", b"%!", b"#!", b"MZ")
_SCRIPTS: Final = ("<script", "<svg", "<html", "<!doctype", "<?xml", "<?php")
_NOT_TEXT: Final = frozenset(range(32)) - {9, 10, 12, 13}


def media_type(data: bytes) -> str | None:
    """Return the type of a file by its first bytes (text by all of them); None for everything that is not known."""
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    if data[4:8] == b"ftyp":
        return _of_brand(data[8:12])
    if data.startswith(b"%PDF-"):
        return PDF
    if data.startswith(b"OggS"):
        return OGG
    if data.startswith(b"ID3") or _is_mp3_frame(data):
        return MP3
    return TEXT if _is_text(data) else None


def _of_brand(brand: bytes) -> str | None:
    if brand in _HEIC_BRANDS:
        return HEIC
    return M4A if brand in _M4A_BRANDS else None


def _is_mp3_frame(data: bytes) -> bool:
    """MPEG audio, layer III, with a bit rate and a sampling rate that exist."""
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE0 != 0xE0:
        return False
    version, layer = data[1] >> 3 & 3, data[1] >> 1 & 3
    return version != 1 and layer == 1 and 0 < data[2] >> 4 < 15 and data[2] >> 2 & 3 != 3


def _is_text(data: bytes) -> bool:
    """UTF-8 without control characters, and no markup that a program would run or draw."""
    if not data.strip() or data.lstrip().startswith(_MARKUP) or not _NOT_TEXT.isdisjoint(data):
        return False
    try:
        start = data.decode("utf-8")[:4096].casefold()
    except UnicodeDecodeError:
        return False
    return not any(mark in start for mark in _SCRIPTS)
