"""Files as people send them, with everything hidden in them that should not travel along. Made here, byte by byte."""

import io
import random
import struct

from PIL import Image, PngImagePlugin
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, TextStringObject

from core.media.ogg import checksum

SECRET = b"Luming Port, berth 4"
"""Stands in every hidden place of every file made here."""


def points(width: int = 64, height: int = 48) -> Image.Image:
    made = Image.new("RGB", (width, height), (40, 90, 160))
    made.paste((220, 200, 40), (8, 8, width // 2, height // 2))
    return made


def jpeg(width: int = 64, height: int = 48, orientation: int = 1) -> bytes:
    """A photo with camera, place and comment."""
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif[0x0112] = orientation
    exif.get_ifd(0x8825).update({1: "N", 2: (24.0, 27.0, 0.0), 3: "E", 4: (118.0, 4.0, 0.0)})
    out = io.BytesIO()
    points(width, height).save(out, "JPEG", exif=exif, comment=SECRET, icc_profile=b"profile " + SECRET)
    return out.getvalue()


def png() -> bytes:
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", SECRET.decode())
    told.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    out = io.BytesIO()
    points().save(out, "PNG", pnginfo=told)
    return out.getvalue() + SECRET


def webp() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    out = io.BytesIO()
    points().save(out, "WEBP", exif=exif, xmp=SECRET)
    return out.getvalue()


def heic() -> bytes:
    return struct.pack(">I", 24) + b"ftypheic" + bytes(4) + b"mif1heic" + bytes(200)


def bomb() -> bytes:
    """A small file that unpacks to a picture of 900 million points."""
    head = struct.pack(">II5B", 30_000, 30_000, 1, 0, 0, 0, 0)
    import zlib

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = zlib.compress(bytes(3_751) * 3_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def ogg_page(flags: int, granule: int, sequence: int, packet: bytes) -> bytes:
    lacing = bytes([255] * (len(packet) // 255) + [len(packet) % 255])
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, granule, 77, sequence, 0, len(lacing))
    page = head + lacing + packet
    return page[:22] + struct.pack("<I", checksum(page)) + page[26:]


SOUND = [random.Random(4).randbytes(900), random.Random(5).randbytes(510)]


def ogg() -> bytes:
    """A voice note in Opus with a long comment."""
    comment = b"TITLE=" + SECRET * 20
    tags = b"OpusTags" + struct.pack("<I", 7) + b"encoder" + struct.pack("<II", 1, len(comment)) + comment
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 312, 48_000, 0, 0)
    return (
        ogg_page(2, 0, 0, head)
        + ogg_page(0, 0, 1, tags)
        + ogg_page(0, 960, 2, SOUND[0])
        + ogg_page(4, 1920, 3, SOUND[1])
    )


FRAMES = (b"\xff\xfb\x90\x00" + bytes(413)) * 5


def mp3() -> bytes:
    told = b"TIT2" + struct.pack(">IH", len(SECRET) + 1, 0) + b"\x03" + SECRET
    head = b"ID3\x04\x00\x00" + bytes([0, 0, len(told) >> 7, len(told) & 127]) + told
    return head + FRAMES + b"TAG" + SECRET.ljust(125, b"\0")


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + name + body


def m4a() -> bytes:
    timed = box(b"mvhd", bytes(4) + struct.pack(">II", 3_900_000_000, 3_900_000_001) + bytes(88))
    told = box(b"udta", box(b"meta", bytes(4) + box(b"ilst", SECRET)))
    return (
        box(b"ftyp", b"M4A " + bytes(4) + b"M4A mp42isom")
        + box(b"moov", timed + told)
        + box(b"mdat", SOUND[0])
        + box(b"free", SECRET)
    )


def pdf(act: str | None = None, password: str | None = None) -> bytes:
    """One page with a word on it, title, author and XMP."""
    writer = PdfWriter()
    page = writer.add_blank_page(200, 200)
    drawn = DecodedStreamObject()
    drawn.set_data(b"BT /F1 12 Tf 20 100 Td (kept) Tj ET")
    page[NameObject("/Contents")] = writer._add_object(drawn)
    told = DecodedStreamObject()
    told.set_data(b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>")
    writer._root_object[NameObject("/Metadata")] = writer._add_object(told)
    page[NameObject("/Metadata")] = writer._add_object(told)
    writer.add_metadata({"/Author": SECRET.decode(), "/Title": SECRET.decode()})
    if act == "script":
        script = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert('x')")}
        writer._root_object[NameObject("/OpenAction")] = DictionaryObject(script)
    elif act == "launch":
        launch = {NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("calc")}
        writer._root_object[NameObject("/OpenAction")] = DictionaryObject(launch)
    elif act == "attachment":
        writer.add_attachment("a.exe", b"MZ")
    if password:
        writer.encrypt(password)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


TAKEN = {
    "image/jpeg": jpeg,
    "image/png": png,
    "image/webp": webp,
    "audio/ogg": ogg,
    "audio/mpeg": mp3,
    "audio/mp4": m4a,
    "application/pdf": pdf,
}
