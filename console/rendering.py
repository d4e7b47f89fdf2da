"""Templates: what each of them may use, and how moments, days and amounts of time are shown."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import aiohttp_jinja2
import jinja2
from aiohttp import web
from markupsafe import Markup

from console import security
from console.navigation import places
from console.visit import Visit
from console.words import Lang, titled
from core.segments import count
from core.text import clean
from models import sql
from people.roles import roles

HERE: Final = Path(__file__).parent
STATIC: Final = HERE / "static"
_WEEKDAYS: Final = {"zh-Hans": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MESSAGE_TONES: Final = {
    "delivered": "good",
    "read": "good",
    "unknown": "warn",
    "expired": "warn",
    "failed": "bad",
    "undelivered": "bad",
    "suppressed": "",
    "cancelled": "",
}
_CAMPAIGN_TONES: Final = {"submitted": "warn", "approved": "accent", "active": "info", "paused": "warn"}


def set_up_templates(app: web.Application) -> None:
    """Give an application the templates of the console."""
    environment = aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals |= {
        "icon": icon,
        "asset": asset,
        "segments_of": lambda text: count(text).segments,
        "message_tone": lambda state: _MESSAGE_TONES.get(state, "info"),
        "campaign_tone": lambda state: _CAMPAIGN_TONES.get(state, ""),
        "as_time": sql.as_time,
    }
    environment.filters["clean"] = clean


@cache
def icon(name: str) -> Markup:
    """Return one of our drawings, to stand in the page."""
    return Markup((HERE / "icons" / f"{name}.svg").read_text(encoding="utf-8").strip())


@cache
def asset(name: str) -> str:
    """Return the address of a static file with its version, so that a browser may keep it for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"{security.ASSETS}{name}?v={digest}"


def show_day(day: date, lang: Lang, today: date) -> str:
    """Return a day with its weekday, and its year unless it is this one."""
    weekday = _WEEKDAYS[lang][day.weekday()]
    if lang == "en":
        year = "" if day.year == today.year else f" {day.year}"
        return f"{weekday} {day.day} {_MONTHS[day.month - 1]}{year}"
    year = "" if day.year == today.year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日 周{weekday}"


def show_moment(at: datetime, lang: Lang, zone: ZoneInfo, today: date) -> str:
    """Return an aware moment in the agency's time zone, to the minute."""
    local = at.astimezone(zone)
    return f"{show_day(local.date(), lang, today)} {local:%H:%M}"


def render(visit: Visit, template: str, context: Mapping[str, Any], status: int = 200) -> web.Response:
    """Return a page; a notice left by the page before is shown once."""
    notice = visit.request.cookies.get(security.NOTICE_COOKIE, "")
    shown = notice if notice.startswith("done.") and notice in visit.console.words else ""
    response = aiohttp_jinja2.render_template(
        template, visit.request, {**_frame(visit), "notice": shown, **context}, status=status
    )
    if notice:
        response.del_cookie(security.NOTICE_COOKIE, path="/")
    if visit.visitor is None:
        security.set_cookie(response, visit.office, security.FORM_COOKIE, visit.nonce)
    return response


def render_public(visit: Visit, template: str, context: Mapping[str, Any]) -> web.Response:
    """Return a page for the public: the same for everybody of a language, without a cookie or a form."""
    response = aiohttp_jinja2.render_template(template, visit.request, {**_frame(visit), **context})
    response.headers["Vary"] = "Accept-Language, Cookie"
    return response


def _frame(visit: Visit) -> dict[str, Any]:
    office, lang, today = visit.office, visit.lang, visit.office.today()
    says = visit.console.words.by_key
    return {
        "t": visit.t,
        "t_raw": lambda key: says[key][lang],
        "lang": lang,
        "may": visit.may,
        "form_token": visit.form_token,
        "here": visit.request.rel_url.path_qs,
        "who": _who(visit),
        "nav": places(visit),
        "has": says.__contains__,
        "word": visit.word,
        "named": visit.named,
        "card_words": lambda key: _card_words(visit, key),
        "show_day": lambda day: show_day(day, lang, today),
        "show_moment": lambda at: show_moment(at, lang, office.zone, today),
    }


def _card_words(visit: Visit, key: str) -> str:
    """The words of a number on the start page; those of a register name it."""
    wording, _, named = key.partition("_")
    kind_id, _, level = named.partition(".")
    if kind_id in visit.kinds.by_id:
        kind = visit.kinds.get(kind_id)
        choices = kind.fields[kind.limits_by].choices or {} if kind.limits_by else {}
        at = titled(choices[level].titles, visit.lang) if level else ""
        return visit.t(f"start.{wording}_kind", kind=titled(kind.titles, visit.lang), level=at)
    return visit.t(f"start.{key}")


def _who(visit: Visit) -> Mapping[str, Any] | None:
    if visit.visitor is None:
        return None
    known = roles().by_id
    names = [titled(known[role].titles, visit.lang) for role in sorted(visit.visitor.actor.roles)]
    return {"name": visit.visitor.name, "roles": names}
