"""A record that the office begins by itself: the page that asks what it needs at first."""

from aiohttp import web

from console.answers import go_on
from console.fields import Form, read_form
from console.pages.records import kind_of
from console.record_values import Input, Shower, check_given, values_of
from console.rendering import render
from console.visit import Visit
from core.errors import NotThere
from people.units import load_tree
from records.kind import Kind
from records.opening import begin, may_begin


async def new_page(visit: Visit) -> web.Response:
    """Ask what a record that the office begins needs at first."""
    kind = _begun(visit)
    return await _new_page(visit, kind, Form())


def _begun(visit: Visit) -> Kind:
    kind = kind_of(visit)
    if not may_begin(kind, visit.actor):
        raise NotThere
    return kind


async def _new_page(visit: Visit, kind: Kind, form: Form) -> web.Response:
    context = {"kind": kind, "inputs": await _first_inputs(visit, kind), "form": form, "path": f"/records/{kind.id}"}
    return render(visit, "record_new.html", context, 422 if form.errors else 200)


async def _first_inputs(visit: Visit, kind: Kind) -> list[Input]:
    shower = Shower(visit, await load_tree(), {})
    asked = [(name, not entry.optional) for entry in kind.form.first for name in entry.fields]
    return [shower.input(kind.fields[name], needed, [], kind.handler_field) for name, needed in asked]


async def begin_record(visit: Visit) -> web.Response:
    """Begin a record that the office files by itself, and go to it."""
    kind = _begun(visit)
    inputs = await _first_inputs(visit, kind)
    form = read_form(visit.posted, [one.name for one in inputs])
    check_given(visit, form, inputs)
    if form.errors:
        return await _new_page(visit, kind, form)
    filed = await begin(visit.office, visit.kinds, visit.actor, kind.id, values_of(form, inputs), visit.lang)
    return go_on(visit, f"/records/{kind.id}/{filed.public_id}", "began")
