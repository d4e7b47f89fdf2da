"""Counts by hand of what is kept: what should be there, what one person found, what another confirmed."""

from typing import Any

from aiohttp import web

from console.answers import go_on
from console.fields import Form, read_form
from console.record_values import Shower
from console.rendering import render
from console.visit import Visit
from core.errors import Refused
from models.org import Person
from oversight import custody_counts
from oversight.custody_counts import REASON_MOST, Counted, Kept
from people.persons import name_of
from people.units import UnitTree


async def counts_page(visit: Visit) -> web.Response:
    """Show the counts so far, and what waits for its second person."""
    found = await custody_counts.counts(visit.office, visit.actor)
    asked = {person for one in found for person in (one.counted_by, one.confirmed_by) if person}
    names = {one.id: name_of(visit.office, one, visit.lang) for one in await Person.filter(id__in=sorted(asked))}
    return render(visit, "counts.html", {"rows": [_row(visit, one, names) for one in found]})


def _row(visit: Visit, one: Counted, names: dict[int, str]) -> dict[str, Any]:
    waits = one.state == "proposed" and visit.may("count.make")
    return {
        "count": one,
        "who": [names[person] for person in (one.counted_by, one.confirmed_by) if person in names],
        "state": visit.t(f"counts.state.{one.state}"),
        "confirms": waits and one.counted_by != visit.actor.person_id,
        "drops": waits,
    }


async def new_page(visit: Visit) -> web.Response:
    """Show what should be there, to be ticked off."""
    return await _new_page(visit, Form())


async def _new_page(visit: Visit, form: Form) -> web.Response:
    kind = custody_counts.kind_with_store(visit.kinds)
    shower = Shower(visit, UnitTree({}), {})
    kept = await custody_counts.should_be_there(visit.office, visit.kinds, visit.actor)
    shown = [kind.fields[name] for name in kind.store.shows] if kind.store else []
    context: dict[str, Any] = {
        "form": form,
        "heads": [shower.title(field) for field in shown],
        "lines": [{"id": one.record_id, "number": one.number, "cells": _cells(shower, shown, one)} for one in kept],
        "quarter": custody_counts.quarter_of(visit.office),
        "reason_most": REASON_MOST,
    }
    return render(visit, "count_new.html", context, 422 if form.errors else 200)


def _cells(shower: Shower, shown: list[Any], one: Kept) -> list[tuple[str, str]]:
    return [(shower.title(field), shower.value(field, one.facts.get(field.id, ""))) for field in shown]


async def enter(visit: Visit) -> web.Response:
    """Keep what the first person found; what was typed stays when a reason is missing."""
    kept = await custody_counts.should_be_there(visit.office, visit.kinds, visit.actor)
    names = [f"reason-{one.record_id}" for one in kept]
    form = read_form(visit.posted, ["there", *names], REASON_MOST + 1)
    found = frozenset(int(each) for each in form.all("there") if each.isdecimal() and len(each) < 19)
    reasons = {one.record_id: form[f"reason-{one.record_id}"] for one in kept}
    try:
        await custody_counts.enter(visit.office, visit.kinds, visit.actor, found, reasons)
    except Refused as refused:
        form.wrong(str(refused.values.get("field", "")), visit.refusal(refused))
        return await _new_page(visit, form)
    return go_on(visit, "/counts", "count_entered")


async def confirm(visit: Visit) -> web.Response:
    """Confirm what the first person found."""
    await custody_counts.confirm(visit.office, visit.kinds, visit.actor, visit.path("count"))
    return go_on(visit, "/counts", "count_confirmed")


async def drop(visit: Visit) -> web.Response:
    """Drop a count that waits."""
    await custody_counts.drop(visit.office, visit.actor, visit.path("count"))
    return go_on(visit, "/counts", "count_dropped")
