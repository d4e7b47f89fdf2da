"""Writing a campaign: a draft from a template or free text, with audience and rule of when; and changing one.

A change of an approved campaign sends it back to the approver: it is submitted again with a new version, and nothing
is
sent before it is approved again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from campaigns.audience import MOST_SEGMENTS, Audience, check_audience, spoken_texts, texts_of
from campaigns.scheduling import OnApproval, When, due_of, festivals_of, fix, from_rule, to_rule
from campaigns.templates import templates
from core.errors import Conflict, NotThere, Refused
from core.office import Office
from core.segments import count
from core.text import LANGUAGES, clean
from models import sql
from models.campaign import Campaign, CampaignAct, CampaignText, Schedule
from models.states import CampaignState
from people.access import Actor, check_may

CATEGORIES: Final = ("education", "duty", "service")
WHEN_MISSED: Final = ("send", "skip", "ask")
TITLE_MOST: Final = 120
TEXT_MOST: Final = 2000
GRACE_MOST: Final = 7 * 24 * 60
_CHANGEABLE: Final = (CampaignState.DRAFT, CampaignState.SUBMITTED, CampaignState.APPROVED)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Draft:
    """What an editor wrote. `texts` by language; one in the agency's own language must be there."""

    title: str
    texts: Mapping[str, str]
    when: When = field(default_factory=OnApproval)
    audience: Audience = field(default_factory=Audience)
    ack: bool = False
    category: str = "education"
    occasion: str = ""
    template: str = ""
    grace_minutes: int = 120
    when_missed: str = "ask"


def draft_from(template_id: str, *, lang: str, when: When | None = None, audience: Audience | None = None) -> Draft:
    """Return a draft with the texts of a template; its title is its occasion and topic. Raises NotThere."""
    template = templates().get(template_id)
    if template is None:
        raise NotThere
    title = f"{template.occasion} · {template.topic}" if lang != "en" else template.id
    category = template.category if template.category in CATEGORIES else "education"
    return Draft(
        title=title,
        texts=template.texts,
        when=when or OnApproval(),
        audience=audience or Audience(),
        ack=template.ack,
        category=category,
        occasion=template.occasion,
        template=template.id,
    )


async def find_campaign(public_id: str) -> Campaign:
    """Return a campaign by its public id. Raises NotThere."""
    campaign = await Campaign.get_or_none(public_id=public_id)
    if campaign is None:
        raise NotThere
    return campaign


async def draft_of(campaign: Campaign) -> Draft:
    """Return a campaign as the draft that would write it, for the form that changes it."""
    schedule = await Schedule.get(campaign_id=campaign.id)
    return Draft(
        title=campaign.title,
        texts=await texts_of(campaign.id),
        when=from_rule(schedule.rule),
        audience=Audience.from_row(campaign.audience),
        ack=campaign.ack,
        category=campaign.category,
        occasion=campaign.occasion,
        template=campaign.template,
        grace_minutes=schedule.grace_minutes,
        when_missed=schedule.when_missed,
    )


async def check_draft(office: Office, draft: Draft) -> Draft:
    """Return the draft as it will be kept: cleaned, its festival fixed to a year. Raises Refused with what is wrong."""
    title = clean(draft.title).strip()
    texts = {lang: kept for lang, text in draft.texts.items() if (kept := clean(text).strip())}
    if not title or len(title) > TITLE_MOST:
        raise Refused("campaign.title", max=TITLE_MOST)
    if office.locale not in texts:
        raise Refused("campaign.no_text")
    if unknown := set(texts) - set(LANGUAGES):
        raise Refused("campaign.no_language", item=min(unknown))
    if any(len(text) > TEXT_MOST for text in texts.values()):
        raise Refused("campaign.text_huge", max=TEXT_MOST)
    if draft.category not in CATEGORIES or draft.when_missed not in WHEN_MISSED:
        raise Refused("campaign.no_choice")
    if not 0 <= draft.grace_minutes <= GRACE_MOST:
        raise Refused("campaign.grace", max=GRACE_MOST)
    await check_audience(draft.audience)
    when = fix(office, draft.when)
    due_of(office, when)
    return Draft(
        title,
        texts,
        when,
        draft.audience,
        draft.ack,
        draft.category,
        draft.occasion[:32],
        draft.template[:32],
        draft.grace_minutes,
        draft.when_missed,
    )


def check_lengths(office: Office, campaign: Campaign, written: Mapping[str, str]) -> None:
    """Raise Refused("campaign.too_long") with the segments of the first text that takes more than four."""
    for lang, text in spoken_texts(office, campaign, written).items():
        if (n := count(text).segments) > MOST_SEGMENTS:
            raise Refused("campaign.too_long", item=lang, n=n, max=MOST_SEGMENTS)


async def do_create(office: Office, actor: Actor, draft: Draft) -> Campaign:
    """Write a new draft. Raises NotAllowed, Refused."""
    check_may(actor, "campaign.write")
    kept = await check_draft(office, draft)
    now = office.clock.now()
    async with sql.transaction():
        campaign = await Campaign.create(
            **_columns(kept), kind="reminder", author_id=actor.person_id, created_at=now, updated_at=now
        )
        await Schedule.create(campaign_id=campaign.id, **_schedule(office, kept))
        await _write_texts(campaign.id, kept.texts)
        await record_act(office, campaign, actor.person_id, "create")
    log.info("campaign created", campaign_id=campaign.id, person_id=actor.person_id)
    return campaign


async def do_change(office: Office, actor: Actor, public_id: str, draft: Draft, version: int) -> Campaign:
    """Replace what a campaign says, to whom and when. `version` is the one that the editor saw.

    An approved or submitted campaign is then submitted again. Raises NotThere, NotAllowed, Refused, Conflict.
    """
    check_may(actor, "campaign.write")
    campaign = await find_campaign(public_id)
    state = CampaignState(campaign.state)
    if state not in _CHANGEABLE:
        raise Conflict("campaign.not_changeable")
    kept = await check_draft(office, draft)
    again = CampaignState.DRAFT if state is CampaignState.DRAFT else CampaignState.SUBMITTED
    campaign.ack = kept.ack
    if again is CampaignState.SUBMITTED:
        check_lengths(office, campaign, kept.texts)
    now = office.clock.now()
    async with sql.transaction():
        changed = await Campaign.filter(id=campaign.id, version=version, state=state).update(
            **_columns(kept), state=again, version=version + 1, updated_at=now
        )
        if not changed:
            raise Conflict("campaign.changed_meanwhile")
        await Schedule.filter(campaign_id=campaign.id).update(**_schedule(office, kept))
        await CampaignText.filter(campaign_id=campaign.id).delete()
        await _write_texts(campaign.id, kept.texts)
        campaign = await Campaign.get(id=campaign.id)
        await record_act(office, campaign, actor.person_id, "change")
    log.info("campaign changed", campaign_id=campaign.id, version=campaign.version, person_id=actor.person_id)
    return campaign


async def record_act(office: Office, campaign: Campaign, person_id: int | None, act: str) -> None:
    """Write who did what to a campaign, in which version; nobody is the system."""
    await CampaignAct.create(
        campaign_id=campaign.id, person_id=person_id, act=act, version=campaign.version, at=office.clock.now()
    )


def _columns(draft: Draft) -> dict[str, Any]:
    return {
        "title": draft.title,
        "occasion": draft.occasion,
        "category": draft.category,
        "template": draft.template,
        "ack": draft.ack,
        "audience": draft.audience.to_row(),
    }


def _schedule(office: Office, draft: Draft) -> dict[str, Any]:
    return {
        "rule": to_rule(draft.when),
        "timezone": str(office.zone),
        "next_due_at": due_of(office, draft.when).moment,
        "grace_minutes": draft.grace_minutes,
        "when_missed": draft.when_missed,
    }


async def _write_texts(campaign_id: int, texts: Mapping[str, str]) -> None:
    for lang, text in texts.items():
        await CampaignText.create(campaign_id=campaign_id, lang=lang, text=text)


def festival_key(office: Office, occasion: str) -> str | None:
    """Return the key of the festival that an occasion of a template names, None where it names none."""
    for key, festival in festivals_of(office).by_key.items():
        if occasion in {key, *festival.names.values()}:
            return key
    return None
