"""One second round: those whom the first one reached and who have not acknowledged it are asked once more."""

from typing import Final

from campaigns.drafting import record_act
from campaigns.running import find_run, freeze, make_run
from core.errors import Conflict
from core.office import Office
from core.text import LANGUAGES
from core.texts import sign
from models import audience_queries, sql, wake
from models.campaign import Campaign, Run
from models.states import CampaignState, RunState
from people.access import Actor, check_may

ROUND: Final = 2
TEXT_KEY: Final = "T-ACK-REMIND"


async def do_chase(office: Office, actor: Actor | None, run_public_id: str) -> int:
    """Make the second round of a finished run; return how many it will be said to. Nobody as actor is the system.

    Raises NotThere, NotAllowed, Conflict when there was one already, nothing is to be acknowledged, the first round is
    not finished, or nobody is left to be asked.
    """
    if actor is not None:
        check_may(actor, "campaign.write")
    run = await find_run(run_public_id)
    campaign = await Campaign.get(id=run.campaign_id)
    if not run.ack or run.round != 1 or run.state != RunState.FINISHED or campaign.state != CampaignState.ACTIVE:
        raise Conflict("campaign.no_chase")
    waiting = await audience_queries.people_to_chase(run.id)
    if waiting == 0:
        raise Conflict("campaign.nobody_waits")
    async with sql.transaction():
        run_id = await make_run(campaign, run.schedule_id, run.due_at, ROUND, RunState.DUE)
        if run_id is None:
            raise Conflict("campaign.chased_already")
        said: dict[str, str] = {
            lang: sign(office.texts.say(TEXT_KEY, lang, n=1), lang, office.signature) for lang in LANGUAGES
        }
        await freeze(run_id, said)
        await record_act(office, campaign, actor.person_id if actor else None, "chase")
        await wake.tell("runs")
    office.wakes.runs.set()
    return waiting


async def chase_of(run: Run) -> Run | None:
    """Return the second round of a run, None where there was none."""
    return await Run.get_or_none(schedule_id=run.schedule_id, due_at=run.due_at, round=ROUND)
