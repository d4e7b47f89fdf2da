"""The way of a campaign from draft to its end: each step is one act, by whom stands in `campaign_act`.

Moves are compare-and-set on state and version, so that of two people who act at once one is told so.
"""

from datetime import timedelta

import structlog

from campaigns.audience import texts_of
from campaigns.drafting import check_lengths, find_campaign, record_act
from campaigns.scheduling import OnApproval, due_of, from_rule
from campaigns.trying import close_tests, is_tested
from core.errors import Conflict, NotAllowed, Refused
from core.office import Office
from models import run_queries, sql, wake
from models.campaign import Campaign, CampaignAct, Run, Schedule
from models.states import CAMPAIGN_MOVES, CampaignState, RunState, check_move
from people.access import Actor, check_may, may

C = CampaignState
WRITING = ("create", "change", "submit")
CANCELLED_AT_ONCE = 5_000
"""How many messages a cancel takes out of the queue itself; the runs' pump takes the rest, slice by slice."""

log = structlog.get_logger()


async def acts_open(actor: Actor, campaign: Campaign) -> tuple[str, ...]:
    """Return the acts that this person may do on a campaign now, for the buttons of its page."""
    state = CampaignState(campaign.state)
    wrote = await _wrote(campaign, actor.person_id)
    found: list[str] = []
    if may(actor, "campaign.write"):
        found += {
            C.DRAFT: ["change", "test", "submit"],
            C.SUBMITTED: ["change", "test"],
            C.APPROVED: ["change"],
            C.ACTIVE: ["finish"],
        }.get(state, [])
    if may(actor, "campaign.approve") and state is C.SUBMITTED:
        found += ["send_back"] if wrote else ["approve", "send_back"]
    if may(actor, "campaign.stop"):
        found += {C.ACTIVE: ["pause"], C.PAUSED: ["resume"]}.get(state, [])
        found += ["cancel"] if C.CANCELLED in CAMPAIGN_MOVES[state] else []
    return tuple(found)


async def do_submit(office: Office, actor: Actor, public_id: str, version: int) -> Campaign:
    """Send a draft to the approver.

    Raises NotThere, NotAllowed, Refused (too long, its moment is past), Conflict;
    Refused("campaign.test_first") unless a test message of this version was received.
    """
    check_may(actor, "campaign.write")
    campaign = await find_campaign(public_id)
    check_move(CAMPAIGN_MOVES, CampaignState(campaign.state), C.SUBMITTED)
    if campaign.state != C.DRAFT:
        raise Conflict("campaign.not_changeable")
    check_lengths(office, campaign, await texts_of(campaign.id))
    schedule = await Schedule.get(campaign_id=campaign.id)
    due_of(office, from_rule(schedule.rule))
    if not await is_tested(campaign):
        raise Refused("campaign.test_first")
    async with sql.transaction():
        await close_tests(office, campaign)
        return await _move(office, actor, campaign, C.SUBMITTED, "submit", version, tested_version=campaign.version)


async def do_approve(office: Office, actor: Actor, public_id: str, version: int) -> Campaign:
    """Approve what was submitted; from now on it runs at its moment.

    Raises NotAllowed("campaign.own_approval") for anyone who wrote, changed or submitted it; Refused when its moment is
    past by more than its grace, with the next possible date; Conflict when it changed meanwhile.
    """
    campaign = await find_campaign(public_id)
    if await _wrote(campaign, actor.person_id):
        raise NotAllowed("campaign.own_approval")
    check_may(actor, "campaign.approve")
    schedule = await Schedule.get(campaign_id=campaign.id)
    when = from_rule(schedule.rule)
    due = due_of(office, when, grace=timedelta(minutes=schedule.grace_minutes)).moment
    async with sql.transaction():
        moved = await _move(office, actor, campaign, C.APPROVED, "approve", version)
        moment = office.clock.now() if isinstance(when, OnApproval) else due
        await Schedule.filter(id=schedule.id).update(next_due_at=moment)
        await wake.tell("runs")
    office.wakes.runs.set()
    return moved


async def do_send_back(office: Office, actor: Actor, public_id: str, version: int) -> Campaign:
    """Give what was submitted back to its author as a draft. Raises NotThere, NotAllowed, Conflict."""
    check_may(actor, "campaign.approve")
    campaign = await find_campaign(public_id)
    if campaign.state != C.SUBMITTED:
        raise Conflict("campaign.not_submitted")
    return await _move(office, actor, campaign, C.DRAFT, "send_back", version)


async def do_cancel(office: Office, actor: Actor, public_id: str) -> Campaign:
    """End a campaign; what has not begun to leave stays here. Raises NotThere, NotAllowed, Conflict."""
    check_may(actor, "campaign.stop")
    campaign = await find_campaign(public_id)
    ends = [RunState.DUE, RunState.MISSED, RunState.FILLING, RunState.SENDING, RunState.PAUSED]
    async with sql.transaction():
        campaign = await _move(office, actor, campaign, C.CANCELLED, "cancel")
        await Schedule.filter(campaign_id=campaign.id).update(next_due_at=None)
        runs = [run.id for run in await Run.filter(campaign_id=campaign.id, state__in=ends)]
        await Run.filter(id__in=runs).update(state=RunState.CANCELLED, finished_at=office.clock.now())
        await run_queries.cancel_queued(runs, CANCELLED_AT_ONCE, office.clock.now())
        await wake.tell("runs")
        await run_queries.close_questions(campaign.id, office.clock.now())
    office.wakes.runs.set()
    return campaign


async def do_pause(office: Office, actor: Actor, public_id: str) -> Campaign:
    """Hold a running campaign; what is in flight still leaves. Raises NotThere, NotAllowed, Conflict."""
    check_may(actor, "campaign.stop")
    campaign = await find_campaign(public_id)
    async with sql.transaction():
        campaign = await _move(office, actor, campaign, C.PAUSED, "pause")
        await Run.filter(campaign_id=campaign.id, state=RunState.SENDING).update(state=RunState.PAUSED)
    return campaign


async def do_resume(office: Office, actor: Actor, public_id: str) -> Campaign:
    """Go on with a paused campaign. Raises NotThere, NotAllowed, Conflict."""
    check_may(actor, "campaign.stop")
    campaign = await find_campaign(public_id)
    check_move(CAMPAIGN_MOVES, CampaignState(campaign.state), C.ACTIVE)
    if campaign.state != C.PAUSED:
        raise Conflict("campaign.not_paused")
    async with sql.transaction():
        campaign = await _move(office, actor, campaign, C.ACTIVE, "resume")
        await Run.filter(campaign_id=campaign.id, state=RunState.PAUSED).update(state=RunState.SENDING)
        await wake.tell("outbox")
        await wake.tell("runs")
    office.wakes.outbox.set()
    office.wakes.runs.set()
    return campaign


async def do_finish(office: Office, actor: Actor, public_id: str) -> Campaign:
    """End a campaign before its time for acknowledging is over.

    Raises NotThere, NotAllowed, Conflict while something is still to be sent.
    """
    check_may(actor, "campaign.write")
    campaign = await find_campaign(public_id)
    still = [RunState.DUE, RunState.FILLING, RunState.SENDING, RunState.PAUSED, RunState.MISSED]
    async with sql.transaction():
        moved = await _move(office, actor, campaign, C.FINISHED, "finish")
        if await Run.filter(campaign_id=campaign.id, state__in=still).exists():
            raise Conflict("campaign.still_sending")
        await run_queries.close_questions(campaign.id, office.clock.now())
    return moved


async def _move(
    office: Office,
    actor: Actor,
    campaign: Campaign,
    to: CampaignState,
    act: str,
    version: int | None = None,
    **also: object,
) -> Campaign:
    """Make one allowed move by compare-and-set and write the act, in one transaction."""
    check_move(CAMPAIGN_MOVES, CampaignState(campaign.state), to)
    seen = campaign.version if version is None else version
    async with sql.transaction():
        moved = await Campaign.filter(id=campaign.id, state=campaign.state, version=seen).update(
            state=to, updated_at=office.clock.now(), **also
        )
        if not moved:
            raise Conflict("campaign.changed_meanwhile")
        fresh = await Campaign.get(id=campaign.id)
        await record_act(office, fresh, actor.person_id, act)
    log.info("campaign moved", campaign_id=campaign.id, act=act, state=str(to), person_id=actor.person_id)
    return fresh


async def _wrote(campaign: Campaign, person_id: int) -> bool:
    wrote = CampaignAct.filter(campaign_id=campaign.id, person_id=person_id, act__in=WRITING)
    return campaign.author_id == person_id or await wrote.exists()
