"""Due moments become runs, runs are filled, and finished when nothing of them is open.

Each step is safe to repeat and to run in several processes: a run is unique by schedule, due moment and round, it is
filled slice by slice of its persons, each slice once. `step` is what a pump calls.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog

from campaigns.audience import Audience, scope_of, spoken_texts, texts_of
from campaigns.drafting import record_act
from core import failpoints
from core.errors import Conflict, NotThere
from core.office import Office
from core.segments import count
from core.text import LANGUAGES
from messaging.channel import Button
from messaging.consent import needs_consent
from messaging.outbox import PRIORITIES, buttons_json
from models import fill_queries, run_queries, sql, wake
from models.campaign import Campaign, Run, RunText, Schedule
from models.fields import new_public_id
from models.fill_queries import Filling
from models.states import CampaignState, RunState
from people.access import Actor, check_may

SLICE: Final = 20
PERSONS: Final = 5_000
"""How many persons are filled in one transaction: a webhook on the same file waits no longer than for these."""
LEAVES_WITHIN: Final = timedelta(hours=48)
"""A reminder that could not leave for two days is not sent any more."""

log = structlog.get_logger()


async def step(office: Office) -> int:
    """Make due runs, fill them, cancel and finish what is to be; return how many of these were handled."""
    return await tick(office) + await fill_step(office) + await cancel_step(office) + await finish_step(office)


async def next_due() -> datetime | None:
    """Return when the next approved campaign falls due, for the clock of the process."""
    return await run_queries.next_due()


async def tick(office: Office) -> int:
    """Make a run of every due moment that has come; return how many."""
    made = 0
    for row in await run_queries.due_schedules(office.clock.now(), SLICE):
        async with sql.transaction():
            made += await _make_due(office, row["schedule_id"])
    return made


async def _make_due(office: Office, schedule_id: int) -> int:
    """Turn a due moment into a run with frozen texts and the campaign into an active one; 0 when somebody else did."""
    schedule = await Schedule.get(id=schedule_id)
    due_at, now = schedule.next_due_at, office.clock.now()
    taken = await Schedule.filter(id=schedule_id, next_due_at=due_at).update(next_due_at=None)
    moved = Campaign.filter(id=schedule.campaign_id, state=CampaignState.APPROVED)
    if due_at is None or not taken or not await moved.update(state=CampaignState.ACTIVE, updated_at=now):
        return 0
    campaign = await Campaign.get(id=schedule.campaign_id)
    late = now - due_at > timedelta(minutes=schedule.grace_minutes)
    state = _state_when_late(schedule.when_missed) if late else RunState.DUE
    run_id = await make_run(campaign, schedule.id, due_at, 1, state)
    if run_id is None:
        return 0
    await freeze(run_id, spoken_texts(office, campaign, await texts_of(campaign.id)))
    await record_act(office, campaign, None, "missed" if late and state is not RunState.DUE else "start")
    log.info("run made", run_id=run_id, campaign_id=campaign.id, state=str(state), late=late)
    return 1


def _state_when_late(when_missed: str) -> RunState:
    return {"send": RunState.DUE, "skip": RunState.CANCELLED}.get(when_missed, RunState.MISSED)


async def make_run(campaign: Campaign, schedule_id: int, due_at: datetime, number: int, state: RunState) -> int | None:
    """Insert a round of a due moment; None where it exists already. In the caller's transaction."""
    return await run_queries.make_run(
        (
            new_public_id(),
            campaign.id,
            schedule_id,
            due_at,
            number,
            str(state),
            campaign.category,
            campaign.ack,
            campaign.audience,
        )
    )


async def freeze(run_id: int, texts: Mapping[str, str]) -> None:
    """Keep what a run says in each language, as it is said, with its segments."""
    rows = [RunText(run_id=run_id, lang=lang, text=texts[lang], segments=count(texts[lang]).segments) for lang in texts]
    await RunText.bulk_create(rows)


async def do_decide_missed(office: Office, actor: Actor, run_public_id: str, *, send: bool) -> None:
    """Decide on a run that was missed: send it now, or leave it. Raises NotThere, NotAllowed, Conflict."""
    check_may(actor, "campaign.approve")
    run = await find_run(run_public_id)
    to = RunState.DUE if send else RunState.CANCELLED
    async with sql.transaction():
        moved = await Run.filter(id=run.id, state=RunState.MISSED).update(
            state=to, finished_at=None if send else office.clock.now()
        )
        if not moved:
            raise Conflict("campaign.not_missed")
        campaign = await Campaign.get(id=run.campaign_id)
        await record_act(office, campaign, actor.person_id, "send_missed" if send else "skip_missed")
        await wake.tell("runs")
    office.wakes.runs.set()


async def find_run(public_id: str) -> Run:
    """Return a run by its public id. Raises NotThere."""
    run = await Run.get_or_none(public_id=public_id)
    if run is None:
        raise NotThere
    return run


async def fill_step(office: Office) -> int:
    """Fill one slice of each run that is to be filled; return how many slices. In between others get their turn."""
    waiting = Run.filter(state__in=[RunState.DUE, RunState.FILLING], campaign__state=CampaignState.ACTIVE)
    return sum([await _fill(office, run) for run in await waiting.order_by("id").limit(SLICE)])


async def _fill(office: Office, run: Run) -> int:
    """Turn a slice of a run into message rows and open questions in one transaction: all of it, or nothing.

    The person up to whom it is filled is kept in the same transaction, so that it goes on there whatever happens. A
    run is sent when it is filled altogether.
    """
    filling = await _filling(office, run)
    async with sql.transaction():
        filled_to = await fill_queries.hold_for_filling(run.id)
        if filled_to is None:
            return 0
        within = await fill_queries.next_slice(filling, filled_to, PERSONS)
        before = await fill_queries.last_message_id() if run.ack else 0
        await fill_queries.fill(filling, within)
        failpoints.hit("fill.before_commit")
        if run.ack:
            until = office.limits.get("campaign.ack_due").span.end(office.calendar, filling.now, office.zone).moment
            await fill_queries.ask_for_acknowledgement(filling, before, until + LEAVES_WITHIN)
        await fill_queries.move_on(run.id, within, filling.now)
        if within.to is None:
            await wake.tell("outbox")
    if within.to is None:
        _filled(office, run)
    else:
        failpoints.hit("fill.between")
    return 1


def _filled(office: Office, run: Run) -> None:
    failpoints.hit("fill.after_commit")
    log.info("run filled", run_id=run.id)
    office.wakes.outbox.set()


async def _filling(office: Office, run: Run) -> Filling:
    now = office.clock.now()
    first = (await first_round(run)).id
    return Filling(
        run_id=run.id,
        round=run.round,
        category=run.category,
        priority=PRIORITIES[run.category],
        asks_consent=run.category if needs_consent(run.category) else None,
        scope=await scope_of(Audience.from_row(run.audience)),
        chase_of=None if run.round == 1 else first,
        now=now,
        expires_at=now + LEAVES_WITHIN,
        buttons=[(lang, _ack_button(office, lang, first)) for lang in LANGUAGES] if run.ack else [],
    )


def _ack_button(office: Office, lang: str, run_id: int) -> str:
    label = office.texts.say("campaign.ack_button", lang)
    return buttons_json(((Button(label, f"ack:{run_id}"),),)) or ""


async def first_round(run: Run) -> Run:
    """Return the first round of a run's due moment: acknowledgements are kept there."""
    return run if run.round == 1 else await Run.get(schedule_id=run.schedule_id, due_at=run.due_at, round=1)


async def cancel_step(office: Office) -> int:
    """Cancel a slice of what is still queued of cancelled runs; return how many messages."""
    now = office.clock.now()
    return await run_queries.cancel_rest(now - LEAVES_WITHIN, PERSONS, now)


async def finish_step(office: Office) -> int:
    """Finish runs with nothing left to say, and campaigns with nothing left to wait for; return how many."""
    finished = await run_queries.finish_runs(SLICE, office.clock.now())
    for campaign_id in await run_queries.campaigns_run_out():
        finished += await _finish_campaign(office, campaign_id)
    return finished


async def _finish_campaign(office: Office, campaign_id: int) -> int:
    """Finish a campaign whose runs are all over, unless somebody who was reached may still acknowledge in time."""
    runs = await Run.filter(campaign_id=campaign_id, state=RunState.FINISHED, ack=True, round=1)
    in_time = [run for run in runs if await ack_due(office, run) > office.clock.now()]
    if in_time and await run_queries.anybody_waiting(campaign_id):
        return 0
    async with sql.transaction():
        moved = await run_queries.finish_campaign(campaign_id, office.clock.now())
        if moved:
            await record_act(office, await Campaign.get(id=campaign_id), None, "finish")
    return int(moved)


async def ack_due(office: Office, run: Run) -> datetime:
    """Return until when the persons of a run should have acknowledged it, counted from the end of its first round."""
    run = await first_round(run)
    start = run.finished_at or run.filled_at or run.due_at
    return office.limits.get("campaign.ack_due").span.end(office.calendar, start, office.zone).moment
