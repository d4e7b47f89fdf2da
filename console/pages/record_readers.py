"""Beside a record that is made known: who has read it and who has not, its sheet for printing; a sealed parcel."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from console.letter_document import document_of
from console.pages.letters import DOCX
from console.pages.records import kind_of, opened_record
from console.record_values import Shower
from console.rendering import render, show_day
from console.visit import Visit
from core.clock import local_day
from core.errors import NotThere
from models import reader_queries
from oversight.printing.letter_file import MEDIA, letter_pdf
from oversight.printing.press import aside
from people.units import UnitTree, load_tree
from records.kind import Kind
from records.letters import Letter
from records.reading import Opened

HEADINGS = ("title", "no")


async def readers_page(visit: Visit) -> web.Response:
    """Show who has not read it, then who has."""
    kind, opened = await _made_known(visit)
    rows = await _readers(visit, opened)
    context = {
        "kind": kind,
        "number": opened.row.number,
        "path": f"/records/{kind.id}/{opened.row.public_id}",
        "unread": [row for row in rows if row["read_at"] is None],
        "read": [row for row in rows if row["read_at"] is not None],
    }
    return render(visit, "record_readers.html", context)


async def _made_known(visit: Visit) -> tuple[Kind, Opened]:
    """Return a record that calls readers, opened; the view of an act shows neither sheet nor readers."""
    kind = kind_of(visit)
    opened = await opened_record(visit, kind)
    if kind.made_known is None or kind.made_known.call is None or not opened.statements:
        raise NotThere
    return kind, opened


async def _readers(visit: Visit, opened: Opened) -> list[dict[str, Any]]:
    tree = await load_tree()
    return [_reader(visit, tree, row) for row in await reader_queries.readers_of(opened.row.id)]


def _reader(visit: Visit, tree: UnitTree, row: Mapping[str, Any]) -> dict[str, Any]:
    unit = tree.by_id.get(row["unit_id"] or 0)
    own = visit.office.key.decrypt(row["name"])
    latin = visit.office.key.decrypt(row["name_en"]) if row["name_en"] and visit.lang == "en" else ""
    shown = {name: row[name] for name in ("staff_no", "status", "told_at", "reminded_at", "read_at", "read_by")}
    return {**shown, "name": latin or own, "unit": unit.name(visit.lang) if unit else ""}


async def sheet_page(visit: Visit) -> web.Response:
    """Show the sheet for printing: title, number, scope, facts, rule, decision, reminder, date, readers."""
    return render(visit, "sheet.html", await _sheet(visit))


async def sheet_file(visit: Visit) -> web.Response:
    """Return the sheet as a document for a word processor."""
    made = await _paper(visit)
    return _file(made, "docx", DOCX, document_of([made]))


async def sheet_pdf(visit: Visit) -> web.Response:
    """Return the sheet as PDF."""
    made = await _paper(visit)
    return _file(made, "pdf", MEDIA, await aside(lambda: letter_pdf([made])))


def _file(made: Letter, ending: str, media: str, content: bytes) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{made.number}.{ending}"'}
    return web.Response(body=content, content_type=media, headers=headers)


async def _paper(visit: Visit) -> Letter:
    """Return the sheet as it is written: title, number, scope, sections, who has read it and who has not, the day."""
    sheet = await _sheet(visit)
    colon = ": " if visit.lang == "en" else "："
    headings = [f"{heading}{colon}{text}" if place else text for place, (heading, text) in enumerate(sheet["sections"])]
    words = (visit.t("readers.read"), "read"), (visit.t("readers.unread"), "unread")
    nobody = visit.t("app.none")
    people = [f"{title}{colon}{'、'.join(row['name'] for row in sheet[key]) or nobody}" for title, key in words]
    day = show_day(sheet["day"], visit.lang, sheet["day"]) if sheet["day"] else visit.t("sheet.not_issued")
    return Letter(
        to="",
        lang=visit.lang,
        title=sheet["title"],
        number=sheet["number"],
        greeting=f"{visit.t('sheet.scope')}{colon}{sheet['scope']}",
        paragraphs=(*headings, *people),
        end="",
        day=f"{visit.t('sheet.day')} {day}",
    )


async def _sheet(visit: Visit) -> dict[str, Any]:
    kind, opened = await _made_known(visit)
    assert kind.made_known is not None
    shower, values = Shower(visit, await load_tree(), {}), opened.values
    sections = [
        (shower.title(kind.fields[name]), str(values[name]))
        for name in kind.made_known.shows
        if values.get(name) and name not in HEADINGS
    ]
    issued = next((line.at for line in opened.history if line.state == kind.made_known.begins_at), None)
    readers = await _readers(visit, opened)
    return {
        "kind": kind,
        "title": values.get("title") or kind.titles[visit.lang],
        "number": opened.row.number,
        "scope": _scope(kind, shower, values),
        "sections": sections,
        "day": local_day(issued, visit.office.zone) if issued else None,
        "path": f"/records/{kind.id}/{opened.row.public_id}",
        "read": [row for row in readers if row["read_at"] is not None],
        "unread": [row for row in readers if row["read_at"] is None],
    }


def _scope(kind: Kind, shower: Shower, values: Mapping[str, Any]) -> str:
    names = [name for name in ("scope", kind.made_known.unit if kind.made_known else None) if name]
    return " ".join(shower.value(kind.fields[name], values[name]) for name in names if values.get(name))


async def parcel_file(visit: Visit) -> web.Response:
    """Give the parcel, which only its receiver can open, as a file to be handed over."""
    kind = kind_of(visit)
    opened = await opened_record(visit, kind)
    parcel = opened.values.get("parcel")
    if not parcel:
        raise NotThere
    name = f'attachment; filename="{opened.row.number}.parcel.json"'
    return web.Response(text=str(parcel), content_type="application/json", headers={"Content-Disposition": name})
