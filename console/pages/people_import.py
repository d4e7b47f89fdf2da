"""Importing units, staff and companies: the file is looked at first, and written only after its report was read.

Between the two steps the file travels in the page, encrypted with the service key, so that nothing half-done is kept.
"""

import base64
import binascii
from typing import Final

from aiohttp import web

from console.fields import Form, read_file
from console.posting import Uploaded
from console.rendering import render
from console.visit import Visit
from core.errors import KeyFileError
from people.importing import FILES, Report, import_people

MOST_BYTES: Final = 1024 * 1024
PROBLEMS_SHOWN: Final = 200


async def import_page(visit: Visit) -> web.Response:
    """Show the form that takes the files."""
    return _page(visit, Form(), None, {})


async def import_files(visit: Visit) -> web.Response:
    """Report row by row what the files would do; with `apply` write what was reported before."""
    form, apply = Form(), "apply" in visit.posted
    files = _kept(visit) if apply else _uploaded(visit, form)
    if not any(files.values()):
        form.wrong("staff", visit.t("import.no_file"))
    if form.errors:
        return _page(visit, form, None, {})
    report = await import_people(
        visit.office,
        units=files["units"],
        staff=files["staff"],
        companies=files["companies"],
        actor=visit.actor,
        dry_run=not apply,
    )
    return _page(visit, form, report, files)


def _uploaded(visit: Visit, form: Form) -> dict[str, bytes | None]:
    found = {name: read_file(visit.posted, name, MOST_BYTES) for name in FILES}
    for name in FILES:
        given = next(iter(visit.posted.get(name, [])), None)
        if isinstance(given, Uploaded) and found[name] is None:
            form.wrong(name, visit.t("import.bad_file", most=MOST_BYTES // 1024))
    return found


def _kept(visit: Visit) -> dict[str, bytes | None]:
    return {name: _opened(visit, visit.posted.get(f"kept_{name}", [""])[0]) for name in FILES}


def _opened(visit: Visit, kept: object) -> bytes | None:
    if not isinstance(kept, str) or not kept:
        return None
    try:
        return visit.office.key.decrypt_bytes(base64.b64decode(kept, validate=True))
    except (binascii.Error, KeyFileError):
        return None


def _page(visit: Visit, form: Form, report: Report | None, files: dict[str, bytes | None]) -> web.Response:
    wanted = report is not None and report.ok and not report.written
    kept = {
        name: base64.b64encode(visit.office.key.encrypt(data)).decode()
        for name, data in files.items()
        if data and wanted
    }
    problems = report.problems if report else ()
    context = {
        "form": form,
        "report": report,
        "kept": kept,
        "problems": [(one, one.say(visit.office.texts, visit.lang)) for one in problems[:PROBLEMS_SHOWN]],
        "many": len(problems),
        "most": MOST_BYTES // 1024,
    }
    return render(visit, "import.html", context, 422 if form.errors or problems else 200)
