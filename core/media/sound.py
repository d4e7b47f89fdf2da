"""MP3 and M4A: what is told about the sound is taken away, the sound itself stays byte for byte.

Sources: ID3v2.4 structure and ID3v1 (id3.org), APEv2, ISO/IEC 14496-12 (boxes).
"""

import struct
from typing import Final

from core.media.result import BAD_TYPE, DAMAGED, Unfit
from core.media.sniff import media_type

_CONTAINERS: Final = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf"})
_TOLD: Final = frozenset({b"udta", b"meta", b"uuid", b"free", b"skip", b"Xtra", b"pnot", b"ilst"})
_TIMED: Final = frozenset({b"mvhd", b"tkhd", b"mdhd"})
_AFTER: Final = "audio/mpeg"


def clean_mp3(data: bytes) -> bytes:
    """Return the frames without ID3 and APE tags. Raises Unfit where no sound begins behind the tags."""
    data = _without_tail(_without_id3(data))
    if data[:3] == b"ID3" or media_type(data) != _AFTER:
        raise Unfit(DAMAGED)
    return data


def _without_id3(data: bytes) -> bytes:
    """ID3v2 stands in front: its size is four times seven bits, a footer takes ten bytes more."""
    while data.startswith(b"ID3"):
        if len(data) < 10 or any(byte & 0x80 for byte in data[6:10]):
            raise Unfit(DAMAGED)
        size = data[6] << 21 | data[7] << 14 | data[8] << 7 | data[9]
        data = data[10 + size + (10 if data[5] & 0x10 else 0) :]
    return data.lstrip(b"\0")


def _without_tail(data: bytes) -> bytes:
    """ID3v1, APEv2 and Lyrics3 stand at the end, in any order."""
    while True:
        shorter = data
        if shorter[-128:-125] == b"TAG":
            shorter = shorter[:-128]
        if shorter[-32:-24] == b"APETAGEX":
            size, flags = struct.unpack_from("<I4xI", shorter, len(shorter) - 20)
            shorter = shorter[: max(len(shorter) - size - (32 if flags & 0x80000000 else 0), 0)]
        if shorter[-9:] == b"LYRICS200" and shorter[-15:-9].isdigit():
            shorter = shorter[: max(len(shorter) - 15 - int(shorter[-15:-9]), 0)]
        if shorter == data:
            return data
        data = shorter


def clean_m4a(data: bytes) -> bytes:
    """Return the file with everything told about it overwritten by zeros, at the same size: the offsets still hold.

    Raises Unfit for broken boxes, and for a file that holds a track of pictures.
    """
    kept = bytearray(data)
    seen = _walk(kept, 0, len(kept))
    if b"moov" not in seen:
        raise Unfit(DAMAGED)
    if b"vmhd" in seen:
        raise Unfit(BAD_TYPE)
    return bytes(kept)


def _walk(data: bytearray, start: int, end: int) -> set[bytes]:
    seen: set[bytes] = set()
    while start < end:
        name, body, stop = _box(data, start, end)
        seen.add(name)
        if name in _TOLD:
            data[start + 4 : start + 8] = b"free"
            data[body:stop] = bytes(stop - body)
        elif name in _TIMED:
            wide = 16 if data[body] else 8
            if stop - body < 4 + wide:
                raise Unfit(DAMAGED)
            data[body + 4 : body + 4 + wide] = bytes(wide)
        elif name in _CONTAINERS:
            seen |= _walk(data, body, stop)
        start = stop
    return seen


def _box(data: bytearray, start: int, end: int) -> tuple[bytes, int, int]:
    """Return the name of a box, where its content begins, where it ends."""
    if end - start < 8:
        raise Unfit(DAMAGED)
    size, name, body = struct.unpack_from(">I", data, start)[0], bytes(data[start + 4 : start + 8]), start + 8
    if size == 1 and end - start >= 16:
        size, body = struct.unpack_from(">Q", data, start + 8)[0], start + 16
    stop = end if size == 0 else start + size
    if not body <= stop <= end or (stop == body and name in _TIMED):
        raise Unfit(DAMAGED)
    return name, body, stop
