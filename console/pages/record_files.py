"""Files of a record: what of them the page shows, those that come with an act, one handed out as a download."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiohttp import web

from console.fields import Form, read_files
from console.record_values import Input, Shower
from console.visit import Visit
from core.errors import NotThere
from core.media.apart import clean_apart
from core.media.result import Cleaned, Unfit
from records import evidence
from records.evidence_reading import FileLine, open_file
from records.kind import Kind
from records.reading import Opened

Received = Mapping[str, Sequence[tuple[bytes, Cleaned]]]
MOST_AT_ONCE: Final = 6
POLICY: Final = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""What is handed out may neither load nor run anything, whatever it is."""


def file_lines(visit: Visit, kind: Kind, shower: Shower, opened: Opened) -> list[dict[str, Any]]:
    """Return what the page says of each file: the field, since when, what it is or why it is not there, its hash."""
    path = f"/records/{kind.id}/{opened.row.public_id}/files"
    return [
        {
            "title": shower.title(kind.fields[one.field]),
            "at": one.at,
            "about": _about(visit, one),
            "hash": one.kept_hash,
            "href": f"{path}/{one.public_id}" if one.state == "stored" else None,
        }
        for one in opened.files
        if one.field in kind.fields
    ]


def _about(visit: Visit, one: FileLine) -> str:
    if one.state == "stored" and one.size is not None:
        kilobytes = max(one.size // 1024, 1)
        return visit.t("record.file_about", sort=visit.named("media", str(one.media)), n=kilobytes)
    return visit.t(f"record.file.{one.state}")


async def taken(visit: Visit, form: Form, one: Input) -> list[tuple[bytes, Cleaned]]:
    """Return the files of an input, as received and without metadata; what is wrong with them is said in the form."""
    given = read_files(visit.posted, one.name)
    if not given and one.required:
        form.wrong(one.name, visit.t("form.needed", field=one.label))
    if len(given) > MOST_AT_ONCE:
        form.wrong(one.name, visit.t("form.files_many", n=MOST_AT_ONCE))
    found = []
    for file in [] if form.errors else given:
        if file.data is None:
            form.wrong(one.name, visit.office.texts.say("file.too_large", visit.lang))
            continue
        try:
            found.append((file.data, await clean_apart(file.data)))
        except Unfit as unfit:
            form.wrong(one.name, visit.office.texts.say(unfit.key, visit.lang))
    return found


async def kept(visit: Visit, kind: Kind, received: Received) -> dict[str, str]:
    """Keep the files of each field, sealed; return the value that names them. Fields without any are left out."""
    values = {}
    for name, files in received.items():
        person = visit.actor.person_id
        ids = [await evidence.upload(visit.office, kind, name, *each, person, visit.lang) for each in files]
        if ids:
            values[name] = ";".join(ids)
    return values


async def download(visit: Visit) -> web.Response:
    """Hand out one file as a download, never shown by the browser; the ledger has the opening."""
    if visit.path("kind") not in visit.kinds.by_id:
        raise NotThere
    file = await open_file(visit.office, visit.kinds, visit.actor, visit.path("record"), visit.path("file"))
    headers = {
        "Content-Type": file.media,
        "Content-Disposition": f'attachment; filename="{file.name}"',
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Robots-Tag": "noindex, nofollow",
        "Cache-Control": "no-store",
    }
    return web.Response(body=file.data, headers=headers)
