"""Pictures: drawn anew from their points, so that nothing else of the file is left.

Place, camera, time, names, thumbnails, colour profiles, comments and whatever hangs on behind stay behind.
"""

import io
import warnings
from typing import Final

from PIL import Image, ImageOps

from core.media.result import DAMAGED, TOO_LARGE, Unfit
from core.media.sniff import JPEG, PNG, WEBP

MOST_PIXELS: Final = 50_000_000
"""A picture of more points is refused before it is unpacked; large cameras make about 48 million."""
_FORMATS: Final = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP"}
_QUALITY: Final = 90


def clean_picture(data: bytes, media: str) -> bytes:
    """Return the picture, upright, as a file of the same type that holds nothing but its points.

    Of a moving picture the first frame is kept. Raises Unfit for one that is cut off, broken or too large.
    """
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=[_FORMATS[media]]) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise Unfit(TOO_LARGE)
                return _drawn(opened, _FORMATS[media])
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Unfit(TOO_LARGE) from None
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError):
        raise Unfit(DAMAGED) from None


def _drawn(opened: Image.Image, name: str) -> bytes:
    upright = ImageOps.exif_transpose(opened)
    mode = "RGB" if name == "JPEG" or not upright.has_transparency_data else "RGBA"
    points = upright.convert(mode)
    bare = Image.new(mode, points.size)
    bare.paste(points)
    out = io.BytesIO()
    if name == "PNG":
        bare.save(out, name, compress_level=6)
    else:
        bare.save(out, name, quality=_QUALITY)
    return out.getvalue()
