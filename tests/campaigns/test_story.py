"""S01: the Mid-Autumn reminder from draft to acknowledgement, on the sample organisation."""

import pytest

from campaigns import approving, drafting, running
from campaigns.answering import acknowledge
from campaigns.audience import preview, readers
from campaigns.chasing import do_chase
from campaigns.results import books_of, counts, results
from campaigns.trying import do_test
from core.clock import HandClock
from core.errors import NotAllowed, Refused
from core.office import Office
from models.campaign import Campaign, CampaignAct, Run, RunText
from models.inbound import OpenQuestion
from models.org import Person
from models.outgoing import Message
from tests.campaigns.story import (
    APPROVER,
    EDITOR,
    MORNING,
    address_of,
    at,
    due,
    message_of,
    mid_autumn,
    provider_takes,
)
from tests.people.sample import actor, load_sample


async def _acknowledge(office: Office, run: Run, channel: str, many: int, but: set[int]) -> int:
    """So many who were asked over a channel acknowledge, those of `but` not among them."""
    done = 0
    for message in await Message.filter(run_id=run.id, channel=channel, state__in=["accepted", "delivered"]):
        person = await Person.get(id=message.person_id)
        if done < many and int(person.staff_no or 0) not in but and message.address_id is not None:
            first = await Run.get(campaign_id=run.campaign_id, round=1)
            fresh = await OpenQuestion.filter(address_id=message.address_id, kind="ack", closed_at=None).exists()
            if fresh:
                pressed = first.id if channel == "telegram" else None
                assert await acknowledge(office, message.address_id, pressed, channel) == "T-ACK-OK"
                done += 1
    return done


async def test_from_draft_to_acknowledgement(db: str, office: Office, clock: HandClock) -> None:
    clock.move_to(MORNING)
    await load_sample(office)
    editor, approver = await actor(office, EDITOR), await actor(office, APPROVER)

    # 1: draft, with the exact audience
    campaign = await drafting.do_create(office, editor, mid_autumn())
    assert campaign.state == "draft"
    seen = await preview(office, campaign)
    assert seen.planned == 39
    assert (seen.to_send, seen.skipped, seen.on_leave) == (37, 2, 1)
    assert [(one.staff_no, one.reason) for one in await readers(campaign, "on_leave", 0, 9)] == [
        ("9021034", "on_leave")
    ]
    assert [(one.staff_no, one.reason) for one in await readers(campaign, "skipped", 0, 9)] == [
        ("9021031", "opted_out"),
        ("9021040", "no_address"),
    ]
    assert (seen.channel("sms"), seen.segments, seen.channel("telegram")) == (9, 9, 28)
    assert {saying.lang: (saying.segments, saying.sms) for saying in seen.sayings} == {
        "zh-Hans": (1, 8),
        "zh-Hant": (1, 1),
        "en": (1, 0),
    }

    # 2, 3: a test message to oneself first
    with pytest.raises(Refused) as refused:
        await approving.do_submit(office, editor, campaign.public_id, 1)
    assert refused.value.key == "campaign.test_first"
    assert await do_test(office, editor, campaign.public_id) == "telegram"
    test = await Message.get(category="test")
    assert office.key.decrypt(test.body or b"").startswith("【星澜海关】月饼可以甜")
    await Message.filter(id=test.id).update(state="sending")
    assert await acknowledge(office, await address_of(EDITOR, "telegram"), None, "telegram") == "T-ACK-OK"
    assert (await approving.do_submit(office, editor, campaign.public_id, 1)).state == "submitted"

    # 4, 5: nobody approves his own
    with pytest.raises(NotAllowed) as own:
        await approving.do_approve(office, editor, campaign.public_id, 1)
    assert own.value.key == "campaign.own_approval"
    clock.move_to(at("09-18T11:00"))
    assert (await approving.do_approve(office, approver, campaign.public_id, 1)).state == "approved"

    # 6, 7: changed after approval, approved again
    draft = mid_autumn(
        texts=mid_autumn().texts | {"zh-Hans": "月饼可以甜，人情不能欠。中秋前后收到券、卡、礼盒，请拒收或三日内报告。"}
    )
    changed = await drafting.do_change(office, editor, campaign.public_id, draft, 1)
    assert (changed.state, changed.version) == ("submitted", 2)
    clock.move_to(at("09-21T21:30"))
    assert await running.step(office) == 0
    assert (await approving.do_approve(office, approver, campaign.public_id, 2)).state == "approved"
    assert await running.next_due() == at("09-22T09:00")
    assert await running.step(office) == 0

    # 8: sent in its first round
    run = await due(office, clock, at("09-22T09:00"), campaign)
    assert (run.state, (await Campaign.get(id=campaign.id)).state) == ("sending", "active")
    assert (await counts(office, run)).open == 37
    assert "报告" in (await RunText.get(run_id=run.id, lang="zh-Hans")).text
    assert not await Message.filter(run_id=run.id, person=await Person.get(staff_no="9021034")).exists()
    button = (await message_of(run, 9021030)).buttons
    assert button == [[{"data": f"ack:{run.id}", "label": "Received"}]]
    assert (await message_of(run, 9021033)).lang == "zh-Hant"
    assert (await message_of(run, 9021033)).buttons is None

    # 9: one fails, one is never heard of
    await provider_takes(office, run)
    await Message.filter(id=(await message_of(run, 9021003)).id).update(state="undelivered")
    await Message.filter(id=(await message_of(run, 9021038)).id).update(state="sent")
    await running.step(office)
    run = await Run.get(id=run.id)
    now = await counts(office, run)
    assert (run.state, now.failed, now.delivered, now.unconfirmed, now.submitted) == ("finished", 1, 35, 1, 37)
    assert (now.suppressed, now.no_address, now.audience, now.segments) == (1, 1, 39, 9)
    assert (await books_of(run)).balance

    # 10 to 15: acknowledged by word and by button
    for staff_no in (9021022, 9021033):
        assert await acknowledge(office, await address_of(staff_no), None, "sms") == "T-ACK-OK"
    assert await acknowledge(office, await address_of(9021031), None, "sms") == "T-ACK-NONE"
    assert await acknowledge(office, await address_of(9021022), None, "sms") == "T-ACK-NONE"
    assert await _acknowledge(office, run, "telegram", 20, set()) == 20
    assert (await counts(office, run)).acked == 22
    clock.move_to(at("09-23T08:10"))
    assert await acknowledge(office, await address_of(9021038), None, "sms") == "T-ACK-OK"
    now = await counts(office, run)
    assert (now.acked, now.delivered, now.unconfirmed) == (23, 36, 0)
    waiting = await results(office, run, "zh-Hans", only="waiting")
    assert len(waiting) == 13
    assert {one.word_keys for one in waiting} == {("word.message.delivered",)}

    # 16: the second round
    clock.move_to(at("09-23T09:00"))
    assert await do_chase(office, editor, run.public_id) == 13
    await running.step(office)
    second = await Run.get(campaign_id=campaign.id, round=2)
    rows = await Message.filter(run_id=second.id)
    assert (len(rows), sum(1 for row in rows if row.channel == "sms")) == (13, 5)
    assert (await RunText.get(run_id=second.id, lang="zh-Hans")).text.startswith("【星澜海关】您有1条提醒未回执")
    with pytest.raises(Refused, match=r"campaign\.no_chase"):
        await do_chase(office, editor, second.public_id)
    with pytest.raises(Refused, match=r"campaign\.chased_already"):
        await do_chase(office, editor, run.public_id)
    await provider_takes(office, second)
    await running.step(office)
    assert await _acknowledge(office, second, "telegram", 6, set()) == 6
    assert await _acknowledge(office, second, "sms", 4, set()) == 4
    clock.move_to(at("09-25T00:00"))
    now = await counts(office, run)
    again = await counts(office, await Run.get(id=second.id))
    assert (now.acked, now.overdue, now.ack_rate, now.segments + again.segments) == (33, 3, "91.67%", 14)
    late = await results(office, run, "zh-Hans", only="waiting")
    assert {one.word_keys for one in late} == {("word.message.delivered", "word.message.ack_overdue")}
    clock.move_to(at("09-28T09:00"))
    await running.step(office)
    assert (await Campaign.get(id=campaign.id)).state == "finished"
    acts = await CampaignAct.filter(campaign_id=campaign.id).order_by("id").values_list("act", flat=True)
    assert list(acts) == ["create", "test", "submit", "approve", "change", "approve", "start", "chase", "finish"]
