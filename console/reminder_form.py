"""The form of a reminder: what a browser sends becomes a draft, a draft becomes what a browser shows."""

from datetime import time
from typing import Final

from campaigns.audience import Audience
from campaigns.drafting import CATEGORIES, TEXT_MOST, TITLE_MOST, WHEN_MISSED, Draft, festival_key
from campaigns.scheduling import AtTime, BeforeFestival, Due, OnApproval, When, due_of, fix, read_at
from campaigns.templates import Template
from console.fields import Form, read_form
from console.visit import Visit
from core.errors import Refused
from core.text import LANGUAGES

NAMES: Final = (
    "title", "category", "ack", "units", "post_classes", "when", "date", "time", "festival", "year", "days_before",
    "festival_time", "when_missed", "grace", "template", "occasion", "version",
    *(f"text_{lang}" for lang in LANGUAGES),
)  # fmt: skip
TIMES: Final = ("at", "festival", "approval")
_FIELD_OF: Final = {
    "campaign.title": "title",
    "campaign.no_text": "text_zh-Hans",
    "campaign.text_huge": "text_zh-Hans",
    "campaign.too_long": "text_zh-Hans",
    "campaign.no_unit": "units",
    "campaign.no_post_class": "post_classes",
    "campaign.no_festival": "festival",
    "campaign.days_before": "days_before",
    "campaign.grace": "grace",
}
_MOMENT: Final = ("campaign.when_past", "campaign.when_impossible", "campaign.when_far")


def empty_form() -> Form:
    """Return the form of a reminder that nothing is written of yet."""
    form = Form()
    for name, value in {"category": "education", "when": "festival", "days_before": "3", "grace": "120"}.items():
        form.set(name, value)
    form.set("festival_time", "09:00")
    form.set("time", "09:00")
    form.set("when_missed", "ask")
    return form


def form_from_template(visit: Visit, template: Template) -> Form:
    """Return the form with the texts of a template and its festival, where its occasion is one."""
    form = empty_form()
    for text_lang, text in template.texts.items():
        form.set(f"text_{text_lang}", text)
    title = f"{visit.named('occasion', template.occasion)} · {visit.named('topic', template.topic)}"
    form.set("title", title)
    form.set("category", template.category if template.category in CATEGORIES else "education")
    form.set("ack", "yes" if template.ack else "")
    form.set("template", template.id)
    form.set("occasion", template.occasion)
    if "leaders" in template.audience:
        form.set("post_classes", "leader")
    if key := festival_key(visit.office, template.occasion):
        form.set("festival", key)
    else:
        form.set("when", "at")
    return form


def form_from_draft(draft: Draft, version: int) -> Form:
    """Return the form of a reminder that was written before."""
    form = empty_form()
    for text_lang, text in draft.texts.items():
        form.set(f"text_{text_lang}", text)
    for name in ("title", "category", "template", "occasion", "when_missed"):
        form.set(name, getattr(draft, name))
    form.set("ack", "yes" if draft.ack else "")
    form.set("grace", str(draft.grace_minutes))
    form.set("version", str(version))
    form.values["units"] = list(draft.audience.units)
    form.values["post_classes"] = list(draft.audience.post_classes)
    _show_when(form, draft.when)
    return form


def _show_when(form: Form, when: When) -> None:
    if isinstance(when, AtTime):
        form.set("when", "at")
        form.set("date", when.at.date().isoformat())
        form.set("time", f"{when.at:%H:%M}")
    elif isinstance(when, BeforeFestival):
        form.set("when", "festival")
        form.set("festival", when.festival)
        form.set("year", str(when.year or ""))
        form.set("days_before", str(when.days_before))
        form.set("festival_time", f"{when.at:%H:%M}")
    else:
        form.set("when", "approval")


def read_reminder(visit: Visit) -> tuple[Form, Draft | None]:
    """Return the form as typed, and the draft that it makes; None where something is wrong with it."""
    form = read_form(visit.posted, NAMES, TEXT_MOST + 1)
    if not form["title"]:
        form.wrong("title", visit.t("form.needed", field=visit.t("reminders.title_of")))
    if not form[f"text_{visit.office.locale}"]:
        name = f"text_{visit.office.locale}"
        form.wrong(name, visit.t("form.needed", field=visit.t(f"reminder.{name}")))
    when = read_when(visit, form)
    grace = _whole(visit, form, "grace", 7 * 24 * 60)
    if form["category"] not in CATEGORIES or form["when_missed"] not in WHEN_MISSED:
        form.wrong("category", visit.t("form.choose", field=visit.t("reminder.category")))
    if form.errors or when is None or grace is None:
        return form, None
    audience = Audience(tuple(form.all("units")), tuple(each for each in form.all("post_classes") if each))
    texts: dict[str, str] = {lang: form[f"text_{lang}"] for lang in LANGUAGES}
    return form, Draft(
        form["title"][: TITLE_MOST + 1], texts, when, audience, form["ack"] == "yes", form["category"],
        form["occasion"], form["template"], grace, form["when_missed"],
    )  # fmt: skip


def read_when(visit: Visit, form: Form) -> When | None:
    """Return the rule of when; None where something is wrong with it, which is then said beside its field."""
    if form["when"] == "approval":
        return OnApproval()
    try:
        if form["when"] == "at":
            return read_at(visit.office, form["date"], form["time"])
    except Refused as refused:
        form.wrong("date", visit.refusal(refused))
        return None
    if form["when"] != "festival":
        form.wrong("when", visit.t("form.choose", field=visit.t("reminder.when")))
        return None
    days, at = _whole(visit, form, "days_before", 30), _time(visit, form, "festival_time")
    if form["festival"] not in visit.console.festivals.by_key:
        form.wrong("festival", visit.t("form.choose", field=visit.t("reminder.festival")))
    if days is None or at is None or "festival" in form.errors:
        return None
    year = int(form["year"]) if form["year"].isdecimal() and len(form["year"]) == 4 else None
    return BeforeFestival(form["festival"], days, at, year)


def _whole(visit: Visit, form: Form, name: str, most: int) -> int | None:
    given = form[name]
    if not given.isascii() or not given.isdecimal() or len(given) > 6 or int(given) > most:
        form.wrong(name, visit.t("form.whole", field=visit.t(f"reminder.{name}"), most=most))
        return None
    return int(given)


def _time(visit: Visit, form: Form, name: str) -> time | None:
    try:
        return time.fromisoformat(form[name])
    except ValueError:
        form.wrong(name, visit.t("form.time"))
        return None


def say_refused(visit: Visit, form: Form, refused: Refused) -> None:
    """Put a refusal beside the field that it is about."""
    name = _FIELD_OF.get(refused.key, "")
    if refused.key in _MOMENT:
        name = {"at": "date", "festival": "days_before"}.get(form["when"], "when")
    form.wrong(name, visit.refusal(refused))


def moment_of(visit: Visit, form: Form) -> Due | None:
    """Return the computed moment of the form as it stands, None where it gives none."""
    probe = Form(form.values)
    when = read_when(visit, probe)
    if when is None:
        return None
    try:
        return due_of(visit.office, fix(visit.office, when))
    except Refused as refused:
        say_refused(visit, form, refused)
        return None
