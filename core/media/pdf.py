"""PDF: only its pages are kept. One that could do anything by itself, or that needs a password, is refused.

Pages are copied into a new file, without the document's information, XMP, attachments, forms, names and outline. What
is drawn on the pages stays as it is: the metadata inside an embedded picture too.
"""

import io
import logging
from typing import Any, Final

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from core.media.result import ACTIVE, DAMAGED, LOCKED, TOO_LARGE, Unfit

MOST_PAGES: Final = 300
MOST_OBJECTS: Final = 200_000
_ACTS: Final = frozenset({"/JavaScript", "/JS", "/Launch", "/EmbeddedFiles", "/RichMedia", "/XFA", "/AA"})
_ACTIVE_SORTS: Final = frozenset(
    {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/Rendition", "/RichMedia", "/Movie", "/Sound"}
)
_ACTIVE_NOTES: Final = frozenset({"/FileAttachment", "/RichMedia", "/Movie", "/Screen", "/3D", "/Sound"})
_TOLD: Final = ("/Metadata", "/PieceInfo", "/LastModified", "/Thumb", "/CreationDate", "/ModDate")
_BY_PERSON: Final = ("/T", "/M", "/CreationDate", "/NM", "/RC")


def clean_pdf(data: bytes) -> bytes:
    """Return a new file with the pages alone. Raises Unfit: damaged, locked, active, too large."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            raise Unfit(LOCKED)
        _look_through(reader.trailer.get("/Root"))  # before `pages`, which are copies
        if len(reader.pages) > MOST_PAGES:
            raise Unfit(TOO_LARGE)
        writer = PdfWriter()
        for page in reader.pages:
            writer.add_page(page)
        writer.metadata = None
        if not writer.pages:
            raise Unfit(DAMAGED)
        out = io.BytesIO()
        writer.write(out)
        return out.getvalue()
    except Unfit:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, OSError, RecursionError):
        raise Unfit(DAMAGED) from None


def _look_through(root: Any) -> None:
    """Take from every object that the document reaches what is told about it. Raises Unfit for one that acts."""
    waiting, seen = [root], set()
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, IndirectObject):
            if thing.idnum in seen:
                continue
            seen.add(thing.idnum)
            if len(seen) > MOST_OBJECTS:
                raise Unfit(TOO_LARGE)
            thing = thing.get_object()
        if isinstance(thing, DictionaryObject):
            if _is_active(thing):
                raise Unfit(ACTIVE)
            _forget(thing)
            waiting += [thing.raw_get(key) for key in thing]
        elif isinstance(thing, ArrayObject):
            waiting += list(thing)


def _is_active(thing: DictionaryObject) -> bool:
    if not _ACTS.isdisjoint(thing.keys()):
        return True
    acts = thing.get("/S") in _ACTIVE_SORTS
    return acts or (thing.get("/Subtype") in _ACTIVE_NOTES and "/Rect" in thing)


def _forget(thing: DictionaryObject) -> None:
    """Take away what is told about an object: of a note on a page who wrote it and when."""
    names = (*_TOLD, *(_BY_PERSON if thing.get("/Type") == "/Annot" or "/Rect" in thing else ()))
    for name in names:
        if name in thing:
            del thing[name]
