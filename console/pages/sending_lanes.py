"""Adding a lane, changing one, replacing its credentials.

Credentials go in and never come out: a form shows that there are some, no more.
"""

from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

from console.answers import go_on
from console.fields import Form, read_form
from console.rendering import render
from console.visit import Visit
from core.errors import NotThere, Refused
from messaging import lane_book
from messaging.lane_book import LaneRules, NewLane
from models.lane import Lane

RULES: Final = ("rate", "prefix", "weight", "cap_day", "enabled")
SECRETS: Final = ("account_sid", "auth_token", "token", "webhook_secret", "api_url")
CHANNELS: Final = tuple(lane_book.NEEDED)
FIELD_OF: Final = {
    "lane.bad_name": "name",
    "lane.name_taken": "name",
    "lane.bad_channel": "channel",
    "lane.bad_sender": "sender",
    "lane.bad_rate": "rate",
    "lane.of_settings": "rate",
    "lane.bad_prefix": "prefix",
    "lane.chat_prefix": "prefix",
    "lane.bad_weight": "weight",
    "lane.bad_cap": "cap_day",
    "lane.bot_taken": "token",
    "lane.other_bot": "token",
}


async def new_page(visit: Visit) -> web.Response:
    """Show the form of a new lane."""
    form = Form()
    for name, value in (("channel", CHANNELS[0]), ("rate", "1"), ("weight", "1"), ("enabled", "yes")):
        form.set(name, value)
    return _page(visit, form, None)


async def add(visit: Visit) -> web.Response:
    """Add a lane."""
    form = read_form(visit.posted, ("name", "channel", "sender", *RULES, *SECRETS), 512)
    rules = _rules(visit, form)
    if rules is not None and not form.errors:
        needed = (*lane_book.NEEDED.get(form["channel"], ()), *lane_book.OPTIONAL.get(form["channel"], ()))
        secrets = {name: form[name] for name in needed if form[name]}
        new = NewLane(form["name"], form["channel"], rules, form["sender"], secrets)
        try:
            await lane_book.do_add_lane(visit.office, visit.actor.person_id, new)
            return go_on(visit, "/sending", "lane_added")
        except Refused as refused:
            _say(visit, form, refused)
    return _page(visit, form, None)


async def change_page(visit: Visit) -> web.Response:
    """Show what may be changed of a lane."""
    lane = await _lane(visit)
    return _page(visit, _as_it_is(lane), lane)


async def change(visit: Visit) -> web.Response:
    """Change a lane."""
    lane = await _lane(visit)
    form = read_form(visit.posted, RULES, 20)
    rules = _rules(visit, form)
    if rules is not None and not form.errors:
        try:
            await lane_book.do_change_lane(visit.office, visit.actor.person_id, lane.id, rules)
            return go_on(visit, "/sending", "lane_changed")
        except Refused as refused:
            _say(visit, form, refused)
    return _page(visit, form, lane)


async def replace_credentials(visit: Visit) -> web.Response:
    """Replace credentials of a lane; an empty field leaves what there is."""
    lane = await _lane(visit)
    secrets = read_form(visit.posted, lane_book.REPLACEABLE[lane.channel], 513)  # what is too long is said
    given = {name: secrets[name] for name in secrets.values if secrets[name]}
    try:
        await lane_book.do_change_credentials(visit.office, visit.actor.person_id, lane.id, given)
        return go_on(visit, "/sending", "lane_credentials_replaced")
    except Refused as refused:
        _say(visit, secrets, refused)
    return _page(visit, _as_it_is(lane), lane, secrets)


def _as_it_is(lane: Lane) -> Form:
    form = Form()
    values = {"rate": f"{lane.rate:g}", "prefix": lane.prefix, "weight": str(lane.weight)}
    values |= {"cap_day": str(lane.cap_day or ""), "enabled": "yes" if lane.enabled else ""}
    for name, value in values.items():
        form.set(name, value)
    return form


def _rules(visit: Visit, form: Form) -> LaneRules | None:
    """Return the rules of a form; what is no number is said beside its field."""
    rate, weight = _number(visit, form, "rate", float), _number(visit, form, "weight", int)
    cap = _number(visit, form, "cap_day", int) if form["cap_day"] else None
    if rate is None or weight is None:
        return None
    return LaneRules(float(rate), form["prefix"], int(weight), cap, form["enabled"] == "yes")


def _number(visit: Visit, form: Form, name: str, read: Callable[[str], Any]) -> Any:
    given = form[name]
    try:
        return read(given) if given.isascii() and "_" not in given else read("")
    except ValueError:
        form.wrong(name, visit.t("lane.no_number", field=visit.t(f"lane.{name}")))
        return None


def _say(visit: Visit, form: Form, refused: Refused) -> None:
    """Put a refusal beside the field that it is about, a missing or wrong credential beside its own."""
    what = str(refused.values.get("what", ""))
    if what in SECRETS:
        form.wrong(what, visit.refusal(Refused(refused.key, what=visit.t(f"lane.{what}"))))
    else:
        form.wrong(FIELD_OF.get(refused.key, ""), visit.refusal(refused))


async def _lane(visit: Visit) -> Lane:
    number = visit.path("lane")
    lane = await Lane.get_or_none(id=int(number)) if number.isdecimal() and len(number) < 19 else None
    if lane is None:
        raise NotThere
    return lane


def _page(visit: Visit, form: Form, lane: Lane | None, secrets: Form | None = None) -> web.Response:
    channels = [(each, visit.t(f"channel.{each}")) for each in CHANNELS]
    context = {"form": form, "lane": lane, "channels": channels, "secrets": secrets or Form()}
    return render(visit, "lane.html", context, 422 if form.errors or (secrets and secrets.errors) else 200)
