"""One file made fit to be kept, by what it is: nothing hidden travels along, nothing in it could act."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from core.media.ogg import clean_ogg
from core.media.pdf import clean_pdf
from core.media.picture import clean_picture
from core.media.result import BAD_TYPE, HEIC_PICTURE, Cleaned, Unfit
from core.media.sniff import HEIC, JPEG, M4A, MP3, OGG, PDF, PNG, TEXT, WEBP, media_type
from core.media.sound import clean_m4a, clean_mp3

CLEANERS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    JPEG: partial(clean_picture, media=JPEG),
    PNG: partial(clean_picture, media=PNG),
    WEBP: partial(clean_picture, media=WEBP),
    PDF: clean_pdf,
    OGG: clean_ogg,
    MP3: clean_mp3,
    M4A: clean_m4a,
    TEXT: lambda data: data.removeprefix(b"\xef\xbb\xbf"),
}


def clean_file(data: bytes) -> Cleaned:
    """Return the file without metadata. Raises Unfit with the sentence that says why it is not taken."""
    media = media_type(data)
    if media == HEIC:
        raise Unfit(HEIC_PICTURE)
    if media is None or media not in CLEANERS:
        raise Unfit(BAD_TYPE)
    return Cleaned(media, CLEANERS[media](data))
