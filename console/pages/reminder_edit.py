"""Writing a reminder: choosing a template, the form, the moment that its rule gives."""

from typing import Any

from aiohttp import web

from campaigns import drafting
from campaigns.audience import MOST_SEGMENTS, POST_CLASSES
from campaigns.templates import Template, templates
from console.answers import go_on
from console.fields import Form, read_form
from console.reminder_form import (
    NAMES,
    empty_form,
    form_from_draft,
    form_from_template,
    moment_of,
    read_reminder,
    say_refused,
)
from console.rendering import render
from console.visit import Visit
from core.errors import Refused
from core.text import LANGUAGES
from people.units import load_tree

WRITE_OWN = "own"


async def new_page(visit: Visit) -> web.Response:
    """Show the templates; with one chosen, the form."""
    chosen = visit.query("template")
    if chosen == WRITE_OWN:
        return await _form_page(visit, empty_form(), None)
    if template := templates().get(chosen):
        return await _form_page(visit, form_from_template(visit, template), None)
    offered = [one for one in templates().values() if one.category in drafting.CATEGORIES]
    return render(visit, "templates.html", {"groups": _by_occasion(visit, offered), "lang_shown": visit.lang})


def _by_occasion(visit: Visit, offered: list[Template]) -> dict[str, list[Template]]:
    """The templates by occasion, those of the next festivals first."""
    groups: dict[str, list[Template]] = {}
    for one in offered:
        groups.setdefault(one.occasion, []).append(one)
    coming = visit.console.festivals.coming(visit.office.today())
    names = [name for one in coming for name in one.festival.names.values() if name in groups]
    return {name: groups[name] for name in dict.fromkeys([*names, *groups])}


async def create(visit: Visit) -> web.Response:
    """Keep a new draft, or show the form again with what was typed."""
    form, draft = read_reminder(visit)
    if "look" in visit.posted or draft is None:
        return await _form_page(visit, form, None)
    try:
        campaign = await drafting.do_create(visit.office, visit.actor, draft)
    except Refused as refused:
        say_refused(visit, form, refused)
        return await _form_page(visit, form, None)
    return go_on(visit, f"/reminders/{campaign.public_id}", "draft_kept")


async def edit_page(visit: Visit) -> web.Response:
    """Show the form of a reminder that exists."""
    campaign = await drafting.find_campaign(visit.path("campaign"))
    form = form_from_draft(await drafting.draft_of(campaign), campaign.version)
    return await _form_page(visit, form, campaign.public_id, campaign.state)


async def change(visit: Visit) -> web.Response:
    """Keep a change; of a reminder that was approved it is submitted again."""
    campaign = await drafting.find_campaign(visit.path("campaign"))
    form, draft = read_reminder(visit)
    if "look" in visit.posted or draft is None:
        return await _form_page(visit, form, campaign.public_id, campaign.state)
    version = int(form["version"]) if form["version"].isdecimal() and len(form["version"]) < 9 else 0
    try:
        changed = await drafting.do_change(visit.office, visit.actor, campaign.public_id, draft, version)
    except Refused as refused:
        say_refused(visit, form, refused)
        return await _form_page(visit, form, campaign.public_id, campaign.state)
    done = "draft_kept" if changed.state == "draft" else "change_submitted"
    return go_on(visit, f"/reminders/{campaign.public_id}", done)


async def _form_page(visit: Visit, form: Form, public_id: str | None, state: str = "draft") -> web.Response:
    looked = "look" in visit.posted
    if looked:
        form.errors.clear()
    due = moment_of(visit, form)
    if not looked and visit.request.method == "GET":
        form.errors.clear()
    tree = await load_tree()
    festivals = visit.console.festivals.coming(visit.office.today())
    context: dict[str, Any] = {
        "form": form,
        "public_id": public_id,
        "state": state,
        "due": due,
        "langs": LANGUAGES,
        "signature": visit.office.signature,
        "parts_most": MOST_SEGMENTS,
        "categories": [(each, visit.t(f"category.{each}")) for each in drafting.CATEGORIES],
        "units": [(unit.code, unit.name(visit.lang)) for unit in tree.by_id.values() if unit.active],
        "post_classes": [(each, visit.t(f"post.{each}")) for each in POST_CLASSES],
        "missed": [(each, visit.t(f"missed.{each}")) for each in drafting.WHEN_MISSED],
        "festivals": [(one.festival.key, one.festival.names[visit.lang]) for one in festivals],
    }
    return render(visit, "reminder_form.html", context, 422 if form.errors else 200)


async def moment_fragment(visit: Visit) -> web.Response:
    """Return the part of the form that shows the moment, for a browser that follows the fields."""
    form = read_form({name: list(visit.request.query.getall(name, [])) for name in NAMES}, NAMES, 100)
    due = moment_of(visit, form)
    return render(visit, "moment.html", {"due": due, "trouble": next(iter(form.errors.values()), "")})
