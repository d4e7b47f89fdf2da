"""The cast of the reminder's story, and a provider that takes what is queued."""

from datetime import datetime

from campaigns import approving, drafting, running
from campaigns.drafting import Draft
from campaigns.running import step
from campaigns.scheduling import BeforeFestival
from core.clock import HandClock
from core.office import Office
from core.text import LANGUAGES
from models.address import Address
from models.campaign import Campaign, Run
from models.org import Person
from models.outgoing import Message
from tests.people.sample import actor

EDITOR, APPROVER, SYSADMIN = 9021012, 9021013, 9021014
MORNING = datetime.fromisoformat("2026-09-18T09:00:00+08:00")


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}:00+08:00")


def mid_autumn(**changes: object) -> Draft:
    when = BeforeFestival("zhongqiu", 3, datetime.strptime("09:00", "%H:%M").time())
    draft = drafting.draft_from("RM-ZQ-01", lang="zh-Hans", when=when)
    return Draft(**({name: getattr(draft, name) for name in draft.__slots__} | changes))


def free(text: str = "请核对名单。", **changes: object) -> Draft:
    return Draft(**({"title": "核对", "texts": dict.fromkeys(LANGUAGES, text), "category": "education"} | changes))


async def mark_received(campaign: Campaign) -> None:
    """The provider took the test message of the author and says so."""
    await Message.filter(category="test").update(state="delivered", accepted_at=campaign.updated_at)


async def approved(office: Office, draft: Draft) -> Campaign:
    """A campaign that has gone all the way to its approval."""
    from campaigns.trying import do_test

    editor = await actor(office, EDITOR)
    campaign = await drafting.do_create(office, editor, draft)
    await do_test(office, editor, campaign.public_id)
    await mark_received(campaign)
    await approving.do_submit(office, editor, campaign.public_id, 1)
    return await approving.do_approve(office, await actor(office, APPROVER), campaign.public_id, 1)


async def started(office: Office, draft: Draft) -> tuple[Campaign, Run]:
    """A campaign whose run is filled; its moment is its approval."""
    campaign = await approved(office, draft)
    await step(office)
    return await Campaign.get(id=campaign.id), await Run.get(campaign_id=campaign.id)


async def provider_takes(office: Office, run: Run, state: str = "accepted") -> None:
    """Everything queued of a run is handed over; SMS are delivered."""
    now = office.clock.now()
    queued = Message.filter(run_id=run.id, state="queued")
    await queued.filter(channel="sms").update(state="delivered" if state == "accepted" else state, accepted_at=now)
    await queued.filter(channel="telegram").update(state=state, accepted_at=now)


async def message_of(run: Run, staff_no: int) -> Message:
    person = await Person.get(staff_no=str(staff_no))
    return await Message.get(run_id=run.id, person_id=person.id)


async def address_of(staff_no: int, channel: str = "sms") -> int:
    person = await Person.get(staff_no=str(staff_no))
    return (await Address.get(person_id=person.id, channel=channel)).id


async def due(office: Office, clock: HandClock, moment: datetime, campaign: Campaign) -> Run:
    """Go to a moment, let the pump look twice, return the run."""
    clock.move_to(moment)
    while await running.step(office):
        pass
    return await Run.get(campaign_id=campaign.id)
