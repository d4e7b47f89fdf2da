"""Due moments, lateness, pause and cancel, runs that finish and are reopened, acknowledging."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import pytest

from campaigns import approving, running
from campaigns.answering import acknowledge, is_waiting
from campaigns.results import books_of, counts, results
from campaigns.running import do_decide_missed
from core.clock import HandClock
from core.errors import Conflict
from core.office import Office
from models import run_queries, sql
from models.address import Address
from models.campaign import Campaign, CampaignAct, Run
from models.inbound import OpenQuestion
from models.outgoing import Message
from tests.campaigns.story import (
    APPROVER,
    EDITOR,
    address_of,
    approved,
    at,
    due,
    free,
    message_of,
    mid_autumn,
    provider_takes,
    started,
)
from tests.people.sample import actor, load_sample


async def test_a_due_moment_makes_one_run(db: str, office: Office, clock: HandClock) -> None:
    await load_sample(office)
    clock.move_to(at("09-18T09:00"))
    campaign = await approved(office, mid_autumn())
    run = await due(office, clock, at("09-22T09:00"), campaign)
    assert await running.tick(office) == 0
    values = (run.campaign_id, run.schedule_id, run.due_at, 1, "due", "education", False, {})
    assert await run_queries.make_run(("another", *values)) is None
    assert await Run.all().count() == 1


@pytest.mark.parametrize(("when_missed", "state"), [("send", "sending"), ("skip", "cancelled"), ("ask", "missed")])
async def test_lateness_is_a_decision(db: str, office: Office, clock: HandClock, when_missed: str, state: str) -> None:
    await load_sample(office)
    clock.move_to(at("09-18T09:00"))
    campaign = await approved(office, mid_autumn(when_missed=when_missed, grace_minutes=60))
    run = await due(office, clock, at("09-22T10:01"), campaign)
    assert run.state == state
    if state == "missed":
        approver = await actor(office, APPROVER)
        await do_decide_missed(office, approver, run.public_id, send=True)
        await running.step(office)
        assert (await Run.get(id=run.id)).state == "sending"
        with pytest.raises(Conflict):
            await do_decide_missed(office, approver, run.public_id, send=False)
    if state == "cancelled":
        assert (await Campaign.get(id=campaign.id)).state == "finished"


async def test_within_the_grace_it_is_sent(db: str, office: Office, clock: HandClock) -> None:
    await load_sample(office)
    clock.move_to(at("09-18T09:00"))
    campaign = await approved(office, mid_autumn(grace_minutes=60))
    assert (await due(office, clock, at("09-22T10:00"), campaign)).state == "sending"


async def test_pause_resume_cancel(db: str, office: Office) -> None:
    await load_sample(office)
    campaign, run = await started(office, free())
    editor = await actor(office, EDITOR)
    await approving.do_pause(office, editor, campaign.public_id)
    assert (await Run.get(id=run.id)).state == "paused"
    with pytest.raises(Conflict):
        await approving.do_pause(office, editor, campaign.public_id)
    await approving.do_resume(office, editor, campaign.public_id)
    assert (await Run.get(id=run.id)).state == "sending"
    await Message.filter(id=(await message_of(run, 9021022)).id).update(state="sending")
    with pytest.raises(Conflict):
        await approving.do_finish(office, editor, campaign.public_id)
    await approving.do_cancel(office, editor, campaign.public_id)
    run = await Run.get(id=run.id)
    now = await counts(office, run)
    assert (run.state, now.cancelled, now.open, now.suppressed, now.no_address) == ("cancelled", 36, 1, 1, 1)
    assert (await books_of(run)).balance
    assert {one.word_keys for one in await results(office, run, "zh-Hans", limit=3)} == {
        ("word.message.cancelled", "word.message.because_run_cancelled")
    }


async def test_unknown_does_not_hold_a_run_open(db: str, office: Office) -> None:
    await load_sample(office)
    campaign, run = await started(office, free())
    await provider_takes(office, run)
    await Message.filter(id=(await message_of(run, 9021022)).id).update(state="queued", accepted_at=None)
    await running.step(office)
    assert (await Run.get(id=run.id)).state == "sending"
    await Message.filter(id=(await message_of(run, 9021022)).id).update(state="unknown")
    await running.step(office)
    run = await Run.get(id=run.id)
    now = await counts(office, run)
    assert (run.state, (await Campaign.get(id=campaign.id)).state) == ("finished", "finished")
    assert (now.unknown, now.submitted, now.delivered) == (1, 37, 36)
    problem = await results(office, run, "en", only="problem")
    assert {(one.staff_no, one.word_keys) for one in problem} == {
        ("9021022", ("word.message.unknown",)),
        ("9021031", ("word.message.suppressed", "word.message.because_opted_out")),
        ("9021040", ("word.message.suppressed", "word.message.because_no_address")),
    }
    assert all(office.texts.say(key, "en") for one in problem for key in one.word_keys)


async def _finished_with_an_unknown(office: Office) -> tuple[Campaign, Run, Message, OpenQuestion]:
    """A campaign that is over, though nobody knows what became of one SMS of it."""
    await load_sample(office)
    campaign, run = await started(office, free(ack=True))
    await provider_takes(office, run)
    message = await message_of(run, 9021022)
    await Message.filter(id=message.id).update(state="unknown", accepted_at=None)
    await running.step(office)
    await approving.do_finish(office, await actor(office, EDITOR), campaign.public_id)
    return campaign, run, message, await OpenQuestion.get(message_key=message.dedupe_key)


async def _states(campaign: Campaign, run: Run) -> tuple[str, str]:
    return (await Run.get(id=run.id)).state, (await Campaign.get(id=campaign.id)).state


async def test_what_goes_out_again_reopens_its_run_and_campaign(db: str, office: Office) -> None:
    campaign, run, message, question = await _finished_with_an_unknown(office)
    assert (await _states(campaign, run), question.outcome) == (("finished", "finished"), "expired")
    async with sql.transaction():
        assert await run_queries.reopen(run.id, office.clock.now())
        await Message.filter(id=message.id).update(state="queued")
    assert await _states(campaign, run) == ("sending", "active")
    assert (await Run.get(id=run.id)).finished_at is None
    await running.step(office)
    assert await _states(campaign, run) == ("sending", "active"), "a row of it is open"
    await provider_takes(office, run)
    assert await acknowledge(office, await address_of(9021022), None, "sms") == "T-ACK-OK"
    await running.step(office)
    assert await _states(campaign, run) == ("finished", "active"), "others may still acknowledge"
    acts = await CampaignAct.filter(campaign_id=campaign.id).order_by("-id").values_list("act", flat=True)
    assert list(acts)[:2] == ["reopen", "finish"]
    assert not await run_queries.reopen(0, office.clock.now())


@pytest.mark.parametrize("act", [approving.do_pause, approving.do_cancel])
async def test_what_was_stopped_is_not_reopened(db: str, office: Office, act: Any) -> None:
    await load_sample(office)
    campaign, run = await started(office, free(ack=True))
    await provider_takes(office, run)
    await running.step(office)
    await act(office, await actor(office, EDITOR), campaign.public_id)
    before = await _states(campaign, run)
    assert before[0] == "finished"
    assert not await run_queries.reopen(run.id, office.clock.now())
    assert await _states(campaign, run) == before


async def test_a_finish_and_a_message_put_back_at_once_leave_the_run_open(db: str, office: Office) -> None:
    campaign, run, message, _ = await _finished_with_an_unknown(office)
    await Run.filter(id=run.id).update(state="sending")
    await Campaign.filter(id=campaign.id).update(state="active")

    async def put_back() -> None:
        async with sql.transaction():
            assert await run_queries.reopen(run.id, office.clock.now())
            await asyncio.sleep(0.2)
            await Message.filter(id=message.id).update(state="queued")

    await asyncio.gather(put_back(), _later(running.step(office)))
    assert await _states(campaign, run) == ("sending", "active")


async def _later(what: Coroutine[Any, Any, int]) -> None:
    await asyncio.sleep(0.05)
    await what


async def test_no_report_for_three_days(db: str, office: Office, clock: HandClock) -> None:
    await load_sample(office)
    _, run = await started(office, free())
    await provider_takes(office, run, state="sent")
    clock.advance(timedelta(hours=71))
    shown = {
        one.channel: one.word_keys for one in await results(office, run, "en", limit=100) if len(one.word_keys) == 1
    }
    assert shown == {"sms": ("word.message.sent",), "telegram": ("word.message.delivered",)}
    clock.advance(timedelta(hours=1))
    shown = {
        one.channel: one.word_keys for one in await results(office, run, "en", limit=100) if len(one.word_keys) == 1
    }
    assert shown["sms"] == ("word.message.unconfirmed",)


async def test_the_other_address_is_used_and_a_bad_one_named(db: str, office: Office) -> None:
    await load_sample(office)
    chat = await Address.get(id=await address_of(9021024, "telegram"))
    await Address.filter(id=chat.id).update(bad_at=office.clock.now())
    await Address.filter(id=await address_of(9021023)).update(bad_at=office.clock.now())
    _, run = await started(office, free(category="duty"))
    moved, bad, opted = [await message_of(run, number) for number in (9021024, 9021023, 9021031)]
    assert (moved.channel, moved.state, moved.segments, moved.priority) == ("sms", "queued", 1, 5)
    assert (bad.state, bad.reason) == ("suppressed", "bad_address")
    assert opted.state == "queued"  # duty messages ask for no consent


async def test_acknowledging_once_and_only_what_was_said(db: str, office: Office) -> None:
    await load_sample(office)
    _, run = await started(office, free(ack=True))
    chat, phone = await address_of(9021024, "telegram"), await address_of(9021024)
    assert not await is_waiting(office, chat)
    assert await acknowledge(office, chat, run.id, "telegram") == "T-ACK-NONE"
    await provider_takes(office, run)
    assert await is_waiting(office, chat)
    assert await acknowledge(office, phone, None, "sms") == "T-ACK-NONE"
    for _ in range(2):
        assert await acknowledge(office, chat, run.id, "telegram") == "T-ACK-OK"
    assert await acknowledge(office, chat, run.id + 1, "telegram") == "T-ACK-NONE"
    assert (await counts(office, run)).acked == 1
    editor = await actor(office, EDITOR)
    await running.step(office)
    await approving.do_finish(office, editor, (await Campaign.get(id=run.campaign_id)).public_id)
    late = await address_of(9021021, "telegram")
    assert await acknowledge(office, late, None, "telegram") == "T-ACK-NONE"
    assert await acknowledge(office, late, run.id, "telegram") == "T-ACK-OK"
    assert (await counts(office, run)).acked == 2
    shown = await results(office, run, "en", only="acked")
    assert [(one.name, one.unit, one.word_keys) for one in shown] == [
        ("Chu Yanqiu", "Inspection Section 1", ("word.message.acked",)),
        ("Lu Mingye", "Inspection Section 2", ("word.message.acked",)),
    ]
