"""Sending unknown messages again by hand: only those, flagged, with who did it; their run sends again."""

from datetime import timedelta

import pytest

from campaigns import drafting, running
from core.clock import HandClock
from core.errors import Conflict, NotThere
from core.office import Office
from messaging.resending import do_resend, do_resend_all
from models import resending_queries
from models.campaign import Campaign, Run, Schedule
from models.org import Person
from models.outgoing import Message
from models.sending import SendingAct
from models.states import CampaignState, RunState
from tests.campaigns.story import free
from tests.messaging.test_incidents import lane, message, tried
from tests.people.sample import actor, load_sample

pytestmark = pytest.mark.usefixtures("db")


async def unknown(office: Office, key: str, **more: object) -> Message:
    """A message by SMS of which nobody knows whether it went out."""
    made = await message(office, key)
    await Message.filter(id=made.id).update(state="unknown", **more)
    return made


async def boss(office: Office) -> int:
    return (await Person.create(staff_no="1", name=office.key.encrypt("某人"))).id


async def test_an_unknown_message_is_queued_and_flagged(office: Office) -> None:
    one, who = await unknown(office, "a"), await boss(office)
    await do_resend(office, who, one.id)
    again = await Message.get(id=one.id)
    assert (again.state, again.possible_duplicate, again.queued_at) == ("queued", True, one.queued_at)
    act = await SendingAct.get()
    assert (act.act, act.person_id, act.message_id) == ("resend", who, one.id)
    assert office.wakes.outbox


async def test_what_is_refused(office: Office, clock: HandClock) -> None:
    who = await boss(office)
    settled, late = await message(office, "a"), await unknown(office, "b", expires_at=clock.now())
    for message_id, key in ((settled.id, "resend.settled"), (late.id, "resend.too_late")):
        with pytest.raises(Conflict) as refused:
            await do_resend(office, who, message_id)
        assert refused.value.key == key
    with pytest.raises(NotThere):
        await do_resend(office, who, 999_999)
    assert not await Message.filter(possible_duplicate=True).exists()
    assert not await SendingAct.exists()


async def test_twice_pressed_is_once_done(office: Office) -> None:
    one, who = await unknown(office, "a"), await boss(office)
    await do_resend(office, who, one.id)
    with pytest.raises(Conflict):
        await do_resend(office, who, one.id)
    assert await SendingAct.all().count() == 1


async def test_all_that_belong_to_no_run(office: Office, clock: HandClock) -> None:
    who = await boss(office)
    for key in "abc":
        await unknown(office, key)
    await unknown(office, "late", expires_at=clock.now())
    with pytest.raises(Conflict) as refused:
        await do_resend_all(office, who, None, 4)
    assert refused.value.values == {"n": 3}
    assert not await Message.filter(possible_duplicate=True).exists()
    await do_resend_all(office, who, None, 3)
    assert await Message.filter(state="queued", possible_duplicate=True).count() == 3
    assert await SendingAct.filter(act="resend").count() == 3
    assert await Message.filter(state="unknown").count() == 1


async def sent_run(office: Office) -> tuple[Campaign, Run]:
    """A finished run of two, the outcome of one of which nobody knows."""
    await load_sample(office)
    campaign = await drafting.do_create(office, await actor(office, 9021012), free("hello"))
    await Campaign.filter(id=campaign.id).update(state=CampaignState.APPROVED)
    await Schedule.filter(campaign_id=campaign.id).update(next_due_at=office.clock.now())
    for _ in range(3):
        await running.tick(office)
        await running.fill_step(office)
    run = await Run.get()
    first = await Message.filter(run_id=run.id, state="queued").first()
    assert first is not None
    await Message.filter(run_id=run.id, state="queued").update(state="delivered")
    await Message.filter(id=first.id).update(state="unknown")
    while await running.finish_step(office):
        pass
    run = await Run.get()
    assert run.state == RunState.FINISHED
    return campaign, run


async def test_a_finished_run_sends_again(office: Office) -> None:
    who = await boss(office)
    _, run = await sent_run(office)
    groups = await resending_queries.groups(office.clock.now())
    assert [(row["run"], row["many"], row["expired"]) for row in groups] == [(run.public_id, 1, 0)]
    await do_resend_all(office, who, run.id, 1)
    assert (await Run.get()).state == RunState.SENDING
    assert await Message.filter(run_id=run.id, state="queued", possible_duplicate=True).count() == 1


async def test_a_cancelled_campaign_sends_nothing_again(office: Office) -> None:
    who = await boss(office)
    campaign, run = await sent_run(office)
    await Campaign.filter(id=campaign.id).update(state=CampaignState.CANCELLED)
    await Run.all().update(state=RunState.CANCELLED)
    one = await Message.get(state="unknown")
    for call in (do_resend(office, who, one.id), do_resend_all(office, who, run.id, 1)):
        with pytest.raises(Conflict) as refused:
            await call
        assert refused.value.key == "resend.run_over"
    assert (await Message.get(id=one.id)).state == "unknown"


async def test_what_the_list_shows(office: Office, clock: HandClock) -> None:
    on, one = await lane(office), await unknown(office, "a")
    attempt = await tried(office, on, one, "unknown", "TimeoutError")
    clock.advance(timedelta(hours=1))
    rows = await resending_queries.listed(None, 50, 0)
    assert [(row["id"], row["code"], row["asks"], row["lane"], row["total"]) for row in rows] == [
        (one.id, "TimeoutError", attempt.asks, "sms", 1)
    ]
    assert await resending_queries.listed(1, 50, 0) == []
