"""Registers: lists of facts, one record opened for reading, the acts that may be done on it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from aiohttp import web

from console.answers import go_on
from console.deadlines import deadline
from console.fields import Form, read_form
from console.pages.record_companies import companies_in
from console.pages.record_files import file_lines, kept, taken
from console.pages.record_refs import is_linked, linked
from console.record_values import Input, Options, Shower, check_given, values_of
from console.rendering import render
from console.visit import Visit
from console.words import titled
from core.errors import Conflict, NotThere, Refused
from core.segments import count
from core.texts import sign
from models import console_queries
from models.org import Person
from people.persons import name_of
from people.units import load_tree
from records import evidence
from records.acts import OpenAct, do_act, do_take_back
from records.answer_parts import MOST_PARTS, split
from records.evidence import FILES
from records.kind import Kind
from records.letters import has_letter
from records.opening import may_begin
from records.reading import Filters, Opened, RecordRow, list_records, may_open, open_record, waiting_acts
from records.sealing import BEFORE

ANSWER_TEXT = "T-REPLIED"
VIEWS = ("open", "late", "all")
PAGE = 50


def readable(visit: Visit) -> list[Kind]:
    """Return the kinds of which the visitor may read records, or has acts to do; the others do not exist for him.

    Monthly returns have a page of their own.
    """
    actor = visit.actor
    if not visit.may("records.view"):
        return []

    def knows(kind: Kind) -> bool:
        roles = {each.role for each in kind.readers} | {each.role for each in kind.views}
        return kind.returns is None and any(actor.has(role) for role in roles)

    return [kind for kind in visit.kinds.by_id.values() if knows(kind)]


def kind_of(visit: Visit) -> Kind:
    """Return the kind that the address names. Raises NotThere where the visitor knows of none such."""
    found = next((kind for kind in readable(visit) if kind.id == visit.path("kind")), None)
    if found is None:
        raise NotThere
    return found


async def records_page(visit: Visit) -> web.Response:
    """Go on to the first register that the visitor may read."""
    kinds = readable(visit)
    if not kinds:
        raise NotThere
    return go_on(visit, f"/records/{kinds[0].id}")


async def list_page(visit: Visit) -> web.Response:
    """Show a register: facts only."""
    kind, shower = kind_of(visit), Shower(visit, await load_tree(), {})
    view = visit.query("view") if visit.query("view") in VIEWS else "open"
    filters = _filters(visit, view, shower)
    rows = await list_records(visit.office, visit.kinds, visit.actor, kind.id, filters)
    urgent = await _urgent(visit, kind, filters) if view == "open" else []
    waiting = await waiting_acts(visit.office, visit.kinds, visit.actor, kind.id)
    more = len(rows) > PAGE
    context = {
        "kind": kind,
        "kinds": readable(visit),
        "view": view,
        "views": VIEWS,
        "urgent": [_shown(visit, kind, shower, row) for row in urgent],
        "rows": [_shown(visit, kind, shower, row) for row in rows[:PAGE]],
        "waiting": [
            {**_shown(visit, kind, shower, row), "tracks": _track_titles(visit, kind, row.tracks)} for row in waiting
        ],
        "rates": kind.with_source("exchange_rate") is not None and visit.may("rates.manage"),
        "reads": any(visit.actor.has(reader.role) for reader in kind.readers),
        "number": visit.query("number"),
        "unit": visit.query("unit"),
        "units": [(unit.code, unit.name(visit.lang)) for unit in shower.tree.by_id.values()],
        "next_id": rows[PAGE - 1].id if more else None,
        "begins": may_begin(kind, visit.actor),
    }
    return render(visit, "records.html", context)


async def _urgent(visit: Visit, kind: Kind, filters: Filters) -> list[RecordRow]:
    """The open records of which an alert was told: they stand above the list, whatever their place in it."""
    if not kind.alerts or filters.before_id is not None:
        return []
    alerted = replace(filters, alerted=True, open_only=True)
    return await list_records(visit.office, visit.kinds, visit.actor, kind.id, alerted)


def _filters(visit: Visit, view: str, shower: Shower) -> Filters:
    before = visit.query("before")
    codes = [visit.query("unit")] if visit.query("unit") else []
    return Filters(
        unit_ids=shower.tree.with_sub_units(shower.tree.ids_of(codes)) if codes else None,
        open_only=view == "open",
        late_only=view == "late",
        number=visit.query("number").strip().upper() or None,
        limit=PAGE + 1,
        before_id=int(before) if before.isdecimal() and len(before) < 19 else None,
    )


def _shown(visit: Visit, kind: Kind, shower: Shower, row: RecordRow) -> dict[str, Any]:
    state = kind.states[row.state]
    return {
        "href": f"/records/{kind.id}/{row.public_id}",
        "number": row.number,
        "unit": shower.unit(row.unit_id),
        "state": titled(state.titles, visit.lang),
        "terminal": state.terminal,
        "filed_at": row.filed_at,
        "deadline": None if state.terminal else deadline(visit.office, row.due_at),
    }


async def record_page(visit: Visit) -> web.Response:
    """Open a record, which is an entry in the ledger."""
    kind = kind_of(visit)
    opened = await opened_record(visit, kind)
    return await _record_page(visit, kind, opened, "", Form(), None)


async def opened_record(visit: Visit, kind: Kind) -> Opened:
    """Open the record that the address names, which is an entry in the ledger. Raises NotThere."""
    opened = await open_record(visit.office, visit.kinds, visit.actor, visit.path("record"))
    if opened.row.kind != kind.id:
        raise NotThere
    return opened


async def _record_page(
    visit: Visit, kind: Kind, opened: Opened, act: str, form: Form, preview: dict[str, Any] | None
) -> web.Response:
    companies = await companies_in(visit, kind, opened)
    shower = Shower(visit, await load_tree(), await _names(visit, kind, opened), companies)
    handlers = await _handlers(visit) if _asks_handler(kind, opened) else []
    context = {
        "kind": kind,
        "row": _shown(visit, kind, shower, opened.row),
        "fields": _field_lines(kind, shower, opened),
        "statements": _statements(kind, shower, opened),
        "linked": await linked(visit, kind, shower, opened),
        "history": _history(visit, kind, opened),
        "acts": [_act(visit, kind, shower, opened, one, handlers) for one in opened.acts],
        "tracks": _track_titles(visit, kind, opened.tracks),
        "files": file_lines(visit, kind, shower, opened),
        "slip": _has_slip(kind, opened),
        "locked": opened.locked,
        "sheet": bool(kind.made_known and kind.made_known.call and opened.statements),
        "parcel": "parcel" in kind.fields and bool(opened.values.get("parcel")),
        "letter": has_letter(kind, opened.values),
        "chosen": act,
        "form": form,
        "preview": preview,
        "parts_most": MOST_PARTS,
        "path": f"/records/{kind.id}/{opened.row.public_id}",
    }
    return render(visit, "record.html", context, 422 if form.errors else 200)


async def slip_page(visit: Visit) -> web.Response:
    """Show the slip of a record for printing, in its copies; there is none before what it needs was given."""
    kind = kind_of(visit)
    opened = await opened_record(visit, kind)
    if kind.slip is None or not _has_slip(kind, opened):
        raise NotThere
    shower = Shower(visit, await load_tree(), {})
    shown = [(kind.fields[name], opened.values[name]) for name in kind.slip.fields if name in opened.values]
    context = {
        "kind": kind,
        "number": opened.row.number,
        "path": f"/records/{kind.id}/{opened.row.public_id}",
        "copies": [titled(each, visit.lang) for each in kind.slip.copies],
        "signed_by": [titled(each, visit.lang) for each in kind.slip.signed_by],
        "lines": [(shower.title(field), shower.value(field, value)) for field, value in shown],
    }
    return render(visit, "slip.html", context)


def _has_slip(kind: Kind, opened: Opened) -> bool:
    """Whether every field of the slip is there that an act has to give."""
    if kind.slip is None:
        return False
    given = [name for name in kind.slip.fields if kind.fields[name].required == "act"]
    return all(opened.values.get(name) for name in given)


def _track_titles(visit: Visit, kind: Kind, tracks: Mapping[str, str]) -> list[str]:
    return [titled(kind.state(state, name).titles, visit.lang) for name, state in tracks.items()]


def _field_lines(kind: Kind, shower: Shower, opened: Opened) -> list[tuple[str, str]]:
    """The facts; where there are no statements, as in the view of an act, everything that it shows."""
    return [
        (shower.title(field), shower.value(field, opened.values[field.id]))
        for field in kind.fields.values()
        if opened.values.get(field.id)
        and field.source != "number"
        and (field.fact or not opened.statements)
        and not is_linked(field.type, field.fact)
    ]


def _statements(kind: Kind, shower: Shower, opened: Opened) -> list[dict[str, Any]]:
    return [
        {"at": one.at, "source": one.source, "values": _pairs(kind, shower, one.values)}
        for one in opened.statements
        if one.values
    ]


def _pairs(kind: Kind, shower: Shower, values: Any) -> list[tuple[str, str]]:
    """The values of fields with their titles; of a corrected fact also what it was before."""
    pairs = []
    for name, value in values.items():
        field = kind.fields.get(name.removeprefix(BEFORE))
        if field is not None:
            title = shower.title(field)
            before = shower.visit.t("record.before", field=title)
            pairs.append((before if name.startswith(BEFORE) else title, shower.value(field, value)))
    return pairs


def _history(visit: Visit, kind: Kind, opened: Opened) -> list[dict[str, Any]]:
    return [
        {
            "seq": line.seq,
            "at": line.at,
            "event": line.event,
            "act": act_title(visit, line.act, kind) if line.act else "",
            "state": _state_title(visit, kind, line.state, line.track),
        }
        for line in opened.history
    ]


def _state_title(visit: Visit, kind: Kind, state: str | None, track: str | None) -> str:
    states = kind.tracks[track].states if track and track in kind.tracks else kind.states
    return titled(states[state].titles, visit.lang) if state and state in states else ""


def act_title(visit: Visit, act: str, kind: Kind) -> str:
    """Return the words of an act, first those that its file brings; without any it stands as it is named there."""
    if act in kind.acts:
        return titled(kind.acts[act], visit.lang)
    keys = (f"act.{kind.id}.{act}", f"act.{act}")
    return next((visit.t(key) for key in keys if key in visit.console.words), act)


def _inputs(kind: Kind, shower: Shower, act: OpenAct, handlers: Options) -> list[Input]:
    fields = [(field, True) for field in act.needs] + [(field, False) for field in act.takes]
    hint = shower.visit.t("record.hint.all_staff")
    return [
        replace(one, hint=hint) if kind.made_known and one.name == kind.made_known.readers else one
        for one in (shower.input(field, needed, handlers, kind.handler_field) for field, needed in fields)
    ]


def _as_it_stands(inputs: Sequence[Input], opened: Opened) -> Form:
    """The form of an act as it is first shown: what was given before stands in it, to be changed."""
    form = Form()
    for one in inputs:
        value = opened.values.get(one.name)
        if isinstance(value, str) and one.type == "text":
            form.values[one.name] = value.split(";") if one.shape == "checks" else [value]
    return form


def _act(visit: Visit, kind: Kind, shower: Shower, opened: Opened, act: OpenAct, handlers: Options) -> dict[str, Any]:
    asks_answer = any(field.id == kind.answers_in_text for field in (*act.needs, *act.takes))
    says = _says_answer(visit, kind, opened.row.state, act.act)
    inputs = _inputs(kind, shower, act, handlers)
    return {
        "act": act.act,
        "title": act_title(visit, act.act, kind),
        "to": titled(kind.state(act.to, act.track).titles, visit.lang),
        "two_persons": act.two_persons,
        "proposed": _pairs(kind, shower, act.proposed) if act.proposed is not None else None,
        "inputs": inputs,
        "form": _as_it_stands(inputs, opened),
        "sends": asks_answer,
        "takes_files": any(field.type == FILES for field in (*act.needs, *act.takes)),
        "preview": _preview(visit, kind, opened, "") if says and not asks_answer else None,
        "deadline": deadline(visit.office, act.due_at),
    }


def _says_answer(visit: Visit, kind: Kind, state: str, act: str) -> bool:
    """Whether an act sends the answer to the owner."""
    notices = (notice for step in kind.moves_from(state) if step.act == act for notice in step.notify)
    return any(notice.to == "owner" and "answer" in visit.office.texts.get(notice.text).variables for notice in notices)


def _asks_handler(kind: Kind, opened: Opened) -> bool:
    return any(field.id == kind.handler_field for act in opened.acts for field in (*act.needs, *act.takes))


async def _handlers(visit: Visit) -> Options:
    rows = await console_queries.persons_with_role("handler")
    people = await Person.filter(id__in=[row["person_id"] for row in rows]).order_by("staff_no")
    return [
        (one.staff_no, f"{name_of(visit.office, one, visit.lang)} ({one.staff_no})") for one in people if one.staff_no
    ]


async def _names(visit: Visit, kind: Kind, opened: Opened) -> dict[str, str]:
    asked = [field.id for field in kind.fields.values() if field.type in ("person", "persons")]
    numbers = {each for name in asked for each in opened.values.get(name, "").split(";") if each}
    people = await Person.filter(staff_no__in=sorted(numbers)) if numbers else []
    return {
        one.staff_no: f"{name_of(visit.office, one, visit.lang)} ({one.staff_no})" for one in people if one.staff_no
    }


async def act_on_record(visit: Visit) -> web.Response:
    """Do an act, or show first what the sender would get; what was typed stays when something is wrong."""
    kind = kind_of(visit)
    opened = await opened_record(visit, kind)
    named = str(next(iter(visit.posted.get("act", [])), ""))
    chosen = next((one for one in opened.acts if one.act == named), None)
    if chosen is None:
        raise Conflict("error.not_allowed")
    tree_names = Shower(visit, await load_tree(), {})
    if "take_back" in visit.posted:
        await do_take_back(visit.office, visit.kinds, visit.actor, opened.row.public_id, named)
        return await _go_on(visit, kind, opened, "took_back")
    inputs = _inputs(kind, tree_names, chosen, await _handlers(visit) if _asks_handler(kind, opened) else [])
    form = read_form(visit.posted, [one.name for one in inputs])
    check_given(visit, form, inputs)
    received = {one.name: await taken(visit, form, one) for one in inputs if one.shape == "files"}
    if form.errors:
        return await _record_page(visit, kind, opened, named, form, None)
    if "preview" in visit.posted:
        return await _record_page(
            visit, kind, opened, named, form, _preview(visit, kind, opened, form[kind.answers_in_text or ""])
        )
    files = await kept(visit, kind, received)
    values = {**values_of(form, inputs), **files}
    try:
        await do_act(visit.office, visit.kinds, visit.actor, opened.row.public_id, named, values, visit.lang)
    except Refused as refused:
        await evidence.forget_uploads([each for value in files.values() for each in value.split(";")])
        form.wrong(str(refused.values.get("field", "")), visit.refusal(refused))
        return await _record_page(visit, kind, opened, named, form, None)
    return await _go_on(visit, kind, opened, "act")


async def _go_on(visit: Visit, kind: Kind, opened: Opened, done: str) -> web.Response:
    """Go back to the record, or to the register where the act was all that he had to do with it."""
    public_id = opened.row.public_id
    stays = await may_open(visit.office, visit.kinds, visit.actor, public_id)
    return go_on(visit, f"/records/{kind.id}/{public_id}" if stays else f"/records/{kind.id}", done)


def _preview(visit: Visit, kind: Kind, opened: Opened, typed: str) -> dict[str, Any]:
    """What the sender will get: over SMS signed, and cut where it is too long for one go."""
    lang = str(opened.values.get("lang") or visit.office.locale)
    answer = typed or (opened.values.get(kind.answers_in_text, "") if kind.answers_in_text else "")
    said = visit.office.texts.say(ANSWER_TEXT, lang, no=opened.row.number, answer=answer)
    sms = opened.values.get("channel") == "sms"
    now, rest = split(visit.office, said, lang) if sms else (said, "")
    text = sign(now, lang, visit.office.signature) if sms else now
    return {"text": text, "segments": count(text).segments if sms else 0, "lang": lang, "rest": bool(rest)}
