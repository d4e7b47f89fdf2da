"""Ogg with Opus or Vorbis: the packet of comments emptied, the pages written anew with their checksums.

Sources: RFC 3533 (pages, the checksum), RFC 7845 (OpusTags), the Vorbis I specification (comment header).
"""

import struct
from dataclasses import dataclass, replace
from typing import Final

from core.media.result import BAD_TYPE, DAMAGED, Unfit

CONTINUED: Final = 1
_HEAD: Final = struct.Struct("<4sBBqIII B".replace(" ", ""))
_MOST_SEGMENTS: Final = 255
_OPUS: Final = b"OpusTags"
_VORBIS: Final = b"\x03vorbis"


@dataclass(frozen=True, slots=True)
class _Page:
    """One page; `lacing` are the lengths of its segments, `body` what they hold."""

    flags: int
    granule: int
    serial: int
    sequence: int
    lacing: bytes
    body: bytes

    def packed(self) -> bytes:
        """Return the page with its checksum."""
        head = _HEAD.pack(b"OggS", 0, self.flags, self.granule, self.serial, self.sequence, 0, len(self.lacing))
        whole = head + self.lacing + self.body
        return whole[:22] + struct.pack("<I", checksum(whole)) + whole[26:]


def clean_ogg(data: bytes) -> bytes:
    """Return the sound without its comments. Raises Unfit for what is cut off, or holds neither Opus nor Vorbis alone.

    The first page holds the first packet alone; the second packet, the comments, begins on the second page.
    """
    pages = _pages(data)
    if len({page.serial for page in pages}) != 1 or len(pages) < 3:
        raise Unfit(DAMAGED)
    if not pages[0].body.startswith((b"OpusHead", b"\x01vorbis")):
        raise Unfit(BAD_TYPE)
    first, *rest = pages
    packets, used = _header_packets(rest, 1 if first.body.startswith(b"OpusHead") else 2)
    packets[0] = _without_comments(packets[0])
    headers = _laid_out(packets, first.serial)
    numbered = [first, *headers, *rest[used:]]
    return b"".join(replace(page, sequence=place).packed() for place, page in enumerate(numbered))


def _pages(data: bytes) -> list[_Page]:
    pages, at = [], 0
    while at < len(data):
        try:
            magic, version, flags, granule, serial, sequence, check, count = _HEAD.unpack_from(data, at)
        except struct.error:
            raise Unfit(DAMAGED) from None
        lacing = data[at + _HEAD.size : at + _HEAD.size + count]
        start = at + _HEAD.size + count
        end = start + sum(lacing)
        if magic != b"OggS" or version or len(lacing) != count or end > len(data):
            raise Unfit(DAMAGED)
        page = _Page(flags, granule, serial, sequence, lacing, data[start:end])
        if struct.unpack_from("<I", page.packed(), 22)[0] != check:
            raise Unfit(DAMAGED)
        pages.append(page)
        at = end
    return pages


def _header_packets(pages: list[_Page], wanted: int) -> tuple[list[bytes], int]:
    """Return the packets of the header after the first, and how many pages they fill to the end."""
    packets, packet = [], b""
    for place, page in enumerate(pages):
        at = 0
        for length in page.lacing:
            packet += page.body[at : at + length]
            at += length
            if length < _MOST_SEGMENTS:
                packets.append(packet)
                packet = b""
        if len(packets) >= wanted:
            if len(packets) > wanted or packet:
                raise Unfit(DAMAGED)  # the header ends with its page
            return packets, place + 1
    raise Unfit(DAMAGED)


def _without_comments(packet: bytes) -> bytes:
    """Return a comment packet without maker and comments."""
    if packet.startswith(_OPUS):
        return _OPUS + struct.pack("<II", 0, 0)
    if packet.startswith(_VORBIS):
        return _VORBIS + struct.pack("<II", 0, 0) + b"\x01"
    raise Unfit(DAMAGED)


def _laid_out(packets: list[bytes], serial: int) -> list[_Page]:
    """Return the pages of header packets: no sample ends on them, so their position is 0."""
    lacing = b"".join(bytes([_MOST_SEGMENTS] * (len(packet) // 255) + [len(packet) % 255]) for packet in packets)
    body, pages, at = b"".join(packets), [], 0
    for start in range(0, len(lacing), _MOST_SEGMENTS):
        part = lacing[start : start + _MOST_SEGMENTS]
        flags = CONTINUED if start and lacing[start - 1] == _MOST_SEGMENTS else 0
        ends = any(length < _MOST_SEGMENTS for length in part)
        pages.append(_Page(flags, 0 if ends else -1, serial, 0, part, body[at : at + sum(part)]))
        at += sum(part)
    return pages


def _table() -> tuple[int, ...]:
    made = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7 if value & 0x80000000 else value << 1) & 0xFFFFFFFF
        made.append(value)
    return tuple(made)


_TABLE: Final = _table()


def checksum(page: bytes) -> int:
    """Return the checksum of a page whose own field counts as zeros (polynomial 0x04c11db7, from 0, not reflected)."""
    value = 0
    for byte in page[:22] + bytes(4) + page[26:]:
        value = (value << 8 & 0xFFFFFFFF) ^ _TABLE[value >> 24 ^ byte]
    return value
