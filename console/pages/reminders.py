"""Reminders: the list, one reminder with its preview and its runs, the acts on it."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web

from campaigns import approving, audience, chasing, results, trying
from campaigns.drafting import find_campaign
from campaigns.running import do_decide_missed, find_run
from campaigns.scheduling import Due, due_of, from_rule
from console import paging
from console.answers import go_on
from console.fields import read_form
from console.names import name_in
from console.rendering import render
from console.visit import Visit
from core.errors import NotAllowed, NotThere, Refused
from core.text import LANGUAGES
from models import console_queries, sql
from models.campaign import Campaign, CampaignAct, Run, Schedule
from models.org import Person
from models.states import CampaignState
from people.persons import name_of

ALL_STATES: Final = tuple(str(state) for state in CampaignState)
VIEWS: Final = {
    "all": ALL_STATES,
    "draft": ("draft",),
    "submitted": ("submitted",),
    "approved": ("approved",),
    "running": ("active", "paused"),
    "over": ("finished", "cancelled"),
}
STEPS: Final = ("draft", "submitted", "approved", "active", "finished")
SKIPPED_SHOWN: Final = 30


async def list_page(visit: Visit) -> web.Response:
    """Show reminders, newest first."""
    view = visit.query("view") if visit.query("view") in VIEWS else "all"
    rows = await console_queries.campaigns(VIEWS[view], paging.SIZE, paging.offset(visit))
    shown = [
        row
        | {"author": name_in(visit, row), "due_at": sql.as_time(row["due_at"]), "ran_at": sql.as_time(row["ran_at"])}
        for row in rows
    ]
    context = {"rows": shown, "view": view, "views": list(VIEWS), "page": paging.sliced(visit, rows, "view")}
    return render(visit, "reminders.html", context)


async def reminder_page(visit: Visit) -> web.Response:
    """Show a reminder."""
    return await show_reminder(visit, await find_campaign(visit.path("campaign")), "")


async def show_reminder(visit: Visit, campaign: Campaign, trouble: str) -> web.Response:
    """Show the page of a reminder; `trouble` says why an act was refused."""
    seen = await audience.preview(visit.office, campaign)
    schedule = await Schedule.get(campaign_id=campaign.id)
    runs = await Run.filter(campaign_id=campaign.id).order_by("due_at", "round")
    readers = [
        *await audience.readers(campaign, "skipped", 0, SKIPPED_SHOWN),
        *await audience.readers(campaign, "on_leave", 0, SKIPPED_SHOWN),
    ][:SKIPPED_SHOWN]
    context = {
        "campaign": campaign,
        "trouble": trouble,
        "step": _step(campaign),
        "steps": STEPS,
        "acts": await approving.acts_open(visit.actor, campaign),
        "own": campaign.author_id == visit.actor.person_id,
        "tested": await trying.is_tested(campaign),
        "seen": seen,
        "left_out": [(one, one.reason or "") for one in readers],
        "names": await audience.names(visit.office, readers, visit.lang),
        "units": await audience.unit_names(visit.lang),
        "audience": audience.Audience.from_row(campaign.audience),
        "due": _due(visit, schedule),
        "due_at": schedule.next_due_at,
        "on_approval": "on" in schedule.rule,
        "runs": [await _run(visit, run) for run in runs],
        "ack_label": {lang: visit.office.texts.say("campaign.ack_button", lang) for lang in LANGUAGES},
        "story": await _story(visit, campaign),
    }
    return render(visit, "reminder.html", context, 409 if trouble else 200)


def _step(campaign: Campaign) -> int:
    state = {"paused": "active", "cancelled": "finished"}.get(campaign.state, campaign.state)
    return STEPS.index(state)


def _due(visit: Visit, schedule: Schedule) -> Due | None:
    try:
        return due_of(visit.office, from_rule(schedule.rule))
    except Refused:
        return None


async def _run(visit: Visit, run: Run) -> dict[str, Any]:
    counts = await results.counts(visit.office, run)
    chased = run.round > 1 or await chasing.chase_of(run) is not None
    return {"run": run, "counts": counts, "books": await results.books_of(run), "chased": chased}


async def _story(visit: Visit, campaign: Campaign) -> list[dict[str, Any]]:
    acts = await CampaignAct.filter(campaign_id=campaign.id).order_by("-id").limit(50)
    people = {one.id: one for one in await Person.filter(id__in={act.person_id for act in acts if act.person_id})}
    return [
        {
            "at": act.at,
            "act": act.act,
            "version": act.version,
            "who": name_of(visit.office, people[act.person_id], visit.lang) if act.person_id in people else "",
        }
        for act in acts
    ]


async def recipients_page(visit: Visit) -> web.Response:
    """Show everybody of one group of the preview, page by page."""
    campaign = await find_campaign(visit.path("campaign"))
    group = next((each for each in audience.GROUPS if each == visit.path("group")), None)
    if group is None:
        raise NotThere
    seen = await audience.preview(visit.office, campaign)
    many = {each: int(getattr(seen, each)) for each in audience.GROUPS}
    shown = await audience.readers(campaign, group, paging.offset(visit), paging.SIZE)
    context = {
        "campaign": campaign,
        "group": group,
        "groups": list(many.items()),
        "readers": shown,
        "names": await audience.names(visit.office, shown, visit.lang),
        "units": await audience.unit_names(visit.lang),
        "page": paging.Slice(paging.page_number(visit), many[group], visit.request.path, {}),
    }
    return render(visit, "recipients.html", context)


Act = Callable[[Visit, str, int], Awaitable[object]]


def _with_version(do: Callable[..., Awaitable[Campaign]]) -> Act:
    async def act(visit: Visit, public_id: str, version: int) -> object:
        return await do(visit.office, visit.actor, public_id, version)

    return act


def _without_version(do: Callable[..., Awaitable[object]]) -> Act:
    async def act(visit: Visit, public_id: str, version: int) -> object:
        return await do(visit.office, visit.actor, public_id)

    return act


ACTS: Final[dict[str, Act]] = {
    "test": _without_version(trying.do_test),
    "submit": _with_version(approving.do_submit),
    "approve": _with_version(approving.do_approve),
    "send_back": _with_version(approving.do_send_back),
    "cancel": _without_version(approving.do_cancel),
    "pause": _without_version(approving.do_pause),
    "resume": _without_version(approving.do_resume),
    "finish": _without_version(approving.do_finish),
}


async def act_on_reminder(visit: Visit) -> web.Response:
    """Do an act on a reminder; a refusal is a sentence on its page."""
    campaign = await find_campaign(visit.path("campaign"))
    act = ACTS.get(visit.path("act"))
    if act is None:
        raise NotThere
    form = read_form(visit.posted, ("version",), 9)
    version = int(form["version"]) if form["version"].isdecimal() else campaign.version
    try:
        await act(visit, campaign.public_id, version)
    except NotAllowed as refused:
        if refused.key == "people.not_allowed":
            raise
        return await show_reminder(visit, await find_campaign(campaign.public_id), visit.refusal(refused))
    except Refused as refused:
        return await show_reminder(visit, await find_campaign(campaign.public_id), visit.refusal(refused))
    return go_on(visit, f"/reminders/{campaign.public_id}", f"reminder_{visit.path('act')}")


async def _own_run(visit: Visit) -> tuple[Campaign, Run]:
    campaign, run = await find_campaign(visit.path("campaign")), await find_run(visit.path("run"))
    if run.campaign_id != campaign.id:
        raise NotThere
    return campaign, run


async def counts_data(visit: Visit) -> web.Response:
    """Return the counts of a run as data, for the page that refreshes them."""
    _, run = await _own_run(visit)
    counts, books = await results.counts(visit.office, run), await results.books_of(run)
    figures = {name: getattr(counts, name) for name in COUNTS}
    data = figures | {
        "planned": books.planned,
        "accepted": books.accepted_ever,
        "ended": books.ended,
        "done": books.planned - books.open,
        "waiting": counts.waiting,
        "rate": counts.ack_rate,
        "state": run.state,
        "over": run.state in ("finished", "cancelled", "missed") and not run.ack,
    }
    return web.json_response(data)


COUNTS: Final = ("delivered", "failed", "unconfirmed", "unknown", "open", "acked", "segments")
MISSED_CHOICES: Final = ("send", "skip")
ONLY: Final[tuple[results.Only, ...]] = ("all", "waiting", "acked", "problem")


async def results_page(visit: Visit) -> web.Response:
    """Show what became of the message to each person."""
    campaign, run = await _own_run(visit)
    only: results.Only = next((each for each in ONLY if each == visit.query("only")), "all")
    found = await results.results(
        visit.office, run, visit.lang, only=only, offset=paging.offset(visit), limit=paging.SIZE + 1
    )
    number = paging.page_number(visit)
    context = {
        "campaign": campaign,
        "run": run,
        "only": only,
        "onlys": ONLY,
        "rows": [(one, _in_words(visit, one.word_keys)) for one in found[: paging.SIZE]],
        "before": number - 1 if number > 1 else None,
        "after": number + 1 if len(found) > paging.SIZE else None,
    }
    return render(visit, "results.html", context)


def _in_words(visit: Visit, keys: tuple[str, ...]) -> list[str]:
    return [visit.word(key.removeprefix("word.")) for key in keys]


async def decide_missed(visit: Visit) -> web.Response:
    """Send a run that missed its moment after all, or leave it."""
    campaign, run = await _own_run(visit)
    choice = read_form(visit.posted, ("choice",), 8)["choice"]
    if choice not in MISSED_CHOICES:
        raise NotThere
    try:
        await do_decide_missed(visit.office, visit.actor, run.public_id, send=choice == "send")
    except Refused as refused:
        return await show_reminder(visit, campaign, visit.refusal(refused))
    return go_on(visit, f"/reminders/{campaign.public_id}", f"missed_{choice}")


async def chase(visit: Visit) -> web.Response:
    """Ask those once more who have not acknowledged."""
    campaign, run = await _own_run(visit)
    try:
        await chasing.do_chase(visit.office, visit.actor, run.public_id)
    except Refused as refused:
        return await show_reminder(visit, campaign, visit.refusal(refused))
    return go_on(visit, f"/reminders/{campaign.public_id}", "reminder_chase")
